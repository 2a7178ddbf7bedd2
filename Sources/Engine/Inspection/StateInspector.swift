package import Domain
internal import Entities
internal import Journal
package import Projections

/// Looks at the whole state from a thread of its own, while the shards go on serving.
package actor StateInspector {
  /// How often digests are tried again because something was written meanwhile.
  private static let digestTriesMax = 3

  private let executor: any SerialExecutor
  let journal: Journal
  let versions: PartVersions
  private let shards: [Shard]
  private let partitions: [ProjectionPartition]
  let walkers: [EntityWalker]
  let indexes: Indexes
  private let onHalt: @Sendable (String) -> Void
  private var isFreezing = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var isTakingSnapshot = false
  private var snapshotWaiters: [CheckedContinuation<Void, Never>] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// `onHalt` is called when a shard can't go on, as an engine's.
  init(
    journal: Journal, shards: [Shard], partitions: [ProjectionPartition],
    walkers: [EntityWalker], indexes: Indexes, versions: PartVersions, executor: any SerialExecutor,
    onHalt: @escaping @Sendable (String) -> Void
  ) {
    self.onHalt = onHalt
    self.journal = journal
    self.versions = versions
    self.shards = shards
    self.partitions = partitions
    self.walkers = walkers
    self.indexes = indexes
    self.executor = executor
  }

  /// The read models of all shards at one position: what the furthest shard has folded. The shards
  /// wait for as long as the others take to come as far, which is some records.
  package func freezeModels() async -> (position: Position, models: [ReadModels]) {
    let position = await holdAll()
    let models = await resumeAll(at: position) { _, partition in await partition.freeze() }
    return (position, models)
  }

  /// Puts projections of candidates, one for each shard and all at one position, in the place of
  /// those that serve, on all shards at one position. Returns what was there until then.
  ///
  /// The shards wait as for a freeze, and fold what the candidates lack: throws `tooFarBehind`, and
  /// changes nothing, if that is more than `tailMax` records; `apart` if a candidate does not come
  /// to where the shards are; and what reading the journal throws. All candidates are there before
  /// the first takes over: shards never serve different versions.
  package func exchange(
    _ names: ProjectionSet, for candidates: [ReadModels], tailMax: UInt64
  ) async throws -> (position: Position, old: [ReadModels]) {
    let position = await holdAll()
    let ready: [ReadModels]
    do {
      ready = try bring(candidates, to: position, tailMax: tailMax)
    } catch {
      _ = await resumeAll(at: position) { _, _ in }
      throw error
    }
    let old = await resumeAll(at: position) { [onHalt] shard, partition in
      let old = await partition.exchange(names, for: ready[shard.raw])
      if old == nil {
        onHalt(
          "shard \(shard.raw) did not come to position \(position), where others serve version 2")
      }
      return old
    }
    return (position, old.compactMap { $0 })
  }

  /// The candidates of all shards, in their order, after folding what they lack.
  private func bring(
    _ candidates: [ReadModels], to position: Position, tailMax: UInt64
  ) throws -> [ReadModels] {
    let tail = try self.tail(after: candidates[0].position, through: position, max: tailMax)
    var ready = candidates
    for index in ready.indices {
      do throws(ProjectionError) {
        try ready[index].fold(contentsOf: tail)
      } catch {
        throw RebuildError.fold(.projection(error))
      }
    }
    guard ready.map(\.shard) == shards.map(\.index),
      ready.allSatisfy({ $0.position == position })
    else { throw RebuildError.apart }
    return ready
  }

  private func tail(
    after start: Position, through end: Position, max: UInt64
  ) throws -> [Record] {
    guard start <= end, end.raw - start.raw <= max else { throw RebuildError.tooFarBehind }
    var cursor = journal.cursor(after: start)
    var tail: [Record] = []
    while cursor.position < end {
      let records = try cursor.next(max: Int(end.raw - cursor.position.raw))
      guard !records.isEmpty else { throw RebuildError.tooFarBehind }
      tail += records
    }
    return tail
  }

  /// Stops all shards and returns how far the furthest is; `resumeAll(at:)` must follow.
  private func holdAll() async -> Position {
    while isFreezing {
      await withCheckedContinuation { continuation in
        if isFreezing { waiters.append(continuation) } else { continuation.resume() }
      }
    }
    isFreezing = true
    var position = Position.zero
    for shard in shards { position = max(position, await shard.fold.hold()) }
    return position
  }

  /// Brings every shard to `position`, runs `body` there on its thread, and lets it go on.
  private func resumeAll<Value: Sendable>(
    at position: Position,
    _ body: @escaping @Sendable (ShardIndex, ProjectionPartition) async -> Value
  ) async -> [Value] {
    defer {
      isFreezing = false
      for waiter in waiters { waiter.resume() }
      waiters = []
    }
    var values: [Value] = []
    for (shard, partition) in zip(shards, partitions) {
      values.append(
        await shard.fold.resume(at: position) { await body(shard.index, partition) })
    }
    return values
  }

  /// Shows every entity of a kind to the visitor, each as it stands at its turn.
  func walk(_ kind: EntityKind, _ visitor: some EntityVisitor) async throws {
    for walker in walkers { try await walker.walk(kind, visitor) }
  }

  /// The digests of everything at one position. Entities have one position only while nothing is on
  /// its way: throws BUSY where there is no such moment.
  package func digests() async throws -> StateDigests {
    for _ in 0..<Self.digestTriesMax {
      let (position, models) = await freezeModels()
      guard journal.enqueued == position else { continue }
      let entities = EntityDigests()
      for kind in EntityKind.all { try await walk(kind, entities) }
      guard journal.enqueued == position else { continue }
      return StateDigests(position: position, all: entities.named + models.digests())
    }
    throw Rejection(.busy, "events are being written; digests need a quiet moment, try again")
  }

  /// Returns once `position` is durable and folded everywhere.
  func reach(_ position: Position) async {
    for shard in shards { await shard.fold.reach(position) }
  }

  /// False while another is being taken.
  func beginSnapshot() -> Bool {
    if isTakingSnapshot { return false }
    isTakingSnapshot = true
    return true
  }

  func endSnapshot() {
    isTakingSnapshot = false
    for waiter in snapshotWaiters { waiter.resume() }
    snapshotWaiters = []
  }

  /// Returns when no snapshot is being taken.
  package func snapshotsEnded() async {
    while isTakingSnapshot {
      await withCheckedContinuation { continuation in
        if isTakingSnapshot { snapshotWaiters.append(continuation) } else { continuation.resume() }
      }
    }
  }
}
