internal import Domain
internal import Journal
internal import Projections

/// The workers of one rebuild, which all stand at one position between two steps, and its clock.
///
/// Belongs to the rebuilder's actor.
final class RebuildCrew {
  private(set) var workers: [RebuildWorker]
  private(set) var position: Position
  private(set) var folded: UInt64 = 0
  let began: Instant
  /// Of what is built.
  let folds: FoldVersions
  private let clock: any Clock
  private var lastSaved: Instant
  private var lastSavingMs: Int64 = 0

  /// One worker for each executor, with one shard or more.
  init(
    _ models: [ReadModels], of journal: Journal, executors: [any SerialExecutor],
    clock: any Clock
  ) {
    position = models[0].position
    folds = models[0].folds
    self.clock = clock
    began = clock.now
    lastSaved = began
    workers = executors.indices.compactMap { number in
      let own = models.filter { $0.shard.raw % executors.count == number }
      return own.isEmpty ? nil : RebuildWorker(own, of: journal, executor: executors[number])
    }
  }

  func reached(_ position: Position) {
    folded += position.raw - self.position.raw
    self.position = position
  }

  var recordsPerSecond: UInt64 {
    folded * 1_000 / UInt64(max(1, clock.now.ms - began.ms))
  }

  /// In the order of the shards.
  func freeze() async -> [ReadModels] {
    var models: [ReadModels] = []
    for worker in workers { models += await worker.freeze() }
    return models.sorted { $0.shard.raw < $1.shard.raw }
  }

  /// Lets go of what the workers hold.
  func dismiss() async {
    for worker in workers { await worker.release() }
    workers = []
  }

  func isSavingDue(_ pace: Rebuilder.Pace) -> Bool {
    clock.now.ms - lastSaved.ms >= max(pace.saveEveryMs, Rebuilder.Pace.savingShare * lastSavingMs)
  }

  func saved(began: Instant) {
    lastSaved = clock.now
    lastSavingMs = lastSaved.ms - began.ms
  }
}
