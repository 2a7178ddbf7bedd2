import Domain
import Testing

/// The law of the two halves: own events at once and others' events later give the same state as
/// the journal's order.
struct LiveOrderTests {
  static let people = [anna, bert, carl, dora]

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `relations come out the same live and in journal order`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var world = LiveWorld()
    for (index, person) in Self.people.enumerated() {
      let name = try #require(Username("person_\(index)"))
      #expect(world.run(.signUp(username: name, secret: nil), by: person) != nil)
    }
    for _ in 0..<400 {
      let person = try #require(Self.people.randomElement(using: &random))
      if Int.random(in: 0..<3, using: &random) == 0 {
        let seen = Int.random(in: 0...world.journal.count, using: &random)
        world.show(.user(person), upTo: seen)
      } else {
        _ = world.run(try Self.relationCommand(using: &random), by: person)
      }
    }
    world.showAll()
    let replayed = world.replayed()
    #expect(world.users == replayed.users)
    try Self.expectRelations(of: world)
  }

  static func relationCommand(using random: inout SeededGenerator) throws -> UserCommand {
    let other = try #require(people.randomElement(using: &random))
    return switch Int.random(in: 0..<14, using: &random) {
    case 0, 1, 2: .follow(other, targetIsPrivate: false)
    case 3, 4, 5: .follow(other, targetIsPrivate: true)
    case 6: .unfollow(other)
    case 7, 8: .accept(other)
    case 9: .reject(other)
    case 10: .block(other)
    case 11, 12: .unblock(other)
    default: Bool.random(using: &random) ? .mute(other) : .unmute(other)
    }
  }

  /// Against the plain rules in the order of positions, written without claims and verdicts.
  static func expectRelations(of world: LiveWorld) throws {
    for a in people {
      for b in people where a != b {
        let plain = PlainRelation(a, b, world.journal)
        let state = try #require(world.users[a])
        #expect(state.followState(towards: b) == plain.state)
        #expect(state.isBlocked(by: b) == plain.isBlockedByB)
        #expect(state.isBlocking(b) == plain.isBlockedByA)
        #expect(world.users[b]?.isRequested(by: a) == (plain.state == .requested))
        var relation = FollowRelation()
        for record in world.journal { relation.fold(record, from: a, to: b) }
        #expect(relation.state == plain.state)
      }
      let state = try #require(world.users[a])
      let following = people.filter { $0 != a && PlainRelation(a, $0, world.journal).isFollowing }
      var listed: [UserID] = []
      state.forEachFollowing { listed.append($0) }
      #expect(listed == following)
      #expect(state.followingCount == following.count)
      let waiting = people.filter { $0 != a && PlainRelation($0, a, world.journal).isRequested }
      #expect(state.pendingRequests.sorted() == waiting)
    }
  }

  @Test func `the random relations reach every state and void a race`() throws {
    // The law above would hold in a world where nothing ever happens; this one counts.
    var states: [FollowState: Int] = [:]
    var races = 0
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var world = LiveWorld()
      for (index, person) in Self.people.enumerated() {
        let name = try #require(Username("person_\(index)"))
        #expect(world.run(.signUp(username: name, secret: nil), by: person) != nil)
      }
      for _ in 0..<400 {
        let person = try #require(Self.people.randomElement(using: &random))
        let command = try Self.relationCommand(using: &random)
        let known = world.users[person]
        let answer = world.run(command, by: person)
        if case .follow(let other, _) = command, answer?.drafts.isEmpty == false,
          PlainRelation(other, person, world.journal).isBlockedByA
        {
          #expect(known?.isBlocked(by: other) == false)
          races += 1
        }
        world.show(.user(person), upTo: Int.random(in: 0...world.journal.count, using: &random))
      }
      for a in Self.people {
        for b in Self.people where a != b {
          states[PlainRelation(a, b, world.journal).state, default: 0] += 1
        }
      }
    }
    #expect(FollowState.allCases.allSatisfy { states[$0, default: 0] > 5 })
    #expect(races > 5)
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `posts, their authors and their hashtags come out the same live and in journal order`(
    seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    var world = LiveWorld()
    var ids: [PostID] = []
    let tags = [Hashtag(folded: "higgs"), Hashtag(folded: "boson")]
    for step in 0..<300 as Range<UInt64> {
      world.now = world.now.adding(ms: Int64.random(in: 0..<4_000_000, using: &random))
      let person = try #require(Self.people.randomElement(using: &random))
      let post = ids.randomElement(using: &random)
      switch (Int.random(in: 0..<12, using: &random), post) {
      case (0, _), (1, _), (_, nil):
        let id = PostID(UInt64(world.now.ms) << 22 | step)
        let facts = try Self.facts(by: person, answering: post, of: world, tags, &random)
        let secret = Secret([.text: "a boson"])
        #expect(world.run(.publish(facts, secret: secret), on: id, by: person) != nil)
        ids.append(id)
      case (2, let post?): _ = world.run(.delete, on: post, by: person)
      case (3...5, let post?): _ = world.run(.like, on: post, by: person)
      case (6, let post?): _ = world.run(.unlike, on: post, by: person)
      case (7, let post?):
        _ = world.run(.share(ShareID(step), authorIsPrivate: false), on: post, by: person)
      case (8, let post?): _ = world.run(.unshare, on: post, by: person)
      case (9, _):
        world.run(.review(trendingAllowed: .random(using: &random)), on: tags[0], by: anna)
      case (_, let post?):
        let keys = [EntityKey.user(person), .post(post), .tag(tags[0]), .tag(tags[1])]
        let key = try #require(keys.randomElement(using: &random))
        world.show(key, upTo: Int.random(in: 0...world.journal.count, using: &random))
      }
    }
    world.showAll()
    let replayed = world.replayed()
    #expect(world.posts == replayed.posts)
    #expect(world.users == replayed.users)
    #expect(world.tags == replayed.tags)
    Self.expectCounts(of: world, tags)
  }

  static func facts(
    by person: UserID, answering post: PostID?, of world: LiveWorld, _ tags: [Hashtag],
    _ random: inout SeededGenerator
  ) throws -> PostFacts {
    var facts = PostFacts(
      author: person, visibility: .public, tags: tags.filter { _ in Bool.random(using: &random) })
    if let post, let parent = world.posts[post]?.facts {
      if Bool.random(using: &random) {
        facts.reply = ReplyReference(
          parent: post, parentAuthor: parent.author, root: parent.reply?.root ?? post)
      }
      if Bool.random(using: &random) {
        facts.quote = QuoteReference(post: post, author: parent.author)
      }
    }
    return facts
  }

  /// Counted from what is left, not from events.
  static func expectCounts(of world: LiveWorld, _ tags: [Hashtag]) {
    let left = world.posts.filter { $0.value.status == .published }
    for (id, post) in world.posts {
      #expect(post.observed.replyCount == left.count { $0.value.facts?.reply?.parent == id })
      #expect(post.observed.quoteCount == left.count { $0.value.facts?.quote?.post == id })
    }
    for person in people {
      let mine = left.values.compactMap(\.facts).filter { $0.author == person }
      #expect(world.users[person]?.observed.posts ?? 0 == mine.count { $0.reply == nil })
      #expect(world.users[person]?.observed.replies ?? 0 == mine.count { $0.reply != nil })
    }
    for tag in tags {
      let uses = left.filter { $0.value.facts?.tags.contains(tag) ?? false }
      let authors = Set(uses.compactMap { $0.value.facts?.author })
      #expect(world.tags[tag]?.observed.uses ?? 0 == uses.count)
      #expect(world.tags[tag]?.accountCount ?? 0 == authors.count)
    }
  }
}

