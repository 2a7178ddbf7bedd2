import Domain
import Engine
import Entities
import Journal
import Testing

/// The encoding of posts that have everything a post can have.
struct PostCodingTests {
  static let id = PostID(1_000)
  static let author = UserID(10)
  static let (bert, carl) = (UserID(20), UserID(30))

  /// A post whose life is written event by event.
  struct Life {
    var state = PostState(key: .post(PostCodingTests.id))
    private var position = Position.zero

    mutating func own(_ event: PostEvent, by actor: UserID = PostCodingTests.author) {
      state.apply(record(event, by: actor, of: PostCodingTests.id, state.sequence + 1))
    }

    mutating func others(_ event: PostEvent, of post: UInt64) {
      state.observe(record(event, by: PostCodingTests.bert, of: PostID(post), 1))
    }

    private mutating func record(
      _ event: PostEvent, by actor: UserID, of post: PostID, _ sequence: UInt64
    ) -> Record {
      position = position.next
      return Record(
        position: position, time: Instant(ms: 1_000 + Int64(position.raw)), actor: actor,
        entity: .post(post), sequence: sequence, event: .post(event), hasSecret: true)
    }
  }

  static var facts: PostFacts {
    PostFacts(
      author: author, visibility: .friends,
      quote: QuoteReference(post: PostID(6), author: carl),
      tags: [Tag(folded: "higgs"), Tag(folded: "日本")], mentions: [bert, carl],
      media: [
        MediaReference(id: MediaID(3), kind: .video, position: Position(77)),
        MediaReference(id: MediaID(2), kind: .image, position: Position(78)),
      ],
      poll: PollFacts(optionCount: 10, isMultiple: true, secondsOpen: 2_592_000), isStory: true,
      hasLink: true)
  }

  /// Calls `check` after every event of a life in which all that can happens.
  static func live(_ check: (PostState) throws -> Void) throws {
    var life = Life()
    var facts = facts
    facts.reply = ReplyReference(parent: PostID(5), parentAuthor: bert, root: PostID(4))
    func own(_ event: PostEvent, by actor: UserID = author) throws {
      life.own(event, by: actor)
      try check(life.state)
    }
    try check(life.state)
    try own(.drafted(facts, scheduled: Instant(ms: 99_999)))
    try own(.redrafted(facts, scheduled: Instant(ms: 99_999)))
    facts.order = ShareID(5_000)
    try own(.released(facts), by: .system)
    let old = facts
    facts.tags = []
    facts.poll?.secondsOpen = nil
    for _ in 0..<3 { try own(.edited(facts, PostRevision(from: old, to: facts))) }
    for person in 20..<60 as Range<UInt64> {
      let person = UserID(person)
      try own(.liked(author: author), by: person)
      try own(.shared(ShareID(person.raw + 7_000), author: author), by: person)
      try own(.reacted(person.raw % 3 == 0 ? "👩‍👩‍👧‍👦" : "🎉", author: author), by: person)
      try own(.voted([Int(person.raw % 10)], author: author), by: person)
      try own(.viewed(author: author), by: person)
    }
    try own(.voted([0, 9], author: author), by: UserID(60))
    for person in 20..<50 as Range<UInt64> {
      try own(.unliked(author: author), by: UserID(person))
      try own(.unshared(ShareID(person + 7_000), author: author), by: UserID(person))
      try own(.unreacted(author: author), by: UserID(person))
    }
    try own(.pollClosed(author: author), by: .system)
    try own(.moderated(facts, from: .none, to: .underReview), by: carl)
    try own(.moderated(facts, from: .underReview, to: .removed), by: carl)
    let answer = PostFacts(
      author: bert, visibility: .public,
      reply: ReplyReference(parent: id, parentAuthor: author, root: id),
      quote: QuoteReference(post: id, author: author))
    for post in [2_000, 1_500, 3_000] as [UInt64] { life.others(.published(answer), of: post) }
    life.others(.deleted(answer), of: 1_500)
    try check(life.state)
    try own(.moderated(facts, from: .removed, to: .none), by: carl)
    try own(.deleted(facts))
  }

  static func encoded(_ state: PostState) -> [UInt8] {
    var encoder = CBOREncoder()
    state.encode(into: &encoder)
    return encoder.bytes
  }

  @Test func `a post survives being written and read at every moment of its life`() throws {
    var count = 0
    try Self.live { state in
      let bytes = Self.encoded(state)
      var decoder = CBORDecoder(bytes)
      let copy = try PostState(key: .post(Self.id), from: &decoder)
      #expect(copy == state)
      #expect(decoder.isAtEnd)
      #expect(Self.encoded(copy) == bytes)
      #expect(copy.own.extras.value.reactionCounts == state.own.extras.value.reactionCounts)
      #expect(copy.own.extras.value.voteCounts == state.own.extras.value.voteCounts)
      count += 1
    }
    #expect(count > 300)
  }

  @Test func `equal states have equal bytes, however they came about`() throws {
    let ways: [[PostEvent]] = [
      [.liked(author: Self.author), .unliked(author: Self.author)],
      [.reacted("🎉", author: Self.author), .unreacted(author: Self.author)],
      [.shared(ShareID(7), author: Self.author), .unshared(ShareID(7), author: Self.author)],
      [
        .moderated(Self.facts, from: .none, to: .removed),
        .moderated(Self.facts, from: .removed, to: .none),
      ],
    ]
    let states = ways.map { events in
      var life = Life()
      life.own(.published(Self.facts))
      for event in events { life.own(event, by: Self.bert) }
      return life.state
    }
    for state in states {
      #expect(state == states[0])
      #expect(Self.encoded(state) == Self.encoded(states[0]))
    }
  }

  @Test func `a post cut off anywhere does not read`() throws {
    var longest: [UInt8] = []
    try Self.live { state in
      let bytes = Self.encoded(state)
      if bytes.count > longest.count { longest = bytes }
    }
    #expect(longest.count > 1_000)
    for length in 0..<longest.count {
      var decoder = CBORDecoder(longest[..<length])
      #expect(throws: CBORError.self) { try PostState(key: .post(Self.id), from: &decoder) }
    }
  }

  @Test func `a town's posts have every event a post can have`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 6)
    await people.live(3_500)
    await town.close()
    var refold = Refold()
    try refold.run(try JournalReader(directory: directory.path))
    for type in EventType.allCases where type.name.hasPrefix("post.") {
      #expect(refold.counts[type] > 0, "the town never had \(type.name)")
    }
    for post in refold.entities.posts.values {
      var decoder = CBORDecoder(Self.encoded(post.state))
      #expect(try PostState(key: post.key, from: &decoder) == post.state)
    }
  }
}
