/// The number of a shard, from 0.
package struct ShardIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let raw: Int
  package init(_ raw: Int) { self.raw = raw }

  package static let first = ShardIndex(0)
  package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
  package var description: String { String(raw) }
}

/// How many shards there are, and which of them owns an entity.
package struct Sharding: Hashable, Sendable {
  /// Bounded by the ten bits that an identifier keeps for its node.
  package static let countMax = 64

  package let count: Int

  package init(count: Int) {
    precondition((1...Self.countMax).contains(count), "the number of shards is 1–64")
    self.count = count
  }

  package func shard(of key: EntityKey) -> ShardIndex {
    count == 1 ? .first : ShardIndex(Int(key.stableHash % UInt64(count)))
  }

  package func shard(of username: Username) -> ShardIndex {
    count == 1 ? .first : ShardIndex(Int(username.stableHash % UInt64(count)))
  }
}
