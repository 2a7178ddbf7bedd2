/// A 64-bit identifier: time-ordered (ms · node · counter) when made by an `IDGenerator`,
/// always below 2^63, shown on the wire as a decimal string.
package protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
  var raw: UInt64 { get }
  init(_ raw: UInt64)
}

extension Identifier {
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
  package var description: String { String(raw) }

  /// The moment in the id: its upper 41 bits are ms since 1970 (see `IDGenerator`).
  package var created: Instant { Instant(ms: Int64(raw >> 22)) }

  /// Reads the decimal string of the wire; nil for anything else, zero and 2^63 or more included.
  package init?(text: String) {
    guard !text.hasPrefix("+"), let raw = UInt64(text), raw > 0, raw < 1 << 63 else { return nil }
    self.init(raw)
  }
}

/// A person.
package struct UserID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }

  /// The actor of what the engine does by itself, and of an operator on the command line.
  package static let system = UserID(1)
}

/// A post.
package struct PostID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// One person's share of a post; orders the share in timelines.
package struct ShareID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// A chat, direct or group.
package struct ChatID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// A message in a chat.
package struct MessageID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// A picture or film that lies elsewhere.
package struct MediaID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// A list of people.
package struct ListID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// A report to the moderators.
package struct ReportID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}

/// An access token.
package struct TokenID: Identifier {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }
}
