import Domain
import Journal
import Testing

private let author = UserID(101)
private let now = Instant(ms: 1_341_100_972_000)
private let context = RecordContext(actor: author, time: now)
private let share = ShareID(UInt64(1_341_100_972_000) << 22 | 7)

/// Given what an older version stored, when it is upcast, then this is what it means.
private struct Story: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var given: OlderEvent
  var then: Event
}

private let stories = [
  Story(
    testDescription: "a first post", given: .postPublished1And2(facts()),
    then: .post(.published(facts()))),
  Story(
    testDescription: "an answer to the root itself",
    given: .postPublished1And2(facts { $0.reply = answer(root: 9) }),
    then: .post(.published(facts { $0.reply = answer(root: 9) }))),
  Story(
    testDescription: "an answer further down",
    given: .postPublished1And2(facts { $0.reply = answer(root: 3) }),
    then: .post(.published(facts { $0.reply = answer(root: 3) }))),
  Story(
    testDescription: "a story, as version 2 could say it",
    given: .postPublished1And2(facts { $0.isStory = true }),
    then: .post(.published(facts { $0.isStory = true }))),
  Story(
    testDescription: "a share", given: .postShared1(share, author: UserID(5)),
    then: .post(.shared(share, author: UserID(5)))),
]

private func facts(_ change: (inout PostFacts) -> Void = { _ in }) -> PostFacts {
  var facts = PostFacts(author: author, visibility: .followers, tags: [Tag(folded: "higgs")])
  change(&facts)
  return facts
}

private func answer(root: UInt64) -> ReplyReference {
  ReplyReference(parent: PostID(9), parentAuthor: UserID(4), root: PostID(root))
}

@Suite struct UpcastingTests {
  @Test(arguments: stories)
  private func `given an older event, when it is upcast, then it means the same`(
    story: Story
  ) throws {
    #expect(try story.given.upcast(in: context) == story.then)
  }

  @Test(arguments: stories)
  private func `what an older version stored is read as today's event, and written smaller`(
    story: Story
  ) throws {
    let type = EventType(story.then)
    var stored = CBOREncoder()
    EventCodec.spellOut(story.then, into: &stored)
    var decoder = CBORDecoder(stored.bytes)
    let version = story.given.version
    #expect(
      try EventCodec.decodeOlder(type, version: version, from: &decoder) == story.given)
    decoder = CBORDecoder(stored.bytes)
    #expect(
      try EventCodec.decodeFields(of: type, version: version, in: context, from: &decoder)
        == story.then)
    var newest = CBOREncoder()
    EventCodec.encodeFields(of: story.then, in: context, into: &newest)
    #expect(newest.bytes.count < stored.bytes.count)
  }

  @Test func `given another author than the actor, when it is upcast, then that is refused`() {
    let other = RecordContext(actor: UserID(102), time: now)
    #expect(throws: UpcastError.authorIsNotActor(author: author, actor: UserID(102))) {
      try OlderEvent.postPublished1And2(facts()).upcast(in: other)
    }
  }

  @Test(
    arguments: [
      0, 1, 1 << 22 - 1, 1 << 22, 1_341_100_972_000 << 22, 1 << 63 - 1, 1 << 63, .max,
    ] as [UInt64])
  func `every identifier has one distance, at any time`(identifier: UInt64) {
    for ms in [0, 1, -1, 1_341_100_972_000, .min, .max] as [Int64] {
      let context = RecordContext(actor: author, time: Instant(ms: ms))
      #expect(context.identifier(at: context.distance(to: identifier)) == identifier)
    }
  }

  /// A snapshot's mark is made of this line: what landed must stay what it is.
  @Test(arguments: stories)
  private func `the line of an event in its spelled-out version is that of before`(
    story: Story
  ) {
    let record = Record(
      position: Position(9), time: now, actor: author, entity: .post(PostID(42)), sequence: 3,
      event: story.then, hasSecret: false)
    let version = EventType.spelledOutVersion(of: story.then)
    #expect(version == story.given.version)
    let line = RecordJSON.line(record, secret: nil, version: version)
    #expect(line.hasSuffix(#""version":\#(version)}"#))
    #expect(
      RecordJSON.line(record, secret: nil)
        == line.replacing(
          #""version":\#(version)}"#, with: #""version":\#(EventType.version(of: story.then))}"#))
  }

  @Test func `versions are older or written, never both`() {
    for type in EventType.allCases {
      #expect(!type.olderVersions.contains(type.version))
      #expect(type.olderVersions.isEmpty || type.olderVersions.lowerBound == 1)
    }
  }
}

