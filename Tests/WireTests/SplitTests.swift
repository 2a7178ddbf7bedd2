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

struct FuzzTests {
  static let seeds: [[UInt8]] =
    [
      SplitTests.corpus, "*1\r\n$4\r\nPING\r\n", "POST \"hello \\x41\" KEY k\r\n",
      "*4\r\n$1\r\na\r\n$12\r\n123456789012\r\n$0\r\n\r\n$1\r\nz\r\n", "''\"\"\n", "*1025\r\n",
      "%1\r\n+a\r\n*2\r\n:1\r\n|1\r\n+k\r\n+v\r\n,1.5\r\n>2\r\n=7\r\ntxt:abc\r\n$-1\r\n",
    ].map { Array($0.utf8) }

  /// Seeds cut, joined, and with bytes changed to those the protocol cares about.
  static func mutant(_ random: inout SeededRandom) -> [UInt8] {
    let interesting = Array("*$\r\n0129-\"'\\x +:%|>,=_#(~!\0".utf8) + [0xff, 0xc3]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let seed = seeds.randomElement(using: &random)!
      bytes += seed.prefix(Int.random(in: 0...seed.count, using: &random))
    }
    for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
      let index = bytes.indices.randomElement(using: &random)!
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[index] = interesting.randomElement(using: &random)!
      case 1: bytes.insert(interesting.randomElement(using: &random)!, at: index)
      case 2: bytes.remove(at: index)
      default: bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
    }
    return bytes
  }

  @Test(arguments: [UInt64](1...4))
  func `no bytes confuse the parsers`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<1500 {
      let bytes = Self.mutant(&random)
      fuzzRequestParser(bytes)
      fuzzReplyParser(bytes)
    }
  }
}
