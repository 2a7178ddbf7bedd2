package import Domain
internal import Journal
package import Projections

/// Builds projections anew without a server, on the calling thread, and holds nothing in memory but
/// them and what they stand on.
///
/// Saves now and then how far it has come, so that what is killed goes on from there: the next run
/// for the same projections, or the next server.
package struct OfflineRebuild {
  /// What came out.
  package struct Report: Sendable {
    package var targets: ProjectionSet
    package var position: Position
    /// Where it went on from what an earlier run had saved.
    package var resumedAt: Position
    package var ms: Int64
    /// With the newest snapshot; empty if there is none to compare with.
    package var comparisons: [ProjectionComparison] = []
    /// What was written.
    package var snapshot: SnapshotSummary?

    package var records: UInt64 { position.raw - resumedAt.raw }
    package var recordsPerSecond: UInt64 { records * 1_000 / UInt64(max(1, ms)) }
    package var isEqual: Bool { comparisons.allSatisfy(\.isEqual) }
  }

  /// Why there is nothing to put the projections into.
  package enum Refusal: Error, CustomStringConvertible {
    case noSnapshot
    case otherVersion(Position)
    case numberedOtherwise(Position)

    package var description: String {
      switch self {
      case .noSnapshot: "there is no snapshot into which it could be put: rebuild everything"
      case .otherVersion(let position):
        "the snapshot at position \(position) is of other versions in other parts too: "
          + "rebuild everything"
      case .numberedOtherwise(let position):
        "the snapshot at position \(position) numbers people otherwise than the journal does: "
          + "rebuild everything"
      }
    }
  }

  private static let recordsMax = 4_096

  private let directory: String
  private let limits: ProjectionLimits
  private let clock: any Clock
  private let saveEveryMs: Int64
  private let report: ProgressReport?

  package init(
    directory: String, limits: ProjectionLimits = ProjectionLimits(), clock: any Clock,
    saveEveryMs: Int64 = 10_000, report: ProgressReport? = nil
  ) {
    self.directory = directory
    self.limits = limits
    self.clock = clock
    self.saveEveryMs = saveEveryMs
    self.report = report
  }

  // MARK: Comparing

  /// Builds projections and compares them with the newest snapshot, at its position, or without one
  /// at the journal's end. Writes nothing; works beside a running server.
  package func check(_ targets: ProjectionSet) throws -> Report {
    let journal = try JournalReader(directory: directory)
    let file = try SnapshotFile.newest(of: directory, journal, limits: limits)
    let (models, result) = try fold(
      targets, journal, through: try file?.item.position ?? journal.end(), savingInto: nil)
    var outcome = result
    outcome.comparisons = try compare(targets, models, file)
    return outcome
  }

  private func compare(
    _ targets: ProjectionSet, _ models: ReadModels, _ file: SnapshotFile?
  ) throws -> [ProjectionComparison] {
    guard let file else { return [] }
    return try targets.names.filter(file.isReadable).map { name in
      var comparison = ProjectionComparison(name)
      try comparison.add(
        { body in try file.forEachEntry(of: name, body) },
        { body in models.forEachEntry(of: name, body) })
      return comparison
    }
  }

  // MARK: Replacing

  /// Builds projections, compares them with the newest snapshot and puts them there in the place of
  /// the old ones; the file as it was is kept. Throws `locked` while a server runs on the
  /// directory.
  package func replace(_ targets: ProjectionSet, random: any RandomSource) throws -> Report {
    try Journal.require(directory)
    let journal = try Journal.open(directory: directory, clock: clock, random: random)
    defer { journal.drainAndStop() }
    guard let file = try SnapshotFile.newest(of: directory, journal, limits: limits) else {
      throw Refusal.noSnapshot
    }
    let position = file.item.position
    guard file.isCurrent(but: targets) else { throw Refusal.otherVersion(position) }
    let store = RebuildStore(directory: directory)
    let files = RebuildFiles(store, limits: limits, versions: .current)
    let (models, result) = try fold(targets, journal, through: position, savingInto: files)
    var outcome = result
    outcome.comparisons = try compare(targets, models, file)
    guard try file.numbersPeople(as: models) else { throw Refusal.numberedOtherwise(position) }
    try KeptSnapshot.keep(file.item, in: store)
    outcome.snapshot = try file.rewrite(
      targets, from: models, begin: SnapshotStore(directory: directory).begin)
    try files.removeBuilding(targets)
    return outcome
  }

  private func fold(
    _ targets: ProjectionSet, _ journal: some RecordSource, through end: Position,
    savingInto files: RebuildFiles?
  ) throws -> (ReadModels, Report) {
    let began = clock.now
    var models =
      saved(targets, files, journal, end)
      ?? ReadModels(
        shard: .first, of: 1, limits: limits, folding: targets.withFoundations)
    let start = models.position
    var cursor = journal.cursor(after: start)
    var lastSaved = began
    var savingMs: Int64 = 0
    while models.position < end {
      let left = Int(clamping: end.raw - models.position.raw)
      let records = try cursor.next(max: min(Self.recordsMax, left))
      if records.isEmpty { break }
      do throws(ProjectionError) {
        try models.fold(contentsOf: records)
      } catch {
        throw RefoldError.projection(error)
      }
      report?(
        Progress(
          title: "folding \(targets)", done: models.position.raw, total: end.raw,
          unit: "records"))
      let now = clock.now
      if let files, now.ms - lastSaved.ms >= max(saveEveryMs, Rebuilder.Pace.savingShare * savingMs)
      {
        try files.save([models], building: targets, of: journal, at: now)
        lastSaved = clock.now
        savingMs = lastSaved.ms - now.ms
      }
    }
    return (
      models,
      Report(
        targets: targets, position: models.position, resumedAt: start,
        ms: clock.now.ms - began.ms)
    )
  }

  private func saved(
    _ targets: ProjectionSet, _ files: RebuildFiles?, _ journal: some RecordSource,
    _ end: Position
  ) -> ReadModels? {
    guard let files,
      let saved = try? files.loadBuilding(targets, shards: 1, of: journal).models[0],
      saved.position <= end
    else { return nil }
    return saved
  }
}

/// The snapshot that was there before an offline rebuild, to go back to.
package enum KeptSnapshot {
  private static let prefix = "snapshot-"

  /// One is kept: the newest.
  static func keep(_ item: SnapshotStore.Item, in store: RebuildStore) throws(JournalError) {
    let name = "\(prefix)\(item.position)"
    try store.keep(item.path, as: name)
    for other in try store.names() where other.hasPrefix(prefix) && other != name {
      try store.remove(other)
    }
  }

  /// Puts back what an offline rebuild replaced, and returns its position: the next start goes on
  /// from there. Later snapshots are removed, for they hold what was rebuilt; one of the same
  /// position is kept in its place. Nil if nothing is kept. Throws `locked` while a server runs.
  package static func putBack(
    directory: String, clock: any Clock, random: any RandomSource
  ) throws -> Position? {
    try Journal.require(directory)
    let journal = try Journal.open(directory: directory, clock: clock, random: random)
    defer { journal.drainAndStop() }
    let rebuilds = RebuildStore(directory: directory)
    let snapshots = try SnapshotStore(directory: directory)
    for name in try rebuilds.names() where name.hasPrefix(prefix) {
      guard let raw = UInt64(name.dropFirst(prefix.count)) else { continue }
      let position = Position(raw)
      try rebuilds.exchange(name, with: snapshots.path(of: position))
      for item in try snapshots.list() where item.position > position {
        try snapshots.remove(item)
      }
      return position
    }
    return nil
  }
}
