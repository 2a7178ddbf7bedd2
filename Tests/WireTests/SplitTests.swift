import Testing
import Wire

/// However the bytes are cut, they mean the same.
struct SplitTests {
  static let corpus =
    "PING\r\n*2\r\n$3\r\nGET\r\n$2\r\n42\r\n\r\n*0\r\nSAY 'a b' \"c\\n\\\"\"\n"
    + "*3\r\n$0\r\n\r\n$4\r\n\r\n\r\n\r\n$2\r\né\r\n*-1\r\nx\n"

  @Test func `every split in two and in three gives the same requests`() throws {
    let bytes = Array(Self.corpus.utf8)
    let whole = try requests(bytes)
    #expect(whole.count == 5)
    for first in 0...bytes.count {
      #expect(try requests(bytes, cuts: [first]) == whole)
      for second in first...bytes.count {
        let found = try requests(bytes, cuts: [first, second])
        if found != whole { Issue.record("cut at \(first) and \(second)") }
      }
    }
    #expect(try requests(bytes, cuts: Array(0...bytes.count)) == whole)
  }

  @Test func `every split in two gives the same replies`() throws {
    let replies: [Reply] = [
      .ok, .simple("PONG"), .text("h\r\né"), .bytes([0xff]), .integer(-5), .double(1.5),
      .boolean(true), .null, .verbatim("# Server"), .error(code: "ERR", message: "no such thing"),
      .map(["a": .array([.integer(1), .array([])]), "b": .map([:])]), .push([.text("x")]),
    ]
    var bytes: [UInt8] = []
    for reply in replies {
      ReplyWriter.write(reply, framing: .resp, version: .three, into: &bytes)
    }
    for cut in 0...bytes.count {
      var parser = ReplyParser()
      var found: [Reply] = []
      for part in [bytes[..<cut], bytes[cut...]] {
        parser.append(part.span)
        while let reply = try parser.next() { found.append(reply) }
      }
      #expect(found == replies)
    }
  }
}