/// Whether `a` follows `b`, in the order of positions, by the familiar rules.
struct PlainRelation {
  private(set) var state = FollowState.none
  private(set) var isBlockedByA = false
  private(set) var isBlockedByB = false
  var isFollowing: Bool { state == .following }
  var isRequested: Bool { state == .requested }

  init(_ a: UserID, _ b: UserID, _ journal: [Record]) {
    for record in journal {
      guard case .user(let event) = record.event else { continue }
      if record.entity == .user(a), event.other == b { follower(event) }
      if record.entity == .user(b), event.other == a { followed(event) }
    }
  }

  private mutating func follower(_ event: UserEvent) {
    switch event {
    case .followed: state = isBlockedByB ? .none : .following
    case .followRequested: state = isBlockedByB ? .none : .requested
    case .unfollowed, .followRequestWithdrawn: state = .none
    case .blocked:
      state = .none
      isBlockedByA = true
    case .unblocked: isBlockedByA = false
    default: break
    }
  }

  private mutating func followed(_ event: UserEvent) {
    switch event {
    case .followAccepted: if state == .requested { state = .following }
    case .followRejected: if state == .requested { state = .none }
    case .blocked:
      state = .none
      isBlockedByB = true
    case .unblocked: isBlockedByB = false
    default: break
    }
  }
}
