/// Received bytes on their way into requests or replies.
///
/// Each byte is copied in once, moved at most once on average (a compaction moves no more than was
/// consumed since the last one) and searched for a line end once. Empty, it holds no memory after
/// `release()`.
struct InputBuffer: Sendable {
  private(set) var bytes: [UInt8] = []
  /// First byte not consumed.
  private(set) var head = 0
  /// There is no line end in `head..<scanned`.
  private var scanned = 0

  /// Not consumed yet.
  var count: Int { bytes.count - head }
  var isEmpty: Bool { head == bytes.count }
  var first: UInt8 { bytes[head] }

  mutating func append(_ new: Span<UInt8>) {
    compact()
    unsafe new.withUnsafeBufferPointer { pointer in
      unsafe bytes.append(contentsOf: pointer)
    }
  }

  mutating func append(_ new: some Collection<UInt8>) {
    compact()
    bytes.append(contentsOf: new)
  }

  /// Gives the memory back if everything is consumed.
  mutating func release() {
    guard isEmpty else { return }
    bytes = []
    head = 0
    scanned = 0
  }

  mutating func removeAll() {
    bytes = []
    head = 0
    scanned = 0
  }

  private mutating func compact() {
    guard head > 0, head >= count else { return }
    bytes.removeSubrange(0..<head)
    scanned = max(0, scanned - head)
    head = 0
  }

  enum Line: Equatable {
    case incomplete
    case tooLong
    /// Where the line is, without its end, and whether the end was CR LF (rather than LF alone).
    case found(Range<Int>, endsWithCRLF: Bool)
  }

  /// Consumes the line at the head. The range is valid until the next mutation that adds bytes.
  mutating func takeLine(bytesMax: Int) -> Line {
    let end = min(bytes.count, head + bytesMax + 2)
    var index = max(scanned, head)
    while index < end {
      if bytes[index] == Byte.lineFeed {
        let crlf = index > head && bytes[index - 1] == Byte.carriageReturn
        let line = head..<(crlf ? index - 1 : index)
        if line.count > bytesMax { return .tooLong }
        consume(index + 1 - head)
        return .found(line, endsWithCRLF: crlf)
      }
      index += 1
    }
    scanned = index
    let excess = count - bytesMax
    if excess > 1 || (excess == 1 && bytes[head + bytesMax] != Byte.carriageReturn) {
      return .tooLong
    }
    return .incomplete
  }

  enum Bulk: Equatable {
    case incomplete
    case unterminated
    case found(Range<Int>)
  }

  /// Consumes `length` bytes and the CR LF after them.
  mutating func takeBulk(length: Int) -> Bulk {
    if count > length && bytes[head + length] != Byte.carriageReturn { return .unterminated }
    guard count >= length + 2 else { return .incomplete }
    if bytes[head + length + 1] != Byte.lineFeed { return .unterminated }
    let range = head..<(head + length)
    consume(length + 2)
    return .found(range)
  }

  private mutating func consume(_ length: Int) {
    head += length
    scanned = head
  }
}

/// The bytes the protocol gives a meaning to.
enum Byte {
  static let tab: UInt8 = 0x09
  static let tlsHandshake: UInt8 = 0x16
  static let lineFeed: UInt8 = 0x0a
  static let carriageReturn: UInt8 = 0x0d
  static let space: UInt8 = 0x20
  static let doubleQuote: UInt8 = 0x22
  static let dollar: UInt8 = 0x24
  static let singleQuote: UInt8 = 0x27
  static let star: UInt8 = 0x2a
  static let minus: UInt8 = 0x2d
  static let zero: UInt8 = 0x30
  static let backslash: UInt8 = 0x5c

  /// As C's isspace without the line feed, which never occurs within a line.
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == space || (byte >= tab && byte <= carriageReturn)
  }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  /// ASCII only.
  static func uppercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte
  }
}
