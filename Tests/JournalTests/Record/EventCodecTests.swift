import Domain
import Journal
import Testing

private let context = RecordContext(actor: UserID(77), time: Instant(ms: 1_700_000_000_000))

@Test(arguments: EventType.allCases)
func `every kind of event is read back as it was written`(type: EventType) throws {
  var maker = EventMaker(seed: UInt64(type.rawValue))
  for _ in 0..<200 {
    let event = maker.event(of: type, by: context.actor)
    #expect(EventType(event) == type)
    var encoder = CBOREncoder()
    EventCodec.encodeFields(of: event, in: context, into: &encoder)
    var decoder = CBORDecoder(encoder.bytes)
    let version = EventType.version(of: event)
    #expect(
      try EventCodec.decodeFields(
        of: type, version: version, in: context, from: &decoder) == event)
    #expect(decoder.isAtEnd)
  }
}

@Test(arguments: EventType.allCases)
func `a cut, a newer version and an unknown field are refused`(type: EventType) throws {
  var maker = EventMaker(seed: 7)
  var encoder = CBOREncoder()
  let event = maker.event(of: type, by: context.actor)
  let version = EventType.version(of: event)
  EventCodec.encodeFields(of: event, in: context, into: &encoder)
  let bytes = encoder.bytes
  for end in 0..<bytes.count {
    #expect(throws: CBORError.self) {
      var decoder = CBORDecoder(bytes[..<end])
      _ = try EventCodec.decodeFields(
        of: type, version: version, in: context, from: &decoder)
    }
  }
  let newer = type.version + 1
  let unknown = CBORError.unknownEvent(type: UInt64(type.rawValue), version: UInt64(newer))
  #expect(throws: unknown) {
    var decoder = CBORDecoder(bytes)
    _ = try EventCodec.decodeFields(of: type, version: newer, in: context, from: &decoder)
  }
  #expect(throws: CBORError.self) {
    let extended = [bytes[0] + 1] + bytes[1...] + [0x17, 0x00]
    var decoder = CBORDecoder(extended)
    _ = try EventCodec.decodeFields(
      of: type, version: version, in: context, from: &decoder)
  }
}

@Test func `names and field numbers are unique within their kind`() {
  let names = EventType.allCases.map(\.name)
  #expect(Set(names).count == names.count)
  for type in EventType.allCases {
    let numbers = type.schema.fields.map(\.number)
    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
  }
}

@Test func `what version 1 of a deletion could say is still written as version 1`() throws {
  let old = Event.post(.deleted(PostFacts(author: UserID(2), visibility: .public)))
  let new = Event.post(
    .deleted(PostFacts(author: UserID(2), visibility: .public, isStory: true)))
  #expect(EventType.version(of: old) == 1 && EventType.version(of: new) == 2)
  for (event, wrong) in [(old, UInt8(2)), (new, 1)] {
    var encoder = CBOREncoder()
    EventCodec.encodeFields(of: event, in: context, into: &encoder)
    #expect(throws: CBORError.invalidValue) {
      var decoder = CBORDecoder(encoder.bytes)
      _ = try EventCodec.decodeFields(
        of: .postDeleted, version: wrong, in: context, from: &decoder)
    }
  }
}

/// Pinned examples, so that an accidental change of the format is noticed.
@Test func `a reply with a tag has exactly these bytes`() {
  var facts = PostFacts(
    author: UserID(2), visibility: .followers,
    reply: ReplyReference(parent: PostID(3), parentAuthor: UserID(4), root: PostID(300)),
    tags: [Tag(folded: "a")])
  let context = RecordContext(actor: UserID(2), time: Instant(ms: 5))
  var encoder = CBOREncoder()
  EventCodec.encodeFields(of: .post(.published(facts)), in: context, into: &encoder)
  #expect(encoder.bytes == [0xA3, 2, 1, 3, 0x83, 3, 4, 0x19, 0x01, 0x2C, 5, 0x81, 0x61, 0x61])
  facts.reply?.root = PostID(3)
  encoder.reset()
  EventCodec.encodeFields(of: .post(.published(facts)), in: context, into: &encoder)
  #expect(encoder.bytes == [0xA3, 2, 1, 3, 0x82, 3, 4, 5, 0x81, 0x61, 0x61])
  encoder.reset()
  EventCodec.spellOut(.post(.published(facts)), into: &encoder)
  #expect(encoder.bytes == [0xA4, 1, 2, 2, 1, 3, 0x83, 3, 4, 3, 5, 0x81, 0x61, 0x61])
}

@Test func `a share has exactly these bytes`() {
  let context = RecordContext(actor: UserID(2), time: Instant(ms: 5))
  for (share, bytes) in [
    (UInt64(5) << 22, [0]), (5 << 22 | 9, [9]), (5 << 22 - 1, [0x20]),
    (0, [0x3A, 0x01, 0x3F, 0xFF, 0xFF]),
    (6 << 22, [0x1A, 0x00, 0x40, 0x00, 0x00]),
  ] as [(UInt64, [UInt8])] {
    var encoder = CBOREncoder()
    EventCodec.encodeFields(
      of: .post(.shared(ShareID(share), author: UserID(3))), in: context, into: &encoder)
    #expect(encoder.bytes == [0xA2, 1] + bytes + [2, 3])
  }
}

@Test func `a root that is named although it is the parent is refused`() {
  #expect(throws: CBORError.notCanonical) {
    var decoder = CBORDecoder([0xA2, 2, 0, 3, 0x83, 3, 4, 3])
    _ = try EventCodec.decodeFields(
      of: .postPublished, version: 3, in: context, from: &decoder)
  }
}
