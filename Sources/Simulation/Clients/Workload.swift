import Domain

/// Chooses what clients do, from what there is to do it with.
struct Workload {
  var names: [String]
  private(set) var marks = 0
  /// How much more of each kind of write there is than in an even mixture; drawn for each seed, so
  /// that some have many deletions, some many blocks, some hardly anything but chats.
  private let shares: [Int]
  private let deletionsPercent: Int
  private let relating: [Call.Relating]

  init(names: [String], _ random: inout SeededGenerator) {
    self.names = names
    shares = [30, 22, 22, 7, 7, 12].map { $0 * random.pick([1, 1, 1, 4]) / 2 }
    deletionsPercent = random.pick([5, 15, 50])
    let favourite = random.pick(Call.Relating.allCases)
    relating = Call.Relating.allCases + [.follow, .follow, .follow, .follow, favourite, favourite]
  }

  static let tags = ["swift", "roost", "higgs"]

  /// A call that somebody might make, now that the model stands where it does.
  mutating func next(
    _ model: NaiveModel, me: UInt64?, _ random: inout SeededGenerator
  ) -> Call {
    random.chance(55) && me != nil
      ? write(model, &random) : Self.read(model, names, me: me, &random)
  }

  // MARK: Writing

  private mutating func write(_ model: NaiveModel, _ random: inout SeededGenerator) -> Call {
    var choice = random.below(shares.reduce(0, +))
    let kind = shares.firstIndex {
      choice -= $0
      return choice < 0
    }
    switch kind {
    case 0: return post(model, &random)
    case 1: return .relate(random.pick(relating), random.pick(names))
    case 2: return .act(acting(&random), Self.post(model, &random))
    case 3: return setting(&random)
    case 4: return random.chance(50) ? .inboxReadAll : inboxRead(model, &random)
    default: return chat(model, &random)
    }
  }

  private func setting(_ random: inout SeededGenerator) -> Call {
    switch random.below(10) {
    case ..<6: .setPrivate(random.chance(40))
    case ..<9: .setMessages(random.pick(MessagePolicy.allCases))
    default: .setName("called \(random.below(100))")
    }
  }

  private func acting(_ random: inout SeededGenerator) -> Call.Acting {
    if random.chance(deletionsPercent) { return .delete }
    return random.pick([.like, .like, .unlike, .share, .share, .unshare])
  }

  private mutating func text(_ random: inout SeededGenerator) -> String {
    marks += 1
    var words = ["text-\(marks)"]
    if random.chance(40) { words.append("#\(random.pick(Self.tags))") }
    if random.chance(15) { words.append("#\(random.pick(Self.tags).uppercased())") }
    if random.chance(30) { words.append("@\(random.pick(names))") }
    if random.chance(10) { words.append("@nobody_here") }
    return words.joined(separator: " ")
  }

  private mutating func post(_ model: NaiveModel, _ random: inout SeededGenerator) -> Call {
    let visibility = random.chance(70) ? .public : random.pick(Visibility.allCases)
    let reply = random.chance(40) ? Self.post(model, &random) : nil
    let quote = random.chance(15) ? Self.post(model, &random) : nil
    return .post(text(&random), visibility, reply: reply, quote: quote)
  }

  private static func post(_ model: NaiveModel, _ random: inout SeededGenerator) -> UInt64 {
    if model.posts.isEmpty || random.chance(2) { return 77 }
    // The newest are the ones that something happens to.
    let count = min(model.posts.count, random.chance(70) ? 8 : model.posts.count)
    return model.posts[model.posts.count - 1 - random.below(count)].id
  }

  private static func chat(_ model: NaiveModel, _ random: inout SeededGenerator) -> UInt64 {
    model.chats.isEmpty || random.chance(3) ? 78 : random.pick(model.chats).id
  }

  private mutating func chat(_ model: NaiveModel, _ random: inout SeededGenerator) -> Call {
    switch random.below(100) {
    case ..<20:
      let members = (0..<random.between(1, 3)).map { _ in random.pick(names) }
      return .chatNew(members, title: random.chance(40) ? "a title" : nil)
    case ..<45: return .dm(random.pick(names), text(&random))
    case ..<50: return .chatLeave(Self.chat(model, &random))
    case ..<70:
      guard !model.messages.isEmpty else { return .chatLeave(79) }
      let message = random.pick(model.messages)
      return .readChat(message.chat, message.id)
    default:
      let chat = Self.chat(model, &random)
      let last = model.messages.last { $0.chat == chat }?.id
      return .say(chat, text(&random), reply: random.chance(20) ? last : nil)
    }
  }

  private func inboxRead(_ model: NaiveModel, _ random: inout SeededGenerator) -> Call {
    let count = random.chance(80) ? 1 : 2
    let ids = (0..<count).map { _ in
      model.causes.isEmpty ? 80 : random.pick(model.causes).position
    }
    return .inboxRead(ids)
  }

  // MARK: Reading

  static func read(
    _ model: NaiveModel, _ names: [String], me: UInt64?, _ random: inout SeededGenerator
  ) -> Call {
    let name = random.pick(names)
    let open: [Call] = [
      .get(post(model, &random)), .profile(name), .page(.everybody),
      .page(.tag(random.pick(tags))), .page(.thread(post(model, &random))),
      .page(.timeline(name, replies: random.chance(50))), .page(.followers(name)),
      .page(.following(name)),
    ]
    guard me != nil, random.chance(60) else { return random.pick(open) }
    let chat = chat(model, &random)
    let own: [Call] = [
      .page(.home), .page(.home), .page(.home), .page(.inbox(unread: false)),
      .page(.inbox(unread: true)), .page(.chats), .page(.history(chat)), .chatInfo(chat), .unread,
      .page(.requests), .relation(name),
    ]
    return random.pick(own)
  }

  /// Everything that one person can ask, for when all is quiet.
  static func everything(_ model: NaiveModel, _ names: [String], isAnonymous: Bool) -> [Call] {
    var calls: [Call] = [.page(.everybody), .trendingTags, .trendingPosts]
    for name in names {
      calls += [
        .profile(name), .page(.timeline(name, replies: true)),
        .page(.timeline(name, replies: false)), .page(.followers(name)), .page(.following(name)),
      ]
      if !isAnonymous { calls.append(.relation(name)) }
    }
    calls += tags.map { .page(.tag($0)) }
    calls += model.posts.map { .get($0.id) }
    calls += model.posts.suffix(12).map { .page(.thread($0.id)) }
    if isAnonymous { return calls }
    calls += [
      .page(.home), .page(.inbox(unread: false)), .page(.inbox(unread: true)), .unread,
      .page(.requests),
      .page(.chats),
    ]
    for chat in model.chats { calls += [.chatInfo(chat.id), .page(.history(chat.id))] }
    return calls
  }
}
