import Domain
import Testing

@testable import Journal

struct RecordLineTests {
  private func line(_ text: String) throws -> RecordLine {
    try RecordLine(Array(text.utf8)[...])
  }

  @Test(arguments: EventType.allCases)
  func `an event of every kind is read as it was written`(type: EventType) throws {
    var maker = EventMaker(seed: UInt64(type.rawValue))
    for index in 0..<20 {
      let actor = maker.user()
      let secret = Secret([.text: "a \"q\" \\ \n\t\u{1}\u{7F} ü水👋\(index)"])
      let record = Record(
        position: Position(UInt64(index + 1)), time: Instant(ms: Int64(index) - 5),
        actor: actor, entity: maker.entity(for: type), sequence: 3,
        event: maker.event(of: type, by: actor), hasSecret: index % 2 == 0)
      let answer = StoredRequest(
        position: record.position, argumentsDigest: blake2b256([1]),
        outcome: [.ok, .word("w"), .id(7), .count(-2)][index % 4], time: record.time)
      let request = ExportedRequest(
        digest: blake2b128([2]), answer: index % 3 == 0 ? answer : nil)
      let text = RecordJSON.line(
        record, secret: record.hasSecret ? .text(secret) : nil,
        request: index % 3 == 2 ? nil : request)
      let read = try line(text)
      #expect(read.record == record)
      #expect(read.text == (record.hasSecret ? .text(secret) : .none))
      #expect(read.request == (index % 3 == 2 ? nil : request))
    }
  }

  private static let whole = """
    {"actor":"user:7","entity":"user:7","fields":{"user":"8"},"position":1,"sequence":1,\
    "time":5,"type":"user.followed","version":1}
    """

  @Test func `nobody publishes in another's name`() throws {
    let text = """
      {"actor":"user:7","entity":"post:9","fields":{"author":"8","visibility":"public"},\
      "position":1,"sequence":1,"time":5,"type":"post.published","version":3}
      """
    #expect(throws: JSONError("its author is user:8, but user:7 published it")) { try line(text) }
    #expect(try line(text.replacing("user:7", with: "user:8")).record.actor == UserID(8))
  }

  @Test func `times lie in ten thousand years, so that their differences fit`() throws {
    for sign in ["", "-"] {
      let last = Self.whole.replacing(
        #""time":5"#, with: #""time":\#(sign)\#(RecordLine.timeMsMax)"#)
      #expect(try line(last).record.time.ms.magnitude == UInt64(RecordLine.timeMsMax))
      let later = Self.whole.replacing(
        #""time":5"#, with: #""time":\#(sign)\#(RecordLine.timeMsMax + 1)"#)
      #expect(throws: JSONError("its time lies too far from today")) { try line(later) }
    }
    let first = Self.whole.replacing(#""time":5"#, with: #""time":\#(Int64.min)"#)
    #expect(throws: JSONError("its time lies too far from today")) { try line(first) }
  }

  @Test(arguments: ["\u{301}e", "a:b", ""])
  func `a tag is read whatever it begins with`(tag: String) throws {
    let record = Record(
      position: Position(1), time: Instant(ms: 5), actor: UserID(7),
      entity: .tag(Tag(folded: tag)), sequence: 1, event: .tag(.reviewed(trendingAllowed: true)),
      hasSecret: false)
    #expect(try line(RecordJSON.line(record, secret: nil)).record == record)
  }

  @Test func `erased and withheld text count as text`() throws {
    for (word, expected) in [("erased", RecordLine.Text.erased), ("withheld", .withheld)] {
      let text = Self.whole.replacing(#""time""#, with: #""text":"\#(word)","time""#)
      let read = try line(text)
      #expect(read.text == expected)
      #expect(read.record.hasSecret)
    }
  }

  @Test(arguments: [
    ("user.followed", "user.flew"), (#""version":1"#, #""version":2"#),
    ("user:7\",\"ent", "\",\"ent"),
    (#""user":"8""#, #""user":8"#), (#""user":"8""#, #""user":"8","more":1"#),
    (#""user":"8""#, ""), (#""position":1"#, #""position":-1"#), (#""time":5"#, #""time":"5""#),
    (#""entity":"user:7""#, #""entity":"post:7""#), (#""time":5"#, #""time":5,"extra":1"#),
    (#""time":5"#, #""time":5,"text":"gone""#), (#""time":5"#, #""time":5,"text":{"colour":"x"}"#),
    (#""time":5"#, #""time":5,"request":"ab""#), (#""time":5"#, #""time":5,"answer":{}"#),
    (#""fields":{"user":"8"},"#, ""),
  ])
  func `a line that is not as it should be is refused in a sentence`(
    part: String, change: String
  ) throws {
    #expect(throws: Never.self) { try line(Self.whole) }
    let text = Self.whole.replacing(part, with: change, maxReplacements: 1)
    #expect(text != Self.whole)
    let error = #expect(throws: JSONError.self) { try line(text) }
    #expect(error?.description.isEmpty == false)
  }
}
