/// A hashtag in the form in which it is compared: without `#`, case- and width-folded.
/// Unicode letters, digits and _; not all digits.
package struct Tag: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// In UTF-8 bytes, after folding.
  package static let lengthMax = 200

  package let text: String

  /// Takes text that is folded already (from the journal or a snapshot).
  package init(folded text: String) { self.text = text }

  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
  package var description: String { text }
  package var stableHash: UInt64 { stableHash64(of: text) }
}
