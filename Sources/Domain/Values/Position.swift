/// An event's place in the journal: dense, from 1; 0 is before the first.
package struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let raw: UInt64
  package init(_ raw: UInt64) { self.raw = raw }

  package static let zero = Position(0)
  package var next: Position { Position(raw + 1) }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
  package var description: String { String(raw) }
}
