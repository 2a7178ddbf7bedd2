/// A moment: whole milliseconds since 1970-01-01 UTC.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let ms: Int64
  package init(ms: Int64) { self.ms = ms }

  @inlinable package static func < (left: Self, right: Self) -> Bool { left.ms < right.ms }
  package var description: String { String(ms) }
  package func adding(ms: Int64) -> Instant { Instant(ms: self.ms + ms) }
}
