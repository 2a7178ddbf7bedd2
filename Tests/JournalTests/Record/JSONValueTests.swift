import Testing

@testable import Journal

struct JSONValueTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONValue.parse(Array(text.utf8)[...])
  }

  @Test func `every kind of value is read`() throws {
    let text = #" {"a": [1, -2, 0, 18446744073709551615], "b": {"c": null}, "d": [true, false]} "#
    let value = try parse(text)
    #expect(value["a"] == .array([.integer(1), .integer(-2), .integer(0), .large(.max)]))
    #expect(value["b"]?["c"] == .null)
    #expect(value["d"]?.array?.map(\.bool) == [true, false])
    #expect(try parse("[]") == .array([]))
    #expect(try parse("{}") == .object([:]))
    #expect(try parse(#""A\u00e9\uD83E\uDD8A\n\"\\\/""#) == .string("Aé🦊\n\"\\/"))
    #expect(try parse(#""00ff""#).hexadecimalBytes == [0, 255])
    #expect(try parse(#""0Ff0""#).hexadecimalBytes == nil)
  }

  @Test(arguments: [
    "", "{", "[1,]", "[1 2]", #"{"a" 1}"#, #"{"a":1,"a":2}"#, "01", "-", "1.5", "1e3", "nul",
    "18446744073709551616", #""a"#, #""\x""#, #""\u12""#, #""\uD800""#, #""\uD800\u0041""#,
    "\"a\nb\"", "[] []", "'a'", "{1:2}", "[truex]",
  ])
  func `what is no JSON of ours is refused`(text: String) {
    #expect(throws: JSONError.self) { try parse(text) }
  }

  @Test func `containers are followed to their bound and no further`() throws {
    let depth = JSONValue.depthMax
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try parse(nested(depth)) }
    #expect(throws: JSONError.self) { try parse(nested(depth + 1)) }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
  }
}