@Suite struct UpcastCheckTests {
  @Test func `the dry run counts by kind and version, and how small they would be`() throws {
    let check = try UpcastCheck(try OlderJournal(stories.map { ($0.then, author) }).reader)
    #expect(check.failure == nil && check.position == Position(5))
    let found = check.counts.map { "\($0.type.name) \($0.version): \($0.events)" }
    #expect(found == ["post.published 1: 3", "post.published 2: 1", "post.shared 1: 1"])
    #expect(check.counts.allSatisfy { $0.isOlder && $0.newestBytes < $0.storedBytes })
  }

  @Test func `the dry run names the first position that cannot be upcast, and why`() throws {
    let stranger = UserID(666)
    let events = stories.map(\.then)
    let check = try UpcastCheck(
      try OlderJournal([
        (events[0], author), (events[4], stranger), (events[1], stranger), (events[0], stranger),
      ]).reader)
    #expect(
      check.failure?.description
        == "position 3 cannot be upcast: its author is user:101, but user:666 published it")
    #expect(throws: JournalError.self) {
      try OlderJournal([(events[1], stranger)]).reader.record(at: Position(1))
    }
  }

  @Test func `an event of a newer program is named as that, and nothing is read past it`() throws {
    let reader = try OlderJournal([(stories[0].then, author)], version: 4).reader
    let sentence = """
      position 1 holds version 4 of post.published, which this program does not know; a newer one \
      wrote it: go on with that one
      """
    let unknown = JournalError.unknownEvent(Position(1), type: 40, version: 4)
    #expect(unknown.description == sentence)
    #expect(throws: unknown) { try reader.record(at: Position(1)) }
    #expect(throws: unknown) { try reader.head() }
    #expect(throws: unknown) { try JournalVerifier(reader).verify() }
    #expect(throws: unknown) { try UpcastCheck(reader) }
    let other = JournalError.unknownEvent(Position(2), type: 999, version: 1)
    #expect(other.description.hasPrefix("position 2 holds version 1 of event type 999, which"))
  }
}

/// A journal as an older program wrote it: one block, nothing sealed.
private struct OlderJournal {
  let reader: JournalReader

  /// With `version`, every event says that it is of that one.
  init(_ events: [(event: Event, actor: UserID)], version: UInt64? = nil) throws {
    var body = CBOREncoder()
    for (index, item) in events.enumerated() {
      var record = CBOREncoder()
      record.array(7)
      record.uint(UInt64(EventType(item.event).rawValue))
      record.uint(version ?? Self.version(of: item.event))
      record.uint(0)
      record.uint(item.actor.raw)
      record.uint(UInt64(500 + index))
      record.uint(1)
      EventCodec.spellOut(item.event, into: &record)
      let checksum = crc32Checksum(record.bytes)
      body.bytes((0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) } + record.bytes)
    }
    var block = CBOREncoder()
    block.array(7)
    for number in [1, 1, UInt64(events.count), UInt64(now.ms)] { block.uint(number) }
    block.bytes([])
    block.bytes(body.bytes)
    block.bytes(blake2b256([UInt8](repeating: 0, count: 32) + block.bytes))
    var batch = DiskBatch()
    batch.blocks = [(Position(1), block.bytes)]
    let disk = MemoryDisk()
    try disk.commit(batch)
    reader = JournalReader(disk: disk, keys: MemoryKeyStore())
  }

  private static func version(of event: Event) -> UInt64 {
    if case .post(.published(let facts)) = event {
      return UInt64(OlderEvent.postPublished1And2(facts).version)
    }
    return 1
  }
}
