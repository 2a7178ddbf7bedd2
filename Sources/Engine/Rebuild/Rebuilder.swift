package import Domain
internal import Entities
internal import Journal
package import Projections

/// Builds projections anew beside those that serve, and puts them in their place: blue and green.
///
/// One rebuild at a time. Version 2 is folded on threads of its own from the journal's beginning,
/// or from where it was saved, without what it does not stand on; then both versions are compared
/// at one position, and version 2 takes over on all shards at one position. What served until then
/// is kept on the disk, to go back to.
package actor Rebuilder {
  /// In which steps a rebuild goes on.
  package struct Pace: Sendable {
    /// Records folded by each worker before progress is shown and looked at whether to go on.
    package var stepRecords: UInt64
    /// Between two times that how far it has come is saved. Saving takes as long as the state is
    /// large, so it waits for at least `savingShare` times as long as the last one took.
    package var saveEveryMs: Int64
    /// Version 2 takes over when it lacks no more than this, which the shards fold while they wait;
    /// doubled each time that more has been written in the meantime.
    package var tailRecordsMax: UInt64
    /// Waited for before each step; nil goes on at once.
    package var beforeStep: (@Sendable () async -> Void)?
    static let savingShare: Int64 = 10

    package init(
      stepRecords: UInt64 = 16_384, saveEveryMs: Int64 = 10_000, tailRecordsMax: UInt64 = 512
    ) {
      precondition(stepRecords > 0 && tailRecordsMax > 0, "a rebuild gets ahead")
      self.stepRecords = stepRecords
      self.tailRecordsMax = tailRecordsMax
      self.saveEveryMs = saveEveryMs
    }
  }

  let journal: Journal
  let inspector: StateInspector
  let clock: any Clock
  let files: RebuildFiles?
  let log: @Sendable (String) -> Void
  let shardCount: Int
  let limits: ProjectionLimits
  let versions: PartVersions
  let workerExecutors: [any SerialExecutor]
  let executor: any SerialExecutor & TaskExecutor
  package nonisolated let board: RebuildBoard

  var running: ProjectionSet?
  /// Why what is running must end.
  var ending: RebuildError?
  private var isStopped = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  var snapshot: (@Sendable () async throws -> Void)?
  var pace = Pace()
  /// What the start left to be built anew.
  private let outdated: ProjectionSet

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    journal: Journal, inspector: StateInspector, clock: any Clock, models: [ReadModels],
    outdated: ProjectionSet, files: RebuildFiles?, versions: PartVersions,
    executors: [any ExecutorSource], log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.inspector = inspector
    self.clock = clock
    self.files = files
    self.log = log
    self.versions = versions
    self.outdated = outdated
    shardCount = models.count
    limits = models[0].limits
    board = RebuildBoard(folds: models[0].folds)
    executor = executors[0].executor()
    workerExecutors = executors.prefix(models.count).map { $0.executor() }
    let kept = (try? files?.allKept()) ?? []
    board.change { $0.kept = kept }
  }

  /// What makes a snapshot after version 2 took over, so that the next start has it.
  package func whenExchanged(_ snapshot: @escaping @Sendable () async throws -> Void) {
    self.snapshot = snapshot
  }

  /// From the next rebuild on.
  package func setPace(_ pace: Pace) { self.pace = pace }

  // MARK: Beginning and ending

  /// Begins to build projections anew from the journal. Throws BUSY while another rebuild runs.
  package func rebuild(_ targets: ProjectionSet) throws(Rejection) {
    try reserve(targets)
    start(targets, from: nil, isRevert: false)
  }

  /// How the rebuild that is under way ended. Throws what ended it before it took over.
  package func outcome(of targets: ProjectionSet) async throws(Rejection) -> RebuildOutcome {
    await finished()
    return try ended(targets)
  }

  private func ended(_ targets: ProjectionSet) throws(Rejection) -> RebuildOutcome {
    guard let outcome = targets.names.first.flatMap({ board.now.outcomes[$0] }) else {
      throw Rejection(.busy, "the server ends")
    }
    if let failure = outcome.failure { throw Rejection(.error, failure) }
    return outcome
  }

  /// Goes back to what served before the newest rebuild; returns when it serves again, with all
  /// that was written meanwhile, and a snapshot has it. What serves now is kept in its place.
  /// Throws BUSY while a rebuild runs, NOTFOUND if nothing is kept, ERR if it serves but the next
  /// start will not have it.
  package func revert(_ targets: ProjectionSet) async throws -> RebuildOutcome {
    guard let files, let kept = board.now.kept.first(where: { $0.targets.isSuperset(of: targets) })
    else { throw Rejection(.notFound, "nothing older is kept of \(targets)") }
    try reserve(targets)
    let saved: RebuildFiles.Saved
    do {
      saved = try files.loadKept(kept, targets: targets, shards: shardCount, of: journal)
    } catch {
      release()
      throw Rejection(.error, "what is kept of \(targets) cannot be used: \(error)")
    }
    start(targets, from: saved, isRevert: true)
    let outcome = try await outcome(of: targets)
    if let why = outcome.unsaved {
      throw Rejection(.error, "\(targets) serves as it was, until the next start: \(why)")
    }
    return outcome
  }

  /// Ends the rebuild of `targets`, if one is under way, and leaves what serves as it is; `all` is
  /// whatever runs. Throws CONFLICT if it takes over all the same.
  package func cancel(_ targets: ProjectionSet) async throws(Rejection) {
    guard let running, targets == running || targets == .all else { return }
    ending = ending ?? .cancelled
    await finished()
    guard let outcome = running.names.first.flatMap({ board.now.outcomes[$0] }),
      outcome.failure != nil
    else { throw Rejection(.conflict, "\(running) has taken over already: REVERT goes back") }
  }

  /// Lets go what is kept; `all` is whatever is. Throws NOTFOUND if nothing is.
  package func drop(_ targets: ProjectionSet) throws {
    let dropped = board.now.kept.filter { $0.targets == targets || targets == .all }
    guard let files, !dropped.isEmpty else {
      let together = board.now.kept.first { $0.targets.isSuperset(of: targets) }
      let hint = together.map { "; it is kept together as \($0.targets)" } ?? ""
      throw Rejection(.notFound, "nothing is kept of \(targets) alone\(hint)")
    }
    for kept in dropped {
      try files.drop(kept)
      log("\(kept.targets) as of position \(kept.position) is no longer kept")
    }
    try refreshKept()
  }

  /// Goes on with what the last process left unfinished, and begins what the start found outdated.
  /// Once, when the state is recovered.
  package func goOn() {
    let unfinished: ProjectionSet?
    do {
      try files?.prune()
      unfinished = try files?.unfinished()
    } catch {
      log("what rebuilds have saved cannot be listed: \(error)")
      unfinished = nil
    }
    let targets = (unfinished ?? ProjectionSet()).union(outdated)
    guard !targets.isEmpty, running == nil, !isStopped else { return }
    running = targets
    let status = RebuildStatus(targets: targets, isRevert: false, end: journal.durable)
    board.change { $0.running = status }
    // Reading what was saved takes time; nobody waits for it.
    Task(executorPreference: executor) {
      await self.run(targets, from: self.saved(targets, unfinished), isRevert: false)
    }
  }

  private func saved(
    _ targets: ProjectionSet, _ unfinished: ProjectionSet?
  ) -> RebuildFiles.Saved? {
    guard let files, let unfinished else { return nil }
    guard unfinished == targets else {
      try? files.removeBuilding(unfinished)
      return nil
    }
    do {
      let saved = try files.loadBuilding(targets, shards: shardCount, of: journal)
      log("going on with the rebuild of \(targets) at position \(saved.models[0].position)")
      return saved
    } catch {
      log("the rebuild of \(targets) begins again: what was saved cannot be used: \(error)")
      return nil
    }
  }

  /// Ends what is running as the process ends: it is saved, and goes on with the next start.
  package func stop() async {
    isStopped = true
    if running != nil, ending == nil { ending = .interrupted }
    await finished()
  }

  /// Returns when nothing is running.
  package func finished() async {
    while running != nil {
      await withCheckedContinuation { continuation in
        if running == nil { continuation.resume() } else { waiters.append(continuation) }
      }
    }
  }

  private func reserve(_ targets: ProjectionSet) throws(Rejection) {
    if let running { throw Rejection(.busy, "\(running) is being rebuilt") }
    if isStopped { throw Rejection(.busy, "the server ends") }
    running = targets
  }

  func release() {
    running = nil
    ending = nil
    board.change { $0.running = nil }
    for waiter in waiters { waiter.resume() }
    waiters = []
  }

  func refreshKept() throws(JournalError) {
    let kept = try files?.allKept() ?? []
    board.change { $0.kept = kept }
  }
}
