internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// What an engine stands on before it runs: directories and indexes, empty or restored.
struct EngineGround: Sendable {
  let sharding: Sharding
  let names = NameIndex()
  let indexes = Indexes()
  /// By shard.
  let directories: [Directory]
  let limits: ProjectionLimits
  let versions: PartVersions
  /// The engine's clock, made steady.
  let clock: SteadyClock

  init(
    journal: Journal, parts: Engine.Parts, limits: ProjectionLimits,
    versions: PartVersions = .current
  ) {
    self.limits = limits
    self.versions = versions
    sharding = Sharding(count: parts.executors.count)
    let clock = (parts.clock as? SteadyClock) ?? SteadyClock(parts.clock)
    clock.advance(to: journal.head.time)
    self.clock = clock
    let surroundings = Surroundings(journal: journal, clock: clock)
    directories = parts.executors.map { Directory(surroundings: surroundings, executors: $0) }
  }

  /// Read models before any record, by shard.
  func blankModels() -> [ReadModels] {
    directories.indices.map {
      ReadModels(
        shard: ShardIndex($0), of: sharding.count, limits: limits, folds: versions.folds)
    }
  }
}
