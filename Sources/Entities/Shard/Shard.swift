package import Domain

/// One thread's share of the engine: its entities and its place in the journal.
package final class Shard: Sendable {
  package let index: ShardIndex
  package let directory: Directory
  package let fold: CommittedFold
  /// Idempotency keys in flight of the people of this shard.
  package let requests: RequestLedger
  package let ids: IDGenerator

  package init(
    index: ShardIndex, directory: Directory, fold: CommittedFold, requests: RequestLedger,
    ids: IDGenerator
  ) {
    self.index = index
    self.directory = directory
    self.fold = fold
    self.requests = requests
    self.ids = ids
  }
}
