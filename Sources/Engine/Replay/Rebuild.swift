package import Domain
internal import Journal
package import Projections

/// `rebuild` of everything: entities and projections.
package enum Rebuild {
  /// Its name under DATA/rebuilds while it is under way.
  private static let saved = "offline-everything"

  /// What came out.
  package struct Report {
    package var digests: StateDigests
    package var snapshot: SnapshotSummary
    /// Of the projections with the newest snapshot, at its position; empty without one.
    package var comparisons: [ProjectionComparison] = []
    /// Where it went on from what an earlier run had saved.
    package var resumedAt: Position
    package var ms: Int64

    package var records: UInt64 { digests.position.raw - resumedAt.raw }
    package var recordsPerSecond: UInt64 { records * 1_000 / UInt64(max(1, ms)) }
  }

  /// Refolds the whole journal and writes a fresh snapshot of it; the newest one until then is
  /// kept. Goes on from where an earlier run was killed. Throws `locked` while a server runs on the
  /// directory: it would not see the new snapshot.
  package static func run(
    directory: String, limits: ProjectionLimits = ProjectionLimits(), clock: any Clock,
    random: any RandomSource, saveEveryMs: Int64 = 10_000, stepRecords: UInt64 = 65_536,
    report: ProgressReport? = nil
  ) throws -> Report {
    try Journal.require(directory)
    let journal = try Journal.open(directory: directory, clock: clock, random: random)
    defer { journal.drainAndStop() }
    let file = try SnapshotFile.newest(of: directory, journal, limits: limits)
    let store = RebuildStore(directory: directory)
    let began = clock.now
    var folding = Folding(
      refold: resumed(store, journal, limits, notAfter: file?.item.position),
      store: store, clock: clock, saveEveryMs: saveEveryMs, stepRecords: stepRecords,
      lastSaved: began, report: report)
    let resumedAt = folding.refold.position
    var comparisons: [ProjectionComparison] = []
    if let file {
      try folding.run(journal, through: file.item.position)
      comparisons = try compare(folding.refold.models, file)
    }
    try folding.run(journal, through: journal.durable)
    let ms = clock.now.ms - began.ms
    if let file { try KeptSnapshot.keep(file.item, in: store) }
    let summary = try folding.refold.writeSnapshot(
      into: try SnapshotStore(directory: directory), of: journal, at: clock.now)
    try store.remove(saved)
    return Report(
      digests: folding.refold.digests(), snapshot: summary, comparisons: comparisons,
      resumedAt: resumedAt, ms: ms)
  }

  private static func compare(
    _ models: ReadModels, _ file: SnapshotFile
  ) throws -> [ProjectionComparison] {
    try ProjectionName.allCases.filter(file.isReadable).map { name in
      var comparison = ProjectionComparison(name)
      try comparison.add(
        { body in try file.forEachEntry(of: name, body) },
        { body in models.forEachEntry(of: name, body) })
      return comparison
    }
  }

  /// What an earlier run had saved, if it can be trusted and is not past the snapshot to compare
  /// with; else from the beginning.
  private static func resumed(
    _ store: RebuildStore, _ journal: Journal, _ limits: ProjectionLimits,
    notAfter last: Position?
  ) -> Refold {
    guard store.contains(saved), let reader = try? SnapshotReader(store.path(saved)),
      reader.header.fingerprint == SnapshotFingerprint.bytes(limits),
      reader.header.position <= last ?? reader.header.position,
      let refold = try? Refold(from: reader, of: journal, limits: limits)
    else { return Refold(limits: limits) }
    return refold
  }

  private struct Folding {
    var refold: Refold
    let store: RebuildStore
    let clock: any Clock
    let saveEveryMs: Int64
    let stepRecords: UInt64
    var lastSaved: Instant
    var savingMs: Int64 = 0
    let report: ProgressReport?

    mutating func run(_ journal: Journal, through end: Position) throws {
      let total = journal.durable.raw
      while refold.position < end {
        let step = Position(min(end.raw, refold.position.raw + stepRecords))
        try refold.run(journal, through: .position(step))
        report?(
          Progress(
            title: "folding", done: refold.position.raw, total: total, unit: "records"))
        let now = clock.now
        guard now.ms - lastSaved.ms >= max(saveEveryMs, Rebuilder.Pace.savingShare * savingMs)
        else { continue }
        _ = try refold.write(of: journal, at: now) { header throws(JournalError) in
          try store.begin(saved, header)
        }
        lastSaved = clock.now
        savingMs = lastSaved.ms - now.ms
      }
    }
  }
}
