import Domain

/// Chooses what clients do, from what there is to do it with.
struct Workload {
  var names: [String]
  let vocabulary: Vocabulary
  /// Whether the clock may matter: stories, closing polls, scheduled posts.
  let usesClock: Bool
  private(set) var marks = 0
  /// For scheduling; set before each call.
  var now: Int64 = 0
  /// How much more of each kind of write there is than in an even mixture; drawn for each seed, so
  /// that some have many deletions, some many blocks, some hardly anything but chats.
  private let shares: [Int]
  let deletionsPercent: Int
  let relating: [Call.Relating]

  init(
    names: [String], usesClock: Bool, _ random: inout SeededGenerator,
    _ vocabulary: Vocabulary = Vocabulary()
  ) {
    self.names = names
    self.usesClock = usesClock
    self.vocabulary = vocabulary
    shares = [30, 22, 30, 10, 7, 16, 6].map { $0 * random.pick([1, 1, 1, 4]) / 2 }
    deletionsPercent = random.pick([3, 8, 30])
    let favourite = random.pick(Call.Relating.allCases)
    relating = Call.Relating.allCases + [.follow, .follow, .follow, .follow, favourite, favourite]
  }

  static let tags = ["swift", "roost", "higgs"]
  static let emojis = ["👍", "❤️", "🎉", "👩‍👩‍👧", "🇪🇺"]

  /// A call that somebody might make, now that the model stands where it does.
  mutating func next(
    _ model: NaiveModel, me: NaiveModel.Viewer, _ random: inout SeededGenerator
  ) -> Call {
    while true {
      let call =
        random.chance(55) && me.id != nil
        ? write(model, me, &random) : read(model, me: me, &random)
      if vocabulary.has(call) { return call }
    }
  }

  // MARK: Writing

  private mutating func write(
    _ model: NaiveModel, _ me: NaiveModel.Viewer, _ random: inout SeededGenerator
  ) -> Call {
    if me.isModerator, random.chance(60) { return moderation(model, &random) }
    var choice = random.below(shares.reduce(0, +))
    let kind = shares.firstIndex {
      choice -= $0
      return choice < 0
    }
    switch kind {
    case 0: return .post(.write(draft(model, me.id ?? 0, &random)))
    case 1: return .relate(random.pick(relating), random.pick(names))
    case 2: return .post(acting(model, me.id ?? 0, &random))
    case 3: return .own(setting(&random))
    case 4: return .own(random.chance(50) ? .readAllInbox : inboxRead(model, me.id ?? 0, &random))
    case 5: return .chat(chat(model, me.id ?? 0, &random))
    default: return .own(keeping(model, me, &random))
    }
  }

  private func setting(_ random: inout SeededGenerator) -> OwnCall {
    switch random.below(13) {
    case ..<6: .set(.private, random.chance(40) ? "on" : "off")
    case ..<9: .set(.messages, "\(random.pick(MessagePolicy.allCases))")
    case 12: .set(.email, "person@example.org")
    case 9: .set(.bio, "a life in \(random.below(100)) words")
    case 10: .set(.avatar, "https://example.org/\(random.below(100)).png")
    default: .set(.name, "called \(random.below(100))")
    }
  }

  mutating func text(_ random: inout SeededGenerator) -> String {
    marks += 1
    var words = ["text-\(marks)"]
    if random.chance(40) { words.append("#\(random.pick(Self.tags))") }
    if random.chance(15) { words.append("#\(random.pick(Self.tags).uppercased())") }
    if random.chance(30) { words.append("@\(random.pick(names))") }
    if random.chance(10) { words.append("@nobody_here") }
    return words.joined(separator: " ")
  }

  /// The newest posts are the ones that something happens to.
  static func post(_ model: NaiveModel, _ random: inout SeededGenerator) -> UInt64 {
    if model.postOrder.isEmpty || random.chance(2) { return 77 }
    let count = min(model.postOrder.count, random.chance(70) ? 8 : model.postOrder.count)
    return model.postOrder[model.postOrder.count - 1 - random.below(count)]
  }

  /// Mostly one that the person takes part in.
  static func chat(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> UInt64 {
    if model.chatOrder.isEmpty || random.chance(3) { return 78 }
    let mine = model.chatOrder.filter { model.isMember($0, me) }
    return random.pick(mine.isEmpty || random.chance(10) ? model.chatOrder : mine)
  }

  private func inboxRead(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> OwnCall {
    let causes = model.causes[me] ?? []
    let count = random.chance(80) ? 1 : 2
    return .readInbox(
      (0..<count).map { _ in
        causes.isEmpty || random.chance(5) ? 80 : random.pick(causes).position
      })
  }
}
