internal import CZlib

/// The CRC-32 of zlib, gzip and PNG (reflected polynomial 0xEDB88320).
package func crc32Checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  unsafe bytes.withUnsafeBufferPointer { buffer in
    unsafe UInt32(truncatingIfNeeded: crc32_z(0, buffer.baseAddress, buffer.count))
  }
}

package func crc32Checksum(_ bytes: [UInt8]) -> UInt32 { crc32Checksum(bytes[...]) }
