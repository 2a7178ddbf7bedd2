import Testing
import Wire

struct ReplyTests {
  struct Sample: Sendable {
    var reply: Reply
    var two: String
    var three: String
    var json: String
  }

  static let samples = [
    Sample(reply: .ok, two: "+OK\r\n", three: "+OK\r\n", json: #""OK""#),
    Sample(
      reply: .simple("a\r\nb"), two: "+ab\r\n", three: "+ab\r\n", json: #""a\r\nb""#),
    Sample(
      reply: .text("é\n\"\\\u{1}"), two: "$6\r\né\n\"\\\u{1}\r\n",
      three: "$6\r\né\n\"\\\u{1}\r\n", json: #""é\n\"\\\u0001""#),
    Sample(reply: .text(""), two: "$0\r\n\r\n", three: "$0\r\n\r\n", json: #""""#),
    Sample(
      reply: .bytes(Array("light wor".utf8)), two: "$9\r\nlight wor\r\n",
      three: "$9\r\nlight wor\r\n", json: #""bGlnaHQgd29y""#),
    Sample(
      reply: .verbatim("# A\r\n"), two: "$5\r\n# A\r\n\r\n", three: "=9\r\ntxt:# A\r\n\r\n",
      json: "\"# A\\r\\n\""),
    Sample(
      reply: .integer(.min), two: ":-9223372036854775808\r\n",
      three: ":-9223372036854775808\r\n", json: "-9223372036854775808"),
    Sample(reply: .integer(0), two: ":0\r\n", three: ":0\r\n", json: "0"),
    Sample(reply: .integer(1203), two: ":1203\r\n", three: ":1203\r\n", json: "1203"),
    Sample(reply: .double(0.1), two: "$3\r\n0.1\r\n", three: ",0.1\r\n", json: "0.1"),
    Sample(reply: .double(3), two: "$1\r\n3\r\n", three: ",3\r\n", json: "3"),
    Sample(reply: .double(-.infinity), two: "$4\r\n-inf\r\n", three: ",-inf\r\n", json: "null"),
    Sample(reply: .boolean(true), two: ":1\r\n", three: "#t\r\n", json: "true"),
    Sample(reply: .boolean(false), two: ":0\r\n", three: "#f\r\n", json: "false"),
    Sample(reply: .null, two: "$-1\r\n", three: "_\r\n", json: "null"),
    Sample(reply: .nullArray, two: "*-1\r\n", three: "_\r\n", json: "null"),
    Sample(
      reply: .array([.integer(1), .null, .array([])]), two: "*3\r\n:1\r\n$-1\r\n*0\r\n",
      three: "*3\r\n:1\r\n_\r\n*0\r\n", json: "[1,null,[]]"),
    Sample(
      reply: .map(["b": .text("x"), "a": .map(["c": .boolean(true)]), "d": .array([.ok, .ok])]),
      two: "*6\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\na\r\n*2\r\n$1\r\nc\r\n:1\r\n$1\r\nd\r\n"
        + "*2\r\n+OK\r\n+OK\r\n",
      three: "%3\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\na\r\n%1\r\n$1\r\nc\r\n#t\r\n$1\r\nd\r\n"
        + "*2\r\n+OK\r\n+OK\r\n",
      json: #"{"b":"x","a":{"c":true},"d":["OK","OK"]}"#),
    Sample(
      reply: .push([.text("subscribe"), .text("home"), .integer(1)]),
      two: "*3\r\n$9\r\nsubscribe\r\n$4\r\nhome\r\n:1\r\n",
      three: ">3\r\n$9\r\nsubscribe\r\n$4\r\nhome\r\n:1\r\n", json: #"["subscribe","home",1]"#),
    Sample(
      reply: .message(channel: "tag:ü", payload: #"{"at":7}"#),
      two: "*3\r\n$7\r\nmessage\r\n$6\r\ntag:ü\r\n$8\r\n{\"at\":7}\r\n",
      three: ">3\r\n$7\r\nmessage\r\n$6\r\ntag:ü\r\n$8\r\n{\"at\":7}\r\n",
      json: #"{"message":{"channel":"tag:ü","event":{"at":7}}}"#),
    Sample(
      reply: .error(code: "NOTFOUND", message: "no \"such\"\r\nthing"),
      two: "-NOTFOUND no \"such\"thing\r\n", three: "-NOTFOUND no \"such\"thing\r\n",
      json: #"{"error":{"code":"NOTFOUND","message":"no \"such\"\r\nthing"}}"#),
  ]

  @Test(arguments: samples)
  func `a reply is written in each dialect`(sample: Sample) {
    #expect(written(sample.reply, .resp, .two) == sample.two)
    #expect(written(sample.reply, .resp, .three) == sample.three)
    #expect(written(sample.reply, .line) == sample.json + "\n")
  }

  @Test func `writing appends and leaves what was there`() {
    var out = Array("x".utf8)
    ReplyWriter.write(.integer(1), framing: .line, version: .two, into: &out)
    ReplyWriter.write(.integer(2), framing: .resp, version: .two, into: &out)
    #expect(out == Array("x1\n:2\r\n".utf8))
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
  ])
  func `bytes are base64 in JSON`(plain: String, encoded: String) {
    #expect(written(.bytes(Array(plain.utf8)), .line) == "\"\(encoded)\"\n")
  }

  @Test func `a map keeps its order and finds its keys`() {
    var map: ReplyMap = ["z": .integer(1)]
    map.append("a", .integer(2))
    #expect(map.entries.map(\.key) == ["z", "a"])
    #expect(map["a"] == .integer(2))
    #expect(map["b"] == nil)
  }

  @Test func `the JSON writer sets its commas`() {
    var json = JSONWriter()
    json.beginObject()
    json.key("a")
    json.beginArray()
    json.id(.max)
    json.beginObject()
    json.endObject()
    json.double(.nan)
    json.endArray()
    json.key("b")
    json.raw("[1]")
    json.key("c")
    json.string("\u{7f}")
    json.endObject()
    #expect(
      json.text == #"{"a":["18446744073709551615",{},null],"b":[1],"c":"\u007f"}"#)
  }
}

struct ReplyParserTests {
  private func parsed(_ text: String, limits: ReplyLimits = ReplyLimits()) throws -> [Reply] {
    var parser = ReplyParser(limits: limits)
    parser.append(text.utf8)
    var found: [Reply] = []
    while let reply = try parser.next() { found.append(reply) }
    return found
  }

  @Test func `null, booleans and doubles read back`() throws {
    #expect(
      try parsed("_\r\n#f\r\n,-inf\r\n*-1\r\n$-1\r\n(12\r\n!5\r\nERR x\r\n") == [
        .null, .boolean(false), .double(-.infinity), .nullArray, .null, .text("12"),
        .error(code: "ERR", message: "x"),
      ])
  }

  @Test func `attributes are skipped wherever they stand`() throws {
    #expect(
      try parsed("|1\r\n+k\r\n+v\r\n*2\r\n:1\r\n|1\r\n+k\r\n:9\r\n:2\r\n|0\r\n:3\r\n")
        == [.array([.integer(1), .integer(2)]), .integer(3)])
  }

  @Test(arguments: [
    "?\r\n", "\r\n", ":x\r\n", "$-2\r\n", "*-2\r\n", "$3\r\nabcd\r\n", "=2\r\nab\r\n", ",x\r\n",
    ":1\n",
  ])
  func `what is not RESP is refused`(text: String) {
    #expect(throws: WireError.self) { try parsed(text) }
  }

  @Test func `depth, length and elements are bounded`() throws {
    var limits = ReplyLimits()
    limits.depthMax = 2
    limits.bulkBytesMax = 3
    limits.elementsMax = 4
    #expect(try parsed("*1\r\n*1\r\n:1\r\n", limits: limits).count == 1)
    #expect(throws: WireError.self) { try parsed("*1\r\n*1\r\n*1\r\n:1\r\n", limits: limits) }
    #expect(try parsed("$3\r\nabc\r\n", limits: limits) == [.text("abc")])
    #expect(throws: WireError.self) { try parsed("$4\r\n", limits: limits) }
    #expect(try parsed("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", limits: limits).count == 1)
    #expect(throws: WireError.self) { try parsed("*5\r\n", limits: limits) }
  }
}
