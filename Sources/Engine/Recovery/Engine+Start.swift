internal import Domain
internal import Entities
package import Journal
package import Projections

extension Engine {
  /// An engine at the journal's head: from the newest good snapshot and the journal's tail, or,
  /// where there is none, from the whole journal. Says on `log` which, and why a snapshot was
  /// passed over.
  ///
  /// What another version of a fold left serves where it can be read, until `rebuilder.goOn()` has
  /// it built anew; what cannot be read is folded first. `versions` are this program's.
  ///
  /// Of a snapshot of more than `checkedFirstBytes` only the checksums of its frames are compared;
  /// its hash is to be compared by `uncheckedSnapshot`.
  ///
  /// The journal's writer may have been started or not; nothing may be enqueued yet.
  package static func start(
    journal: Journal, parts: Parts, snapshots: SnapshotStore? = nil,
    limits: ProjectionLimits = ProjectionLimits(), versions: PartVersions = .current,
    checkedFirstBytes: UInt64 = .max, log: @escaping @Sendable (String) -> Void
  ) async throws -> Engine {
    try await EngineStarter(
      journal: journal, parts: parts, limits: limits, versions: versions,
      checkedFirstBytes: checkedFirstBytes, log: log
    ).start(from: snapshots)
  }

  /// Whatever the clock says, new identifiers come after those that the journal holds. But for
  /// chats: a direct chat's is a hash, and anywhere; a group's is no later than the head.
  func keepIdentifiersAscending() {
    var newest = UInt64(max(0, journal.head.time.ms)) << 22 | 0x3F_FFFF
    for shard in shards {
      newest = shard.directory.users.newest(newest) { $0.raw }
      newest = shard.directory.posts.newest(newest) { $0.raw }
    }
    for shard in shards { shard.ids.isAfter(newest) }
  }
}
