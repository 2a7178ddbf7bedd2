/// Reads canonical CBOR item by item, in one pass and without copying byte strings.
///
/// Refuses what `CBOREncoder` would not have written: longer heads, indefinite lengths, floats,
/// tags. Bounds are checked, so hostile bytes give an error and never a crash.
package struct CBORDecoder: Sendable {
  /// How deep `skip` follows containers.
  package static let depthMax = 16

  private let source: ArraySlice<UInt8>
  /// The index, in the source's own numbering, of the next byte to read.
  package private(set) var index: Int
  private let end: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    source = bytes
    index = bytes.startIndex
    end = bytes.endIndex
  }

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Of the next item among the bytes given.
  var offset: Int { index }

  package var isAtEnd: Bool { index == end }

  /// Whether the next item is null; false at the end.
  package var isNull: Bool { index < end && source[index] == 0xF6 }

  /// Whether the next item is an unsigned integer; false at the end.
  package var isUInt: Bool { index < end && source[index] < 0x20 }

  package mutating func uint() throws(CBORError) -> UInt64 {
    try argument(of: 0x00)
  }

  package mutating func int() throws(CBORError) -> Int64 {
    guard index < end else { throw .truncated }
    if source[index] >> 5 == 1 {
      let value = try argument(of: 0x20)
      guard value <= UInt64(Int64.max) else { throw .outOfRange }
      return -1 - Int64(value)
    }
    let value = try argument(of: 0x00)
    guard value <= UInt64(Int64.max) else { throw .outOfRange }
    return Int64(value)
  }

  package mutating func text() throws(CBORError) -> String {
    let range = try content(of: 0x60)
    guard let text = String(validating: source[range], as: UTF8.self) else { throw .invalidUTF8 }
    return text
  }

  package mutating func bytes() throws(CBORError) -> ArraySlice<UInt8> {
    source[try content(of: 0x40)]
  }

  package mutating func bool() throws(CBORError) -> Bool {
    guard index < end else { throw .truncated }
    switch source[index] {
    case 0xF4:
      index += 1
      return false
    case 0xF5:
      index += 1
      return true
    default: throw .unexpectedType
    }
  }

  /// The number of items that follow. Never more than the bytes left, so it is safe to reserve.
  package mutating func array() throws(CBORError) -> Int {
    try count(of: 0x80, itemsPerElement: 1)
  }

  /// The number of pairs that follow. Never more than the bytes left could hold.
  package mutating func map() throws(CBORError) -> Int {
    try count(of: 0xA0, itemsPerElement: 2)
  }

  package mutating func null() throws(CBORError) {
    guard index < end else { throw .truncated }
    guard source[index] == 0xF6 else { throw .unexpectedType }
    index += 1
  }

  /// Passes over one item with all that it contains.
  package mutating func skip() throws(CBORError) { try skip(depth: 0) }

  /// The bytes of the next item, unread; passes over it.
  package mutating func item() throws(CBORError) -> ArraySlice<UInt8> {
    let start = index
    try skip(depth: 0)
    return source[start..<index]
  }

  /// Throws unless everything has been read.
  package func finish() throws(CBORError) {
    guard index == end else { throw .trailingBytes }
  }

  private mutating func skip(depth: Int) throws(CBORError) {
    guard depth < Self.depthMax else { throw .tooDeep }
    guard index < end else { throw .truncated }
    switch source[index] >> 5 {
    case 0: _ = try argument(of: 0x00)
    case 1: _ = try argument(of: 0x20)
    case 2: _ = try content(of: 0x40)
    case 3: _ = try text()
    case 4: for _ in 0..<(try array()) { try skip(depth: depth + 1) }
    case 5: for _ in 0..<(2 * (try map())) { try skip(depth: depth + 1) }
    default:
      guard (0xF4...0xF6).contains(source[index]) else { throw .notCanonical }
      index += 1
    }
  }

  private mutating func content(of major: UInt8) throws(CBORError) -> Range<Int> {
    let length = try argument(of: major)
    guard length <= UInt64(end - index) else { throw .truncated }
    let start = index
    index += Int(length)
    return start..<index
  }

  private mutating func count(
    of major: UInt8, itemsPerElement: Int
  ) throws(CBORError) -> Int {
    let count = try argument(of: major)
    guard count <= UInt64((end - index) / itemsPerElement) else { throw .truncated }
    return Int(count)
  }

  @inline(__always)
  private mutating func argument(of major: UInt8) throws(CBORError) -> UInt64 {
    guard index < end else { throw .truncated }
    let initial = source[index]
    guard initial & 0xE0 == major else { throw .unexpectedType }
    let info = initial & 0x1F
    if info < 24 {
      index += 1
      return UInt64(info)
    }
    return try longArgument(info)
  }

  private mutating func longArgument(_ info: UInt8) throws(CBORError) -> UInt64 {
    guard info <= 27 else { throw .notCanonical }
    let width = 1 << Int(info - 24)
    guard end - index > width else { throw .truncated }
    var value: UInt64 = 0
    // Not over a slice: that would be retained for each number.
    for at in (index &+ 1)...(index &+ width) { value = value << 8 | UInt64(source[at]) }
    // The shortest form: 24 or more in one byte, and more than the next smaller width could hold.
    guard width == 1 ? value >= 24 : value >> UInt64(width * 4) != 0 else { throw .notCanonical }
    index += 1 + width
    return value
  }
}
