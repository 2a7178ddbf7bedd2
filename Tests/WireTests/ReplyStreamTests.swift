import Testing

@testable import Wire

struct ReplyStreamTests {
  private static let dialects: [(ReplyDialect, Framing, RESPVersion)] = [
    (.resp2, .resp, .two), (.resp3, .resp, .three), (.json, .line, .two),
  ]

  /// Some value, the same into every sink with the same random numbers.
  private static func put(
    _ depth: Int, _ random: inout SeededRandom, into sink: inout some ReplySink
  ) {
    switch random.next() % (depth == 0 ? 5 : 7) {
    case 0: sink.null()
    case 1: sink.integer(Int64(truncatingIfNeeded: random.next() >> (random.next() % 64)))
    case 2: sink.id(random.next() >> (random.next() % 64))
    case 3:
      sink.text(
        ["", "é\n\"\\\u{1}", "a text of more than fifteen bytes"].randomElement(using: &random))
    case 4: sink.flag(random.next() % 2 == 0)
    case 5:
      let count = Int(random.next() % 4)
      sink.beginArray(count)
      for _ in 0..<count { put(depth - 1, &random, into: &sink) }
      sink.endArray()
    default:
      let count = Int(random.next() % 4)
      sink.beginMap(count)
      for number in 0..<count {
        if number % 2 == 0 { sink.key(ReplyKey("key \(number)")) } else { sink.key("\"\(number)") }
        put(depth - 1, &random, into: &sink)
      }
      sink.endMap()
    }
  }

  @Test func `a reply written straight is the bytes of its tree in every dialect`() {
    for seed in 0..<500 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      var tree = ReplyTree()
      Self.put(4, &random, into: &tree)
      for (dialect, framing, version) in Self.dialects {
        #expect(ReplyDialect(framing: framing, version: version) == dialect)
        var random = SeededRandom(seed: seed)
        var stream = ReplyStream(dialect)
        Self.put(4, &random, into: &stream)
        let bytes = ReplyWriter.bytes(tree.reply, framing: framing, version: version)
        #expect(stream.finish() == bytes, "seed \(seed)")
      }
    }
  }

  @Test func `entries that are written already stand among others`() {
    for (dialect, framing, version) in Self.dialects {
      var entries = ReplyStream(dialect)
      entries.key("b")
      entries.integer(2)
      entries.key(ReplyKey("c"))
      entries.text("three")
      var stream = ReplyStream(dialect)
      stream.beginMap(4)
      stream.key("a")
      stream.beginArray(0)
      stream.endArray()
      stream.entries(entries.bytes)
      stream.key("d")
      stream.null()
      stream.endMap()
      let map: Reply = .map([
        "a": .array([]), "b": .integer(2), "c": .text("three"), "d": .null,
      ])
      #expect(stream.finish() == ReplyWriter.bytes(map, framing: framing, version: version))
    }
  }

  @Test func `numbers of every length are written as they read`() {
    var numbers: [UInt64] = [0, 9, 10, .max, .max - 1]
    var power: UInt64 = 1
    for _ in 0..<19 {
      power *= 10
      numbers += [power - 1, power, power + 1]
    }
    for number in numbers {
      var out: [UInt8] = []
      appendDecimal(magnitude: number, to: &out)
      #expect(String(decoding: out, as: UTF8.self) == String(number))
      #expect(decimalDigits(number) == out.count)
    }
    for number in [Int64.min, -10, -9, -1, .max] {
      var out: [UInt8] = []
      appendDecimal(number, to: &out)
      #expect(String(decoding: out, as: UTF8.self) == String(number))
    }
  }
}
