import Journal
import Testing

private func encoded(_ write: (inout CBOREncoder) -> Void) -> [UInt8] {
  var encoder = CBOREncoder()
  write(&encoder)
  return encoder.bytes
}

/// The examples of RFC 8949, appendix A, that are in the subset used here.
@Test(
  arguments: [
    (UInt64(0), [0x00]), (23, [0x17]), (24, [0x18, 0x18]), (100, [0x18, 0x64]),
    (1000, [0x19, 0x03, 0xE8]), (1_000_000, [0x1A, 0x00, 0x0F, 0x42, 0x40]),
    (UInt64.max, [0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
  ] as [(UInt64, [UInt8])])
func `unsigned integers are written as RFC 8949 shows`(value: UInt64, bytes: [UInt8]) throws {
  #expect(encoded { $0.uint(value) } == bytes)
  var decoder = CBORDecoder(bytes)
  #expect(try decoder.uint() == value)
  #expect(decoder.isAtEnd)
}

@Test(
  arguments: [
    (Int64(-1), [0x20]), (-100, [0x38, 0x63]), (-1000, [0x39, 0x03, 0xE7]), (10, [0x0A]),
    (Int64.min, [0x3B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
  ] as [(Int64, [UInt8])])
func `signed integers are written as RFC 8949 shows`(value: Int64, bytes: [UInt8]) throws {
  #expect(encoded { $0.int(value) } == bytes)
  var decoder = CBORDecoder(bytes)
  #expect(try decoder.int() == value)
}

@Test func `texts, bytes, containers and simple values are read back`() throws {
  let bytes = encoded { encoder in
    encoder.array(6)
    encoder.text("ü水")
    encoder.bytes([1, 2, 3])
    encoder.map(1)
    encoder.uint(1)
    encoder.bool(true)
    encoder.null()
    encoder.bool(false)
    encoder.text("")
  }
  #expect(bytes.starts(with: [0x86, 0x65, 0xC3, 0xBC, 0xE6, 0xB0, 0xB4, 0x43, 1, 2, 3, 0xA1]))
  var decoder = CBORDecoder(bytes)
  #expect(try decoder.array() == 6)
  #expect(try decoder.text() == "ü水")
  #expect(try Array(decoder.bytes()) == [1, 2, 3])
  #expect(try decoder.map() == 1)
  #expect(try decoder.uint() == 1)
  #expect(try decoder.bool())
  #expect(decoder.isNull)
  try decoder.null()
  #expect(try decoder.bool() == false)
  #expect(try decoder.text() == "")
  try decoder.finish()
  var skipping = CBORDecoder(bytes)
  try skipping.skip()
  #expect(skipping.isAtEnd)
}

@Test(
  arguments: [
    ([0x18, 0x17], CBORError.notCanonical), ([0x19, 0x00, 0xFF], .notCanonical),
    ([0x1A, 0x00, 0x00, 0xFF, 0xFF], .notCanonical),
    ([0x1B, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], .notCanonical), ([0x1C], .notCanonical),
    ([0x18], .truncated), ([], .truncated), ([0x1B, 1, 2, 3], .truncated),
    ([0x61, 0x61], .unexpectedType),
  ] as [([UInt8], CBORError)])
func `what is not canonical is refused`(bytes: [UInt8], error: CBORError) {
  #expect(throws: error) {
    var decoder = CBORDecoder(bytes)
    _ = try decoder.uint()
  }
}

@Test func `a length beyond the end is refused before anything is reserved`() {
  let huge: [UInt8] = [0x9B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
  #expect(throws: CBORError.truncated) {
    var decoder = CBORDecoder(huge)
    _ = try decoder.array()
  }
  #expect(throws: CBORError.truncated) {
    var decoder = CBORDecoder([0x5B] + huge.dropFirst())
    _ = try decoder.bytes()
  }
}

@Test func `invalid UTF-8 is refused`() {
  #expect(throws: CBORError.invalidUTF8) {
    var decoder = CBORDecoder([0x62, 0xC3, 0x28])
    _ = try decoder.text()
  }
}

@Test func `nesting is followed to the bound and no further`() throws {
  let atBound = [UInt8](repeating: 0x81, count: CBORDecoder.depthMax - 1) + [0x00]
  var decoder = CBORDecoder(atBound)
  try decoder.skip()
  #expect(throws: CBORError.tooDeep) {
    var decoder = CBORDecoder([0x81] + atBound)
    try decoder.skip()
  }
}

@Test func `random bytes never crash the decoder`() {
  var generator = SeededGenerator(seed: 1)
  var read = 0
  for _ in 0..<20_000 {
    let bytes = (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    var decoder = CBORDecoder(bytes)
    do {
      try decoder.skip()
      read += 1
    } catch {}
  }
  #expect(read > 100)
}
