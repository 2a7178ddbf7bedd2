/// An event's place in the journal: dense, from 1; 0 is before the first.
///
/// Compared many times for each request, in every module: so inlined, and each way of comparing
/// spelled out, for what a protocol adds to `<` would be called through its tables.
package struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let raw: UInt64
  @inlinable package init(_ raw: UInt64) { self.raw = raw }

  package static let zero = Position(0)
  @inlinable package var next: Position { Position(raw + 1) }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
  @inlinable package static func <= (left: Self, right: Self) -> Bool { left.raw <= right.raw }
  @inlinable package static func > (left: Self, right: Self) -> Bool { left.raw > right.raw }
  @inlinable package static func >= (left: Self, right: Self) -> Bool { left.raw >= right.raw }
  package var description: String { String(raw) }
}
