package import Domain
package import Journal
internal import Projections

extension StateInspector {
  /// Writes a snapshot while the shards go on serving; keeps the newest ones. One at a time: throws
  /// BUSY while another is being taken.
  ///
  /// The read models are frozen at one position, which costs the shards microseconds; entities are
  /// frozen in slices and stand each at positions of their own, at or after that. The file gets its
  /// name only when the journal is durable up to everything in it.
  package func takeSnapshot(
    into store: SnapshotStore, at now: Instant
  ) async throws -> SnapshotSummary {
    guard beginSnapshot() else {
      throw Rejection(.busy, "a snapshot is being taken already")
    }
    defer { endSnapshot() }
    let (frozenAt, models) = await freezeModels()
    let position = Mutation.snapshotMisplaced.isPlanted ? journal.durable : frozenAt
    let encoder = try SnapshotEncoder(
      at: position, limits: models[0].limits, versions: versions.folded(by: models[0].folds),
      created: now, begin: store.begin)
    try encoder.write(models)
    for kind in EntityKind.all {
      try encoder.begin(kind)
      try await walk(kind, encoder)
    }
    encoder.write(GuideParts(indexes))
    await reach(encoder.through)
    try journal.sync()
    let bytes = try encoder.finish(of: journal)
    try await keepEntities(in: store.path(of: position))
    try store.prune()
    return SnapshotSummary(position: position, entries: encoder.entryCount, bytes: bytes)
  }

  /// From now on entities that nobody asks for sleep in this snapshot.
  private func keepEntities(in path: String) async throws {
    guard let guide = try SnapshotGuide(of: path), Bedrooms.areKnown(to: guide) else { return }
    for (number, walker) in walkers.enumerated() {
      await walker.move(
        to: try Bedrooms(
          in: path, guide, shard: ShardIndex(number), of: Sharding(count: walkers.count)))
    }
  }
}
