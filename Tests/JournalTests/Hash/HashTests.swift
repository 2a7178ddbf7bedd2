import Journal
import Testing

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}

/// From `b2sum -l 256` over the same text.
@Test func `BLAKE2b agrees with b2sum`() {
  #expect(
    hex(blake2b256(Array("abc".utf8)))
      == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
}

@Test func `hashing piece by piece equals hashing at once`() {
  let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
  let hash = BLAKE2b()
  for _ in 0..<2 {
    hash.update(Array(bytes[..<130]))
    hash.update(bytes[130...])
    #expect(hash.finish() == blake2b256(bytes))
  }
  #expect(blake2b256(bytes[1...]) != blake2b256(bytes))
}

/// The check value of CRC-32/ISO-HDLC.
@Test func `the checksum is the CRC-32 of zlib`() {
  #expect(crc32Checksum(Array("123456789".utf8)) == 0xCBF4_3926)
}

/// Bit by bit, as the polynomial says.
private func slowChecksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var value = UInt32.max
  for byte in bytes {
    value ^= UInt32(byte)
    for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~value
}

/// At and past the length up to which zlib is not asked.
@Test func `the checksum of any length is the one of the definition`() {
  let bytes = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
  for length in Array(0...64) + [255, 256, 257, 258, 600] {
    #expect(crc32Checksum(bytes[..<length]) == slowChecksum(bytes[..<length]))
    #expect(crc32Checksum(bytes.suffix(length)) == slowChecksum(bytes.suffix(length)))
  }
}
