import Testing
import Wire

@testable import roost_bench

@Suite struct ReplyScannerTests {
  private static let replies: [Reply] = [
    .ok, .simple("PONG"), .text("two\r\nlines"), .text(""), .bytes([0, 13, 10, 255]), .integer(-12),
    .double(1.5), .boolean(true), .null, .nullArray, .array([]), .array([.array([]), .null]),
    .map(["items": .array([.map(["id": .text("1"), "tags": .array([.text("a")])])]), "end": .ok]),
    .push([.text("subscribe"), .text("chats"), .integer(1)]), .verbatim("some\ntext"),
    .error(code: "NOTFOUND", message: "there is no such post"),
  ]

  private func encoded(_ reply: Reply, _ version: RESPVersion) -> [UInt8] {
    ReplyWriter.bytes(reply, framing: .resp, version: version)
  }

  /// Where replies end, when the bytes arrive so many at a time.
  private func ends(of bytes: [UInt8], piece: Int) throws -> [Int] {
    var scanner = ReplyScanner()
    var index = 0
    var ends: [Int] = []
    for arrived in stride(from: piece, to: bytes.count + piece, by: piece) {
      while try scanner.next(bytes, upTo: min(arrived, bytes.count), from: &index) != nil {
        ends.append(index)
      }
    }
    #expect(scanner.isBetweenReplies)
    return ends
  }

  @Test(arguments: [RESPVersion.two, .three], [1, 2, 3, 7, 4_096])
  func `replies end where they were written to end, however they arrive`(
    version: RESPVersion, piece: Int
  ) throws {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for reply in Self.replies {
      bytes += encoded(reply, version)
      ends.append(bytes.count)
    }
    #expect(try self.ends(of: bytes, piece: piece) == ends)
  }

  @Test func `an error is told by its words`() throws {
    let bytes = encoded(.error(code: "DENIED", message: "not you"), .two)
    var scanner = ReplyScanner()
    var index = 0
    let found = try scanner.next(bytes, upTo: bytes.count, from: &index)
    guard case .error(let range)? = found else {
      Issue.record("it was taken for a value")
      return
    }
    #expect(String(decoding: bytes[range], as: UTF8.self) == "DENIED not you")
  }

  @Test func `an error inside of an array is a value`() throws {
    let bytes = Array("*2\r\n:1\r\n-ERR no\r\n".utf8)
    var scanner = ReplyScanner()
    var index = 0
    let found = try scanner.next(bytes, upTo: bytes.count, from: &index)
    #expect(found == .value(UInt8(ascii: "*")))
    #expect(index == bytes.count)
  }

  @Test(arguments: ["hello\r\n", "\r\n", "$x\r\n", "*1x\r\n", "$99999999999999\r\n"])
  func `what is no reply is refused`(text: String) {
    let bytes = Array(text.utf8)
    var scanner = ReplyScanner()
    var index = 0
    #expect(throws: BenchError.self) {
      _ = try scanner.next(bytes, upTo: bytes.count, from: &index)
    }
  }
}
