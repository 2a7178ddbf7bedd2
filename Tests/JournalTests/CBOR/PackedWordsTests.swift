import Journal
import Testing

private func packed(_ words: [UInt32]) -> [UInt8] {
  var encoder = CBOREncoder()
  encoder.packed(words)
  return encoder.bytes
}

private func packed(wide words: [UInt64]) -> [UInt8] {
  var encoder = CBOREncoder()
  encoder.packed(wide: words)
  return encoder.bytes
}

private func read(_ bytes: [UInt8]) throws(CBORError) -> PackedWords {
  var decoder = CBORDecoder(bytes)
  let words = try decoder.packed()
  try decoder.finish()
  return words
}

@Suite struct PackedWordsTests {
  @Test func `numbers follow their width, little-endian`() {
    #expect(packed([]) == [0x40])
    #expect(packed([1, 0x0403_0201]) == [0x49, 4, 1, 0, 0, 0, 1, 2, 3, 4])
    #expect(packed(wide: [7]) == packed([7]))
    #expect(packed(wide: [1 << 32]) == [0x49, 8, 0, 0, 0, 0, 1, 0, 0, 0])
  }

  @Test func `what was packed is read back`() throws {
    for count in [0, 1, 2, 1_000] {
      let words = (0..<count).map { UInt32(truncatingIfNeeded: $0 &* 2_654_435_761) }
      let narrow = try read(packed(words))
      #expect(narrow.count == count)
      #expect(try narrow.words() == words)
      #expect(narrow.wideWords() == words.map { UInt64($0) })
    }
    // The largest that 32 bits hold, and one more.
    let bound = [0, UInt64(UInt32.max)]
    #expect(try read(packed(wide: bound)).words() == [0, .max])
    let past = [0, UInt64(UInt32.max) + 1, .max]
    #expect(try read(packed(wide: past)).wideWords() == past)
  }

  @Test func `numbers that need 64 bits are no numbers of 32`() throws {
    let words = try read(packed(wide: [1 << 32]))
    #expect(throws: CBORError.outOfRange) { try words.words() }
  }

  @Test(
    arguments: [
      [0x41, 4],  // a width and no number
      [0x42, 4, 0],  // less than a number
      [0x44, 3, 0, 0, 0],  // another width
      [0x46, 4, 0, 0, 0, 0, 0],  // a number and a part of one
      [0x45, 8, 0, 0, 0, 0],  // half of a number
    ] as [[UInt8]])
  func `what is no list of numbers is refused`(bytes: [UInt8]) {
    #expect(throws: CBORError.invalidValue) { try read(bytes) }
  }
}
