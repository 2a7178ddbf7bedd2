import Domain
import Journal
import Testing

@Test(arguments: EventType.allCases)
func `every kind of event is read back as it was written`(type: EventType) throws {
  var maker = EventMaker(seed: UInt64(type.rawValue))
  for _ in 0..<200 {
    let event = maker.event(of: type)
    #expect(EventType(event) == type)
    var encoder = CBOREncoder()
    EventCodec.encodeFields(of: event, into: &encoder)
    var decoder = CBORDecoder(encoder.bytes)
    let version = EventType.version(of: event)
    #expect(try EventCodec.decodeFields(of: type, version: version, from: &decoder) == event)
    #expect(decoder.isAtEnd)
  }
}

@Test(arguments: EventType.allCases)
func `a cut, a newer version and an unknown field are refused`(type: EventType) throws {
  var maker = EventMaker(seed: 7)
  var encoder = CBOREncoder()
  let event = maker.event(of: type)
  let version = EventType.version(of: event)
  EventCodec.encodeFields(of: event, into: &encoder)
  let bytes = encoder.bytes
  for end in 0..<bytes.count {
    #expect(throws: CBORError.self) {
      var decoder = CBORDecoder(bytes[..<end])
      _ = try EventCodec.decodeFields(of: type, version: version, from: &decoder)
    }
  }
  #expect(throws: CBORError.invalidValue) {
    var decoder = CBORDecoder(bytes)
    _ = try EventCodec.decodeFields(of: type, version: type.version + 1, from: &decoder)
  }
  #expect(throws: CBORError.self) {
    let extended = [bytes[0] + 1] + bytes[1...] + [0x17, 0x00]
    var decoder = CBORDecoder(extended)
    _ = try EventCodec.decodeFields(of: type, version: version, from: &decoder)
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

@Test func `what version 1 could say is still written as version 1`() throws {
  let old = Event.post(.published(PostFacts(author: UserID(2), visibility: .public)))
  let new = Event.post(
    .published(PostFacts(author: UserID(2), visibility: .public, isStory: true)))
  #expect(EventType.version(of: old) == 1 && EventType.version(of: new) == 2)
  for (event, wrong) in [(old, UInt8(2)), (new, 1)] {
    var encoder = CBOREncoder()
    EventCodec.encodeFields(of: event, into: &encoder)
    #expect(throws: CBORError.invalidValue) {
      var decoder = CBORDecoder(encoder.bytes)
      _ = try EventCodec.decodeFields(of: .postPublished, version: wrong, from: &decoder)
    }
  }
}

/// A pinned example, so that an accidental change of the format is noticed.
@Test func `a reply with a tag has exactly these bytes`() {
  var encoder = CBOREncoder()
  let facts = PostFacts(
    author: UserID(2), visibility: .followers,
    reply: ReplyReference(parent: PostID(3), parentAuthor: UserID(4), root: PostID(300)),
    tags: [Tag(folded: "a")])
  EventCodec.encodeFields(of: .post(.published(facts)), into: &encoder)
  #expect(
    encoder.bytes
      == [0xA4, 1, 2, 2, 1, 3, 0x83, 3, 4, 0x19, 0x01, 0x2C, 5, 0x81, 0x61, 0x61])
}
