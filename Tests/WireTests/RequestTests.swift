import Testing
import Wire

struct RequestTests {
  @Test func `an array of bulk strings is a request`() throws {
    let found = try requests("*2\r\n$3\r\nGET\r\n$5\r\nhe\r\no\r\n")
    #expect(found == [Request(arguments: ["GET", "he\r\no"], framing: .resp)])
  }

  @Test func `a plain line is a request, with either line end`() throws {
    let found = try requests("GET 42\r\nping\n")
    #expect(
      found == [
        Request(arguments: ["GET", "42"], framing: .line),
        Request(arguments: ["ping"], framing: .line),
      ])
  }

  @Test func `both kinds may be mixed and pipelined`() throws {
    let found = try requests("PING\n*1\r\n$4\r\nPING\r\nPING\n")
    #expect(found.map(\.framing) == [.line, .resp, .line])
  }

  @Test func `blank lines and empty arrays are skipped`() throws {
    #expect(try requests("\r\n\n   \n*0\r\n*-1\r\n\t\r\nPING\n").count == 1)
  }

  @Test(arguments: [
    ("a  b\tc", ["a", "b", "c"]),
    (#""hello world" x"#, ["hello world", "x"]),
    (#""a\n\r\t\"\\\x41\q""#, ["a\n\r\t\"\\Aq"]),
    (#"'a \n "b" \' c'"#, [#"a \n "b" ' c"#]),
    (#"ab"cd" ef'g h'"#, ["abcd", "efg h"]),
    (#""" ''"#, ["", ""]),
    (#""\x4""#, ["x4"]),
    (#""\xc3\xa9""#, ["é"]),
    ("POST größe", ["POST", "größe"]),
  ])
  func `a line is split into words as by Redis`(line: String, expected: [String]) throws {
    #expect(try words(line + "\n") == expected.map { Argument($0) })
  }

  @Test(arguments: [#""abc"#, #"'abc"#, #""a"b"#, #"'a'b"#, #"x "a\""#, #"""""#])
  func `quotes must be closed and followed by a blank`(line: String) {
    #expect(refusal(line + "\n") == .unbalancedQuotes)
  }

  @Test func `bytes that are not UTF-8 stay bytes`() throws {
    let argument = try #require(try words(#"ECHO "\xff\x00""# + "\n").last)
    #expect(argument.text == nil)
    #expect(argument.bytes == [0xff, 0])
    #expect(try words(#""\x00""# + "\n") == ["\0"])
  }

  @Test func `arguments are compared by their bytes`() {
    #expect(Argument("e\u{301}") != Argument("\u{e9}"))
    #expect(Set([Argument("a"), Argument([0x61]), Argument([0xff])]).count == 2)
  }

  @Test func `words are recognised in any case`() {
    #expect(Argument("cOunt").isWord("COUNT"))
    #expect(!Argument("counts").isWord("COUNT"))
    #expect(Argument("zrange{").word == "ZRANGE{")
    #expect(Argument("straße").word == nil)
    #expect(Argument([0xff]).word == nil)
  }

  @Test(
    arguments: [
      ("0", 0), ("-1", -1), ("9223372036854775807", Int64.max),
      ("-9223372036854775808", Int64.min), ("9223372036854775808", nil), ("", nil), ("-", nil),
      ("-0", nil), ("01", nil), ("+1", nil), (" 1", nil), ("1a", nil),
    ] as [(String, Int64?)])
  func `integers are read strictly`(text: String, value: Int64?) {
    #expect(Argument(text).integer == value)
  }

  @Test func `an encoded request reads back`() throws {
    let request = Request(
      arguments: ["SAY", "ünï", Argument([0xff, 13, 10]), ""], framing: .resp)
    var bytes: [UInt8] = []
    request.encode(into: &bytes)
    #expect(try requests(bytes) == [request])
    #expect(Request.encoded(["PING"]) == Array("*1\r\n$4\r\nPING\r\n".utf8))
  }
}
