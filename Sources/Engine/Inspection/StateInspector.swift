package import Domain
package import Entities
package import Journal
package import Projections

/// Looks at the whole state from a thread of its own, while the shards go on serving.
package actor StateInspector {
  /// How often digests are tried again because something was written meanwhile.
  private static let digestTriesMax = 3

  private let executor: any SerialExecutor
  let journal: Journal
  private let shards: [Shard]
  private let partitions: [ProjectionPartition]
  private let walkers: [EntityWalker]
  private var isFreezing = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var isTakingSnapshot = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(
    journal: Journal, shards: [Shard], partitions: [ProjectionPartition],
    walkers: [EntityWalker], executor: any SerialExecutor
  ) {
    self.journal = journal
    self.shards = shards
    self.partitions = partitions
    self.walkers = walkers
    self.executor = executor
  }

  /// The read models of all shards at one position: what the furthest shard has folded. The shards
  /// wait for as long as the others take to come as far, which is some records.
  package func freezeModels() async -> (position: Position, models: [ReadModels]) {
    while isFreezing {
      await withCheckedContinuation { continuation in
        if isFreezing { waiters.append(continuation) } else { continuation.resume() }
      }
    }
    isFreezing = true
    defer {
      isFreezing = false
      for waiter in waiters { waiter.resume() }
      waiters = []
    }
    var position = Position.zero
    for shard in shards { position = max(position, await shard.fold.hold()) }
    var models: [ReadModels] = []
    for (shard, partition) in zip(shards, partitions) {
      models.append(
        await shard.fold.resume(at: position) { await partition.freeze() })
    }
    return (position, models)
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

  func endSnapshot() { isTakingSnapshot = false }
}
