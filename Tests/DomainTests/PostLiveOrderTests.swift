import Domain
import Testing

/// The law of the two halves for everything that becomes of posts: own events at once and others'
/// events later give the same state as the journal's order.
struct PostLiveOrderTests {
  static let people = LiveOrderTests.people
  static let tags = [Hashtag(folded: "higgs"), Hashtag(folded: "boson")]

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `the lives of posts come out the same live and in journal order`(seed: UInt64) throws {
    var life = Life(seed: seed)
    for step in 0..<400 as Range<UInt64> { try life.step(step) }
    life.world.showAll()
    let replayed = life.world.replayed()
    #expect(life.world.posts == replayed.posts)
    #expect(life.world.users == replayed.users)
    #expect(life.world.tags == replayed.tags)
    Self.expectCounts(of: life.world)
  }

  @Test func `the random lives reach every status and every event`() throws {
    var kinds: Set<String> = []
    var statuses: [PostStatus: Int] = [:]
    for seed in 0..<20 as Range<UInt64> {
      var life = Life(seed: seed)
      for step in 0..<400 as Range<UInt64> { try life.step(step) }
      for record in life.world.journal {
        guard case .post(let event) = record.event else { continue }
        kinds.insert(String("\(event)".prefix { $0.isLetter }))
      }
      for post in life.world.posts.values {
        if let status = post.status { statuses[status, default: 0] += 1 }
      }
    }
    #expect(kinds.count == 17, "\(kinds.sorted())")
    for status in PostStatus.allCases where status != .expired && status != .erased {
      #expect(statuses[status, default: 0] > 5, "\(status)")
    }
  }

  /// Counted from what is left, not from events.
  static func expectCounts(of world: LiveWorld) {
    let left = world.posts.filter { $0.value.status == .published }
    for (id, post) in world.posts {
      #expect(post.observed.replyCount == left.count { $0.value.facts?.reply?.parent == id })
      #expect(post.observed.quoteCount == left.count { $0.value.facts?.quote?.post == id })
    }
    let listed = left.values.compactMap(\.facts).filter { !$0.isStory }
    for person in people {
      let mine = listed.filter { $0.author == person }
      #expect(world.users[person]?.observed.posts ?? 0 == mine.count { $0.reply == nil })
      #expect(world.users[person]?.observed.replies ?? 0 == mine.count { $0.reply != nil })
    }
    for tag in tags {
      let uses = listed.filter { $0.tags.contains(tag) }
      #expect(world.tags[tag]?.observed.uses ?? 0 == uses.count)
      #expect(world.tags[tag]?.accountCount ?? 0 == Set(uses.map(\.author)).count)
    }
  }

  /// People who write, change, hide and react at random, and entities that lag behind.
  struct Life {
    var world = LiveWorld()
    private var random: SeededGenerator
    private var ids: [PostID] = []

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func once(in count: Int) -> Bool {
      Int.random(in: 0..<count, using: &random) == 0
    }

    mutating func step(_ step: UInt64) throws {
      world.now = world.now.adding(ms: Int64.random(in: 0..<4_000_000, using: &random))
      let person = try #require(PostLiveOrderTests.people.randomElement(using: &random))
      guard let post = ids.randomElement(using: &random), !once(in: 5) else {
        return try write(step, by: person)
      }
      let author = world.posts[post]?.facts?.author ?? person
      switch Int.random(in: 0..<16, using: &random) {
      case 0, 1: try edit(post, by: author)
      case 2: _ = world.run(.delete, on: post, by: author)
      case 3: _ = world.run(.release(order: order(step)), on: post, by: author)
      case 4: _ = world.run(.release(order: order(step)), on: post, by: .system)
      case 5, 6:
        let moderation = try #require(Moderation.allCases.randomElement(using: &random))
        _ = world.run(.moderate(moderation, secret: nil), on: post, by: dora)
      case 7:
        _ = world.run(.react(once(in: 2) ? "🎉" : "😢"), on: post, by: person)
      case 8: _ = world.run(.unreact, on: post, by: person)
      case 9: _ = world.run(.vote([once(in: 2) ? 0 : 1]), on: post, by: person)
      case 10: _ = world.run(.closePoll, on: post, by: .system)
      case 11: _ = world.run(.view, on: post, by: person)
      case 12: _ = world.run(once(in: 2) ? .like : .unlike, on: post, by: person)
      case 13:
        let share = PostCommand.share(order(step), authorIsPrivate: false)
        _ = world.run(once(in: 2) ? share : .unshare, on: post, by: person)
      default:
        let keys = [EntityKey.user(person), .post(post)] + PostLiveOrderTests.tags.map { .tag($0) }
        let key = try #require(keys.randomElement(using: &random))
        world.show(key, upTo: Int.random(in: 0...world.journal.count, using: &random))
      }
    }

    private func order(_ step: UInt64) -> ShareID {
      ShareID(UInt64(world.now.ms) << 22 | step)
    }

    private mutating func write(_ step: UInt64, by person: UserID) throws {
      let id = PostID(order(step).raw)
      var facts = try LiveOrderTests.facts(
        by: person, answering: ids.randomElement(using: &random), of: world,
        PostLiveOrderTests.tags, &random)
      var secret = Secret([.text: "a boson"])
      if once(in: 3) {
        facts.poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: 7_200)
        secret = .poll(["yes", "no"])
      }
      facts.isStory = once(in: 4) && facts.reply == nil
      let time = once(in: 2) ? world.now.adding(ms: 7_200_000) : nil
      let command: PostCommand =
        once(in: 3)
        ? .draft(facts, scheduled: time, secret: secret) : .publish(facts, secret: secret)
      #expect(world.run(command, on: id, by: person) != nil)
      ids.append(id)
    }

    private mutating func edit(_ post: PostID, by author: UserID) throws {
      guard let state = world.posts[post] else { return }
      let tags = PostLiveOrderTests.tags.filter { _ in Bool.random(using: &random) }
      let hasPoll = state.facts?.poll != nil
      _ = world.run(
        .edit(
          tags: tags, mentions: [], base: state.own.textPosition,
          secret: hasPoll ? .poll(["yes", "no"]) : Secret([.text: "another boson"])),
        on: post, by: author)
    }
  }
}
