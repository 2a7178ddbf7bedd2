package import Domain
internal import Journal
package import Projections

/// Folds everything anew and keeps the result.
package enum Rebuild {
  /// Refolds the whole journal and writes a fresh snapshot of it. Throws `locked` while a server
  /// runs on the directory: it would not see the new snapshot.
  package static func run(
    directory: String, limits: ProjectionLimits = ProjectionLimits(), clock: any Clock,
    random: any RandomSource, report: ProgressReport? = nil
  ) throws -> (digests: StateDigests, snapshot: SnapshotSummary) {
    guard FileSizes.exists(directory + "/journal") else {
      throw JournalError.missing(path: directory + "/journal")
    }
    let journal = try Journal.open(directory: directory, clock: clock, random: random)
    defer { journal.drainAndStop() }
    var refold = Refold(limits: limits)
    try refold.run(journal, report: report)
    let summary = try refold.writeSnapshot(
      into: try SnapshotStore(directory: directory), of: journal, at: clock.now)
    return (refold.digests(), summary)
  }
}
