/// Finds where replies end, in RESP2 and RESP3, without making anything of them: a client that
/// measures a server must cost little.
struct ReplyScanner {
  /// How a reply begins; of an error, its words.
  enum Found: Equatable {
    case value(UInt8)
    case error(Range<Int>)
  }

  /// Values of the current reply that are still to come; 0 between replies.
  private var missing = 0
  /// Bytes of the current bulk string and its line end that are still to come.
  private var skipped = 0
  private var found = Found.value(0)

  /// Whether the bytes up to here end with a whole reply.
  var isBetweenReplies: Bool { missing == 0 }

  /// Goes on from `index`, up to `end`, and moves it past what was understood. Nil if the reply
  /// does not end there: then it goes on with the same `index` when there is more. Throws for what
  /// is no reply.
  mutating func next(
    _ bytes: [UInt8], upTo end: Int, from index: inout Int
  ) throws -> Found? {
    let bytes = bytes.span.extracting(..<end)
    while true {
      if skipped > 0 {
        let step = min(skipped, bytes.count - index)
        index += step
        skipped -= step
        if skipped > 0 { return nil }
        missing -= 1
      } else {
        guard let line = Self.line(bytes, from: index) else { return nil }
        try head(bytes, line)
        index = line.upperBound + 2
        if skipped > 0 { continue }
      }
      if missing == 0 { return found }
    }
  }

  /// A line without its end; nil if that is not there yet.
  private static func line(_ bytes: Span<UInt8>, from start: Int) -> Range<Int>? {
    var end = start
    while end + 1 < bytes.count {
      if bytes[end] == 0x0D { return start..<end }
      end += 1
    }
    return nil
  }

  private mutating func head(_ bytes: Span<UInt8>, _ line: Range<Int>) throws {
    guard !line.isEmpty else { throw BenchError("the server sent an empty line") }
    let type = bytes[line.lowerBound]
    if missing == 0 {
      missing = 1
      found = .value(type)
    }
    switch type {
    case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
      let length = try Self.number(bytes, line)
      if length < 0 { missing -= 1 } else { skipped = length + 2 }
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"):
      missing += max(0, try Self.number(bytes, line)) - 1
    case UInt8(ascii: "%"):
      missing += 2 * max(0, try Self.number(bytes, line)) - 1
    case UInt8(ascii: "|"):
      missing += 2 * max(0, try Self.number(bytes, line))
    case UInt8(ascii: "-"):
      if missing == 1, found == .value(type) {
        found = .error(line.lowerBound + 1..<line.upperBound)
      }
      missing -= 1
    case UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "#"),
      UInt8(ascii: ","), UInt8(ascii: "("):
      missing -= 1
    default: throw BenchError("the server sent what is no reply: a line that begins with \(type)")
    }
  }

  private static func number(_ bytes: Span<UInt8>, _ line: Range<Int>) throws -> Int {
    var index = line.lowerBound + 1
    if index < line.upperBound, bytes[index] == UInt8(ascii: "-") { return -1 }
    var value = 0
    while index < line.upperBound {
      let digit = bytes[index]
      guard digit >= 0x30, digit <= 0x39, value < 1 << 40 else {
        throw BenchError("the server sent a length that is none")
      }
      value = value * 10 + Int(digit - 0x30)
      index += 1
    }
    return value
  }
}
