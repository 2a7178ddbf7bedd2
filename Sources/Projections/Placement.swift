import Domain

/// Which part of every read model a shard keeps: the keys whose stable hash falls on it.
struct Placement: Equatable, Sendable {
  let shard: ShardIndex
  let shardCount: Int

  init(shard: ShardIndex, of shardCount: Int) {
    precondition(shardCount > 0 && (0..<shardCount).contains(shard.raw), "no such shard")
    self.shard = shard
    self.shardCount = shardCount
  }

  func owns(hash: UInt64) -> Bool {
    shardCount == 1 || hash % UInt64(shardCount) == UInt64(shard.raw)
  }

  /// Whether this shard keeps what is not spread: the public timeline, the trends' clock.
  var isFirst: Bool { shard.raw == 0 }
}
