/// Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, the upper bit
/// set on all but the last (LEB128).
struct VarintReader {
  let bytes: ArraySlice<UInt8>
  private(set) var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  var isAtEnd: Bool { index == bytes.endIndex }

  /// Nil where the bytes end too early or say too much.
  mutating func next() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while index < bytes.endIndex, shift < 64 {
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    return nil
  }

  /// The next bytes, so many.
  mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
    guard count <= UInt64(bytes.endIndex - index) else { return nil }
    defer { index += Int(count) }
    return bytes[index..<(index + Int(count))]
  }
}

extension [UInt8] {
  mutating func appendVarint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    append(UInt8(value))
  }

  mutating func appendLittleEndian(_ value: UInt32) {
    for byte in 0..<4 { append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))) }
  }
}
