package import Domain

/// What a block says about itself. A block is the CBOR array [format, first position, count, base
/// time, salt, body, hash]; see docs/format.md.
package struct BlockHeader: Sendable, Equatable {
  package var first: Position
  package var count: Int
  package var baseTime: Instant
  /// 24 bytes, or none, only when nothing in the block is sealed.
  package var salt: [UInt8]
  /// Where the body's bytes are in the block.
  package var body: Range<Int>
  package var previousBytes: Int { body.upperBound }

  /// The hash element at a block's end: its head of two bytes, and 32.
  static let hashBytes = 34
  static let saltBytes = 24
  /// Everything but the body, at most.
  static let overheadMax = 96

  package var last: Position { Position(first.raw + UInt64(count) - 1) }

  /// Reads the head of a block and checks the outline of the whole; not its hash.
  static func read(_ block: Span<UInt8>) throws(CBORError) -> BlockHeader {
    var reader = SpanReader()
    guard try reader.head(0x80, block) == 7,
      try reader.head(0x00, block) == JournalFormat.blockVersion
    else { throw .invalidValue }
    let first = try reader.head(0x00, block)
    let count = try reader.head(0x00, block)
    let time = try reader.int(block)
    let salt = try reader.content(0x40, block)
    let body = try reader.content(0x40, block)
    let hash = try reader.content(0x40, block)
    guard reader.index == block.count, hash.count == BLAKE2b.length, first > 0, count > 0,
      count <= UInt64(body.count), first <= UInt64.max - count,
      salt.isEmpty || salt.count == saltBytes
    else { throw .invalidValue }
    return BlockHeader(
      first: Position(first), count: Int(count), baseTime: Instant(ms: time),
      salt: Array(copying: block.extracting(salt)), body: body)
  }

  /// Reads the head of a block held as an array.
  package static func read(_ block: [UInt8]) throws(CBORError) -> BlockHeader {
    try read(block.span)
  }
}

/// Reads CBOR heads from bytes that are not copied: just enough to walk a block.
struct SpanReader {
  var index = 0

  /// The argument of an item of this major type; passes over the head.
  mutating func head(_ major: UInt8, _ bytes: Span<UInt8>) throws(CBORError) -> UInt64 {
    guard index < bytes.count else { throw .truncated }
    let initial = bytes[index]
    guard initial & 0xE0 == major else { throw .unexpectedType }
    let info = initial & 0x1F
    index += 1
    if info < 24 { return UInt64(info) }
    guard info <= 27 else { throw .notCanonical }
    let width = 1 << Int(info - 24)
    guard bytes.count - index >= width else { throw .truncated }
    var value: UInt64 = 0
    for offset in 0..<width { value = value << 8 | UInt64(bytes[index + offset]) }
    guard width == 1 ? value >= 24 : value >> UInt64(width * 4) != 0 else { throw .notCanonical }
    index += width
    return value
  }

  mutating func int(_ bytes: Span<UInt8>) throws(CBORError) -> Int64 {
    guard index < bytes.count else { throw .truncated }
    let isNegative = bytes[index] & 0xE0 == 0x20
    let value = try head(isNegative ? 0x20 : 0x00, bytes)
    guard value <= UInt64(Int64.max) else { throw .outOfRange }
    return isNegative ? -1 - Int64(value) : Int64(value)
  }

  /// Where the content of a string is; passes over it.
  mutating func content(_ major: UInt8, _ bytes: Span<UInt8>) throws(CBORError) -> Range<Int> {
    let length = try head(major, bytes)
    guard length <= UInt64(bytes.count - index) else { throw .truncated }
    let start = index
    index += Int(length)
    return start..<index
  }
}
