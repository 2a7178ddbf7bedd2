package import Domain

/// Where the next page begins: after everything with this page key or a greater one.
///
/// It holds no state of the server and so never expires. On the wire it is 27 characters of
/// base64url: 8 bytes key, 8 bytes position, 4 bytes checksum over both and the list, so that a
/// mistyped one, or one of another list, is refused. The checksum is no secret: a forged cursor
/// reads nothing that a caller could not page to.
package struct Cursor: Hashable, Sendable {
  private static let byteCount = 20
  private static let textLength = 27

  /// The page key of the last item examined; the next page lies below it.
  package var key: UInt64
  /// Where the journal was when the first page was read; matters in lists whose items move.
  package var asOf: Position

  package init(key: UInt64, asOf: Position = .zero) {
    self.key = key
    self.asOf = asOf
  }

  /// Throws INVALID for what was not given out for this list.
  package init(text: String, for list: PageList) throws(Rejection) {
    guard let bytes = Self.decode(text) else { throw Self.refusal }
    self.init(
      key: Self.number(bytes[0..<8]), asOf: Position(Self.number(bytes[8..<16])))
    guard Self.number(bytes[16..<20]) == checksum(for: list) else { throw Self.refusal }
  }

  package func text(for list: PageList) -> String {
    var bytes: [UInt8] = []
    Self.append(key, 8, to: &bytes)
    Self.append(asOf.raw, 8, to: &bytes)
    Self.append(checksum(for: list), 4, to: &bytes)
    return Self.encode(bytes)
  }

  private static let refusal = Rejection(.invalid, "this cursor does not belong to this list")

  private func checksum(for list: PageList) -> UInt64 {
    mix64(mix64(mix64(list.identity) ^ key) ^ asOf.raw) >> 32
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for index in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))))
    }
  }

  // MARK: Base64url without padding (RFC 4648, section 5)

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(alphabet[Int(bits >> UInt32(bitCount)) & 63])
      }
    }
    if bitCount > 0 { text.append(alphabet[Int(bits << UInt32(6 - bitCount)) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }

  private static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count == textLength else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount = 0
    for character in text.utf8 {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
    }
    // The two bits left over are zero in what we gave out.
    guard bytes.count == byteCount, bits & 3 == 0 else { return nil }
    return bytes
  }
}
