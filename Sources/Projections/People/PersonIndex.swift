internal import Domain

/// A person's row in the tables of the read models: 0, 1, 2, … in the order in which the journal
/// first names them. The same on every shard, and half the size of an id.
package struct PersonIndex: Hashable, Comparable, Sendable {
  package let raw: UInt32
  package init(_ raw: UInt32) { self.raw = raw }

  @inline(__always) var row: Int { Int(raw) }
  package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}

/// The rows of whom a record names first, looked up once for all read models.
struct Cast {
  let actor: PersonIndex
  /// Whom a user's event is about, or the author of the post that a post's event is about.
  let other: PersonIndex?
}

extension PersonIndex: SegmentKey {
  var segmentHash: UInt64 { mix64(UInt64(raw)) }
}
