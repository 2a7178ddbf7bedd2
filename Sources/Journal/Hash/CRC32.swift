internal import CZlib

/// The CRC-32 of zlib, gzip and PNG (reflected polynomial 0xEDB88320).
package func crc32Checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 { crc32Checksum(bytes.span) }

/// The same of bytes that are not copied.
func crc32Checksum(_ bytes: Span<UInt8>) -> UInt32 {
  if bytes.count <= ShortCRC32.lengthMax { return ShortCRC32.checksum(bytes) }
  return unsafe bytes.withUnsafeBufferPointer { buffer in
    unsafe UInt32(truncatingIfNeeded: crc32_z(0, buffer.baseAddress, buffer.count))
  }
}

package func crc32Checksum(_ bytes: [UInt8]) -> UInt32 { crc32Checksum(bytes[...]) }

/// The same of some dozen bytes, as a record has, which zlib takes one by one.
///
/// Eight at a time (Kounavis, Berry, "A systematic approach to building high performance
/// software-based CRC generators", 2005).
enum ShortCRC32 {
  /// Beyond, zlib is faster.
  static let lengthMax = 256

  private static let polynomial: UInt32 = 0xEDB8_8320

  /// Eight tables of 256: what a byte comes to with 0–7 bytes after it.
  private static let table: [UInt32] = {
    var table = (0..<256).map { (byte: UInt32) in
      (0..<8).reduce(byte) { value, _ in value >> 1 ^ (value & 1 == 1 ? polynomial : 0) }
    }
    for index in 256..<2_048 {
      let before = table[index - 256]
      table.append(before >> 8 ^ table[Int(before & 0xFF)])
    }
    return table
  }()

  static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    let table = table.span
    var value = UInt32.max
    var at = 0
    while at + 8 <= bytes.count {
      // Within bounds by the loop's condition.
      let eight = unsafe UInt64(
        littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
      let mixed = eight ^ UInt64(value)
      value = 0
      for place in 0..<8 {
        let byte = Int(mixed >> UInt64(8 * place) & 0xFF)
        value ^= table[(7 - place) << 8 | byte]
      }
      at += 8
    }
    while at < bytes.count {
      value = value >> 8 ^ table[Int((value ^ UInt32(bytes[at])) & 0xFF)]
      at += 1
    }
    return ~value
  }
}
