import Domain
import Engine
import Entities
import Journal
import Projections
import Synchronization

/// A live engine on real threads over a data directory.
final class Town: Sendable {
  let engine: Engine
  let journal: Journal
  let clock: SetClock
  let log: LogLines
  let store: SnapshotStore
  private let threads: [ThreadExecutor]
  private let pulses: Pulses

  static let opening = Instant(ms: 1_341_100_800_000)

  /// Opens the directory as a server does: journal, snapshots, tail.
  static func open(
    _ directory: String, shards: Int = 2, seed: UInt64 = 1, at now: Instant = opening,
    limits: ProjectionLimits = ProjectionLimits(), usingSnapshots: Bool = true,
    versions: PartVersions = .current, pace: Rebuilder.Pace = Rebuilder.Pace()
  ) async throws -> Town {
    let clock = SetClock(now)
    let random = SeededRandom(seed: seed)
    let journal = try Journal.open(directory: directory, clock: clock, random: random)
    let threads = (0...shards).map { ThreadExecutor(name: "test \($0)") }
    let log = LogLines()
    let parts = Engine.Parts(
      clock: clock, random: random,
      executors: threads[..<shards].map { ThreadSource(thread: $0) },
      background: ThreadSource(thread: threads[shards]),
      onHalt: { fatalError($0) })
    let store = try SnapshotStore(directory: directory)
    let engine = try await Engine.start(
      journal: journal, parts: parts, snapshots: usingSnapshots ? store : nil, limits: limits,
      versions: versions, log: { log.add($0) })
    let pulses = Pulses()
    journal.onDurable { _ in
      for shard in engine.shards { pulses.send { await shard.fold.advance() } }
    }
    journal.startWriter()
    let town = Town(engine, journal, clock, log, store, threads, pulses)
    await engine.rebuilder.setPace(pace)
    await engine.rebuilder.whenExchanged { [inspector = engine.inspector] in
      _ = try await inspector.takeSnapshot(into: store, at: clock.now)
    }
    await engine.rebuilder.goOn()
    return town
  }

  private init(
    _ engine: Engine, _ journal: Journal, _ clock: SetClock, _ log: LogLines,
    _ store: SnapshotStore, _ threads: [ThreadExecutor], _ pulses: Pulses
  ) {
    self.engine = engine
    self.journal = journal
    self.clock = clock
    self.log = log
    self.store = store
    self.threads = threads
    self.pulses = pulses
  }

  /// Returns when everything enqueued is durable and folded everywhere.
  func settle() async { await engine.reached(journal.enqueued) }

  /// Ends: everything enqueued is durable, and the threads have ended.
  func close() async {
    await engine.rebuilder.stop()
    await settle()
    journal.drainAndStop()
    await pulses.settle()
    for thread in threads { thread.stop() }
  }

  func snapshot() async throws -> SnapshotSummary {
    try await engine.inspector.takeSnapshot(into: store, at: clock.now)
  }
}

/// The wake-ups after each publication, counted, so that no thread is stopped before them.
final class Pulses: Sendable {
  private let pending = Atomic<Int>(0)

  func send(_ body: @escaping @Sendable () async -> Void) {
    pending.wrappingAdd(1, ordering: .relaxed)
    Task {
      await body()
      pending.wrappingSubtract(1, ordering: .releasing)
    }
  }

  func settle() async {
    while pending.load(ordering: .acquiring) > 0 { await Task.yield() }
  }
}

/// The digests of a directory that nobody writes, by folding it from its beginning.
func refoldDigests(
  _ directory: String, through limit: Refold.Limit = .end,
  limits: ProjectionLimits = ProjectionLimits()
) throws -> StateDigests {
  var refold = Refold(limits: limits)
  try refold.run(try JournalReader(directory: directory), through: limit)
  return refold.digests()
}
