/// Numbers packed into a CBOR byte string: none into an empty one, others into their width in bytes
/// (4, or 8 if one of them needs it) and then the numbers, little-endian.
///
/// Read and written at the speed of memory, where an array of CBOR takes a branch for each number.
package struct PackedWords: Sendable {
  private static let narrow = 4
  private static let wide = 8

  package let count: Int
  private let width: Int
  private let bytes: ArraySlice<UInt8>

  fileprivate init(_ bytes: ArraySlice<UInt8>) throws(CBORError) {
    width = bytes.first.map { Int($0) } ?? Self.narrow
    self.bytes = bytes.dropFirst()
    guard width == Self.narrow || width == Self.wide, self.bytes.count.isMultiple(of: width),
      bytes.isEmpty || !self.bytes.isEmpty
    else { throw .invalidValue }
    count = self.bytes.count / width
  }

  /// The numbers of a list of ids or positions.
  package func wideWords() -> [UInt64] {
    if width == Self.narrow { return copied(as: UInt32.self).map { UInt64($0) } }
    return copied(as: UInt64.self)
  }

  /// The numbers, where none may need more than 32 bits. Not generic: that would look up the type
  /// at run time for each of millions of lists.
  package func words() throws(CBORError) -> [UInt32] {
    guard width == Self.narrow else { throw .outOfRange }
    return copied(as: UInt32.self)
  }

  private func copied<Word: BitwiseCopyable>(as _: Word.Type) -> [Word] {
    // Of the size that `width` says, and little-endian as the machine is.
    unsafe Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe bytes.withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0)
      }
      initialized = count
    }
  }

  fileprivate static func write<Word: BitwiseCopyable>(
    _ words: ArraySlice<Word>, to encoder: inout CBOREncoder
  ) {
    guard !words.isEmpty else { return encoder.bytesHead(0) }
    let width = MemoryLayout<Word>.size
    encoder.bytesHead(1 + words.count * width)
    encoder.byte(UInt8(width))
    unsafe words.withUnsafeBytes { unsafe encoder.encoded($0) }
  }
}

/// What is stored as a number of 32 bits, any of which are one: 4 bytes.
package protocol PackedWord: BitwiseCopyable {}

extension UInt32: PackedWord {}

extension CBOREncoder {
  /// A byte string of numbers.
  package mutating func packed<Word: PackedWord>(_ words: [Word]) {
    PackedWords.write(words[...], to: &self)
  }

  /// The same of a part of an array.
  package mutating func packed<Word: PackedWord>(_ words: ArraySlice<Word>) {
    PackedWords.write(words, to: &self)
  }

  /// The same of numbers that may need 64 bits each.
  package mutating func packed(wide words: [UInt64]) {
    if words.contains(where: { $0 > UInt64(UInt32.max) }) {
      PackedWords.write(words[...], to: &self)
    } else {
      PackedWords.write(words.map { UInt32(truncatingIfNeeded: $0) }[...], to: &self)
    }
  }
}

extension CBORDecoder {
  /// A byte string of numbers.
  package mutating func packed() throws(CBORError) -> PackedWords {
    try PackedWords(try bytes())
  }
}
