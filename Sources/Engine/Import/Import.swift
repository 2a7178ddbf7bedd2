internal import Domain
internal import Journal
package import Projections

/// Reads a real network and its history into a new data directory.
package enum Import {
  /// Imports, takes a snapshot, and closes the directory.
  ///
  /// With a seed everything is the same from the same files: times, identifiers, keys and salts, so
  /// also the blocks and their hashes. Without one, keys and salts are random.
  ///
  /// Reads all files through before anything is written. Throws `ImportError`, and `JournalError`
  /// where the directory cannot be written.
  package static func run(
    _ files: ImportFiles, into directory: String, seed: UInt64?,
    limits: ProjectionLimits = ProjectionLimits(), progress: ProgressReport? = nil
  ) throws -> ImportReport {
    let plan = try ImportPlan(files, report: progress)
    let clock = SetClock(start(of: plan, isSeeded: seed != nil))
    let journal = try Journal.open(
      directory: directory, clock: clock,
      random: seed.map { SeededRandom(seed: $0) } ?? SystemRandom(),
      contentCheck: .tail)
    defer { journal.drainAndStop() }
    guard journal.durable == .zero else {
      throw ImportError.notEmpty(directory: directory, journal.durable)
    }
    var importer = try Importer(
      files, plan: plan, on: OfflineEngine(journal: journal, clock: clock, limits: limits))
    do {
      var report = try importer.run(progress)
      let store = try SnapshotStore(directory: directory)
      _ = try importer.engine.state.writeSnapshot(into: store, of: journal, at: clock.now)
      report.digests = importer.engine.state.digests()
      return report
    } catch {
      throw ImportError.halfDone(
        directory: directory, events: journal.durable, reason: "\(error)")
    }
  }

  /// A second before the first activity; without any, now.
  private static func start(of plan: ImportPlan, isSeeded: Bool) -> Instant {
    if let second = plan.firstSecond { return Instant(ms: (second - 1) * 1_000) }
    return isSeeded ? Importer.seededStart : SystemClock().now
  }
}
