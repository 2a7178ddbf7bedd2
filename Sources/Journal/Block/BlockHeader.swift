package import Domain

/// What a block says about itself. A plain block is the CBOR array [version, first position, count,
/// base time, salt, body, hash]; a packed one has other parts in the place of its body. See
/// docs/format.md.
package struct BlockHeader: Sendable, Equatable {
  package var first: Position
  package var count: Int
  package var baseTime: Instant
  /// 24 bytes, or none, only when nothing in the block is sealed.
  package var salt: [UInt8]
  /// Where the body's bytes are in the block; empty in a packed one, until it is unpacked.
  package var body: Range<Int>
  /// Nil for a plain block.
  package var packed: PackedParts?

  /// Of a plain block's array.
  static let plainElements = 7
  /// The hash element at a block's end: its head of two bytes, and 32.
  static let hashBytes = 34
  static let saltBytes = 24
  /// Everything but the body, at most.
  static let overheadMax = 96

  package var last: Position { Position(first.raw + UInt64(count) - 1) }

  /// Reads the head of a block and checks the outline of the whole; neither its hash nor its
  /// checksum.
  static func read(_ block: Span<UInt8>) throws(CBORError) -> BlockHeader {
    var reader = SpanReader()
    let elements = try reader.head(0x80, block)
    let version = try reader.head(0x00, block)
    let isPacked = version == JournalFormat.packedBlockVersion
    guard isPacked || version == JournalFormat.blockVersion,
      elements == UInt64(isPacked ? PackedParts.elements : plainElements)
    else { throw .invalidValue }
    let first = try reader.head(0x00, block)
    let count = try reader.head(0x00, block)
    let time = try reader.int(block)
    let salt = try reader.content(0x40, block)
    let packed = isPacked ? try PackedParts(&reader, block) : nil
    let body = isPacked ? 0..<0 : try reader.content(0x40, block)
    let hash = try reader.content(0x40, block)
    guard reader.index == block.count, hash.count == BLAKE2b.length, first > 0, count > 0,
      count <= UInt64(packed?.openBytes ?? body.count), first <= UInt64.max - count,
      salt.isEmpty || salt.count == saltBytes
    else { throw .invalidValue }
    return BlockHeader(
      first: Position(first), count: Int(count), baseTime: Instant(ms: time),
      salt: Array(copying: block.extracting(salt)), body: body, packed: packed)
  }

  /// Reads the head of a block held as an array.
  package static func read(_ block: [UInt8]) throws(CBORError) -> BlockHeader {
    try read(block.span)
  }
}

/// Where the parts of a packed block are.
package struct PackedParts: Sendable, Equatable {
  /// Of the block's array.
  static let elements = 10
  /// Everything but the two parts, at most.
  static let overheadMax = 112
  /// Of the open part before it was compressed: what reading one event may cost.
  package static let openBytesMax = 64 << 10
  private static let checksumBytes = 4

  /// Of the open part before it was compressed.
  package var openBytes: Int
  /// The open part: a zstd frame.
  package var open: Range<Int>
  /// The sealed texts.
  package var texts: Range<Int>
  /// Of everything before it.
  var checksum: UInt32
  /// Where what the checksum covers ends.
  var checkedEnd: Int

  fileprivate init(_ reader: inout SpanReader, _ block: Span<UInt8>) throws(CBORError) {
    let size = try reader.head(0x00, block)
    guard size > 0, size <= UInt64(Self.openBytesMax) else { throw .outOfRange }
    openBytes = Int(size)
    open = try reader.content(0x40, block)
    texts = try reader.content(0x40, block)
    checkedEnd = reader.index
    let content = try reader.content(0x40, block)
    guard content.count == Self.checksumBytes else { throw .invalidValue }
    checksum = 0
    for at in content.reversed() { checksum = checksum << 8 | UInt32(block[at]) }
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
