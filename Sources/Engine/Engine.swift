package import Domain
package import Entities
package import Journal
package import Projections

/// Everything between the wire and the disk: journal, shards with their entities, projections.
package final class Engine: Sendable {
  package let journal: Journal
  package let clock: any Clock
  package let random: any RandomSource
  package let sharding: Sharding
  package let names: NameIndex
  package let tokens: TokenIndex
  package let agenda: Agenda
  /// By index.
  package let shards: [Shard]
  /// The projections of each shard, by index.
  package let partitions: [ProjectionPartition]
  /// Freeze each shard's entities, by index.
  package let walkers: [EntityWalker]
  package let limits: ProjectionLimits
  /// Snapshots and digests, on a thread of its own.
  package let inspector: StateInspector
  /// Puts entities to sleep that nobody asks for.
  package let residency: Residency
  /// The snapshot that it started from, if its hash is to be compared still: `SnapshotCheck`.
  package let uncheckedSnapshot: SnapshotStore.Item?
  /// Who has sealed text.
  let authors: AuthorIndex
  /// Destroys keys and reads the journal for exports, on the same thread.
  package let archivist: Archivist
  /// Makes backups, on the same thread.
  package let backups: BackupKeeper
  /// Builds projections anew while they serve.
  package let rebuilder: Rebuilder

  /// What an engine is made of, besides its journal.
  package struct Parts: Sendable {
    package var clock: any Clock
    package var random: any RandomSource
    /// One for each shard.
    package var executors: [any ExecutorSource]
    /// What else follows the committed events of a shard, after its projections.
    package var sinks: @Sendable (ShardIndex, any SerialExecutor) -> [any CommittedEventSink]
    /// For what is too slow for the shards: snapshots, digests, exports, the destruction of keys.
    /// Nil: the first shard's.
    package var background: (any ExecutorSource)?
    /// For rebuilds, which fold the whole journal: as many shards are folded at the same time.
    /// Empty: where the background's work is done.
    package var rebuilding: [any ExecutorSource]
    /// Called when a shard can't go on; production ends the process.
    package var onHalt: @Sendable (String) -> Void

    package init(
      clock: any Clock, random: any RandomSource, executors: [any ExecutorSource],
      sinks: @escaping @Sendable (ShardIndex, any SerialExecutor) -> [any CommittedEventSink] = {
        _, _ in []
      },
      background: (any ExecutorSource)? = nil, rebuilding: [any ExecutorSource] = [],
      onHalt: @escaping @Sendable (String) -> Void
    ) {
      self.clock = clock
      self.random = random
      self.executors = executors
      self.sinks = sinks
      self.background = background
      self.rebuilding = rebuilding
      self.onHalt = onHalt
    }
  }

  /// An engine without entities, whose projections stand at `position`; `recover` brings it to the
  /// journal's head. `start` does all of that.
  package convenience init(
    journal: Journal, parts: Parts, models: [ReadModels], after position: Position = .zero
  ) {
    let ground = EngineGround(journal: journal, parts: parts, limits: ProjectionLimits())
    self.init(
      journal: journal, parts: parts,
      origin: Origin(ground: ground, models: models, position: position))
  }

  /// What an engine goes on from.
  struct Origin {
    var ground: EngineGround
    /// By shard.
    var models: [ReadModels]
    var position: Position
    /// When the snapshot was taken; nil: there was none.
    var created: Instant?
    /// What must be built anew while it serves.
    var outdated = ProjectionSet()
    /// The snapshot, if its hash is to be compared still.
    var unchecked: SnapshotStore.Item?
    var files: RebuildFiles?
    var log: @Sendable (String) -> Void = { _ in }
  }

  init(journal: Journal, parts: Parts, origin: Origin) {
    let (ground, models, position) = (origin.ground, origin.models, origin.position)
    self.journal = journal
    uncheckedSnapshot = origin.unchecked
    clock = ground.clock
    random = parts.random
    sharding = ground.sharding
    names = ground.names
    tokens = ground.indexes.tokens
    agenda = ground.indexes.agenda
    var shards: [Shard] = []
    var partitions: [ProjectionPartition] = []
    var walkers: [EntityWalker] = []
    let ids = IDGenerator(clock: clock, node: 0)
    for (number, executors) in parts.executors.enumerated() {
      let index = ShardIndex(number)
      let partition = ProjectionPartition(
        models: models[number], executor: executors.executor())
      let directory = ground.directories[number]
      let executor = executors.executor()
      let fold = CommittedFold(
        shard: index, of: sharding, journal: journal, directory: directory, tokens: tokens,
        names: names, agenda: agenda, authors: ground.indexes.authors,
        sinks: [partition] + parts.sinks(index, executor), after: position, executor: executor,
        onHalt: parts.onHalt)
      partitions.append(partition)
      walkers.append(EntityWalker(directory: directory, executor: executors.executor()))
      shards.append(
        Shard(
          index: index, directory: directory, fold: fold,
          requests: RequestLedger(journal: journal, executor: executors.executor()),
          ids: ids))
    }
    self.shards = shards
    self.partitions = partitions
    self.walkers = walkers
    limits = models[0].limits
    let background = parts.background ?? parts.executors[0]
    archivist = Archivist(journal: journal, executor: background.executor())
    backups = BackupKeeper(journal: journal, clock: clock, executor: background.executor())
    inspector = StateInspector(
      journal: journal, shards: shards, partitions: partitions, walkers: walkers,
      indexes: ground.indexes, versions: ground.versions, executor: background.executor(),
      onHalt: parts.onHalt)
    authors = ground.indexes.authors
    residency = Residency(walkers: walkers, executor: background.executor())
    rebuilder = Rebuilder(
      journal: journal, inspector: inspector, clock: clock, models: models,
      outdated: origin.outdated, files: origin.files, versions: ground.versions,
      executors: parts.rebuilding.isEmpty ? [background] : parts.rebuilding, log: origin.log)
  }

  package func shard(of key: EntityKey) -> Shard { shards[sharding.shard(of: key).raw] }

  package func partition(of key: EntityKey) -> ProjectionPartition {
    partitions[sharding.shard(of: key).raw]
  }

  /// Whether every shard has folded `position`: an atomic load a shard.
  package func hasReached(_ position: Position) -> Bool {
    shards.allSatisfy { $0.fold.folded >= position }
  }

  /// Returns once every shard has folded `position`. Costs an atomic load a shard where they have.
  package func reached(_ position: Position) async {
    for shard in shards { await shard.fold.reach(position) }
  }

  /// Folds the journal's tail into entities and projections; called once, before anything is
  /// served.
  package func recover() async {
    let head = journal.durable
    for shard in shards { await shard.fold.recover(through: head) }
    keepIdentifiersAscending()
  }

  /// The digests of everything at one position, worked out off the shards. Throws BUSY while events
  /// are being written.
  package func digests() async throws -> StateDigests { try await inspector.digests() }
}

extension ProjectionPartition: CommittedEventSink {}
