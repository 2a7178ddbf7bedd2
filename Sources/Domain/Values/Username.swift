/// A username: 3–30 of a–z, 0–9 and _, folded to lower case, unique for ever.
package struct Username: Hashable, Comparable, Sendable, CustomStringConvertible {
  package static let lengthMin = 3
  package static let lengthMax = 30

  package let text: String

  /// Folds ASCII capitals; nil if the length or a character does not fit.
  package init?(_ text: String) {
    var folded: [UInt8] = []
    folded.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case 0x61...0x7A, 0x30...0x39, 0x5F: folded.append(byte)
      case 0x41...0x5A: folded.append(byte + 0x20)
      default: return nil
      }
      if folded.count > Self.lengthMax { return nil }
    }
    guard folded.count >= Self.lengthMin else { return nil }
    self.text = String(decoding: folded, as: UTF8.self)
  }

  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
  package var description: String { text }

  /// FNV-1a, mixed; the same in every process.
  package var stableHash: UInt64 { stableHash64(of: text) }
}

/// FNV-1a over the UTF-8 bytes (Fowler, Noll, Vo), finished with `mix64`.
package func stableHash64(of text: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return mix64(hash)
}
