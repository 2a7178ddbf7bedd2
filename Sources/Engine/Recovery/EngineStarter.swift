internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Brings an engine up: the newest good snapshot and the journal's tail, all shards at the same
/// time.
///
/// An actor so that what runs in parallel starts from here and not from a global executor.
actor EngineStarter {
  private let journal: Journal
  private let parts: Engine.Parts
  private let limits: ProjectionLimits
  private let versions: PartVersions
  private let log: @Sendable (String) -> Void
  private let executor: any SerialExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    journal: Journal, parts: Engine.Parts, limits: ProjectionLimits, versions: PartVersions,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.parts = parts
    self.limits = limits
    self.versions = versions
    self.log = log
    executor = (parts.background ?? parts.executors[0]).executor()
  }

  func start(from snapshots: SnapshotStore?) async throws -> Engine {
    let engine = Engine(
      journal: journal, parts: parts, origin: try await origin(from: snapshots))
    await recover(engine)
    journal.releaseMemory()
    engine.keepIdentifiersAscending()
    if !journal.isPast {
      try finishErasures(engine)
      try checkKeys(engine)
    }
    return engine
  }

  /// Everybody who has sealed something has a key, or had one: a new one, made at their next text,
  /// would open nothing of theirs. One pass over them and the keys.
  private func checkKeys(_ engine: Engine) throws {
    let missing = try journal.withoutKey(engine.authors.all)
    guard let first = missing.first else { return }
    throw MissingKeys(count: missing.count, first: first, directory: journal.directory)
  }

  /// Where a crash came between a person's erasure and the destruction of their key, it is made up
  /// for. Costs one look-up for each person ever erased.
  private func finishErasures(_ engine: Engine) throws {
    for user in engine.names.erased where try !journal.isKeyDestroyed(of: user) {
      try journal.destroyKey(of: user)
      log("user:\(user) was erased: their key is destroyed now")
    }
  }

  private func origin(from snapshots: SnapshotStore?) async throws -> Engine.Origin {
    var origin: Engine.Origin
    if let found = try await restored(from: snapshots) {
      origin = found
    } else {
      origin = try await folded()
    }
    origin.log = log
    guard let snapshots, !journal.isPast else { return origin }
    let files = RebuildFiles(
      RebuildStore(directory: snapshots.data), limits: limits, versions: versions)
    try files.settle(startedFrom: origin.created)
    origin.files = files
    return origin
  }

  /// From the journal alone.
  private func folded() async throws -> Engine.Origin {
    let ground = EngineGround(journal: journal, parts: parts, limits: limits, versions: versions)
    let end = journal.durable
    guard end > .zero else {
      return Engine.Origin(ground: ground, models: ground.blankModels(), position: .zero)
    }
    let models = try await inParallel(restorers(on: ground), on: self) {
      try await $0.fold(through: end)
    }
    return Engine.Origin(ground: ground, models: models, position: end)
  }

  private func restorers(on ground: EngineGround) -> [ShardRestorer] {
    parts.executors.enumerated().map { number, executors in
      ShardRestorer(
        shard: ShardIndex(number), ground: ground, journal: journal,
        helper: helper(of: number, ground.names), executor: executors.executor())
    }
  }

  /// From the newest snapshot that can be used; nil if there is none. Says why others cannot.
  private func restored(from snapshots: SnapshotStore?) async throws -> Engine.Origin? {
    guard let snapshots else { return nil }
    let items = try snapshots.list()
    for item in items {
      do {
        let (fit, created) = try fit(of: item)
        var origin = try await restore(from: item, fit)
        origin.created = created
        log("starting from the snapshot at position \(item.position)")
        return origin
      } catch {
        log("passing over the snapshot at position \(item.position): \(error)")
      }
    }
    if journal.durable > .zero {
      let why = items.isEmpty ? "there is no snapshot" : "no snapshot can be used"
      log("\(why): folding the whole journal, \(journal.durable) events")
    }
    return nil
  }

  /// How far a snapshot can be used, as its header tells, and when it was taken. Throws
  /// if it cannot.
  private func fit(of item: SnapshotStore.Item) throws -> (SnapshotFit, created: Instant) {
    let header = try SnapshotReader(item.path, isVerified: true).header
    guard header.position == item.position else { throw SnapshotError.misnamed }
    guard let written = SnapshotFingerprint(header.fingerprint), written.limits == limits else {
      throw SnapshotError.otherVersion
    }
    guard header.position <= journal.durable else {
      throw SnapshotError.beyondEnd(header.position, journal.durable)
    }
    let fit = SnapshotFit(written.versions, readBy: versions)
    // The past answers by today's folds alone: nothing is built anew there.
    guard journal.isPast ? fit.isWhole : fit.isWorthReading else {
      throw SnapshotError.otherVersion
    }
    return (fit, header.created)
  }

  /// What does not read after all, though its version says so, is folded first too.
  private func restore(
    from item: SnapshotStore.Item, _ fit: SnapshotFit
  ) async throws -> Engine.Origin {
    var fit = fit
    while true {
      do {
        return try await attempt(from: item, fit)
      } catch SnapshotError.projection(.badEntry(let name, let error))
        where fit.outdated.contains(name)
      {
        log("\(name.rawValue) in the snapshot at position \(item.position) does not read: \(error)")
        fit.exclude(name)
      }
    }
  }

  private func attempt(
    from item: SnapshotStore.Item, _ fit: SnapshotFit
  ) async throws -> Engine.Origin {
    if !fit.isWhole {
      log("the snapshot at position \(item.position) is of other versions; \(fit.description)")
    }
    let ground = EngineGround(journal: journal, parts: parts, limits: limits, versions: versions)
    let guide = try guide(of: item, fit, for: ground)
    // Whether the file is what was written is found out while it is read.
    let models = try await inParallel(restorers(on: ground), on: self) {
      try await $0.restore(from: item.path, fit, by: guide)
    } meanwhile: {
      try verify(item)
      if let guide { try makeBeds(in: item.path, guide, ground) }
    }
    return Engine.Origin(
      ground: ground, models: models, position: item.position, outdated: fit.outdated)
  }

  /// From now on the entities are found where they lie in the snapshot.
  private func makeBeds(
    in path: String, _ guide: SnapshotGuide, _ ground: EngineGround
  ) throws(SnapshotError) {
    for (number, directory) in ground.directories.enumerated() {
      try Bedrooms(in: path, guide, shard: ShardIndex(number), of: ground.sharding)
        .open(to: directory)
    }
  }

  private func verify(_ item: SnapshotStore.Item) throws(SnapshotError) {
    do throws(JournalError) { try SnapshotReader.verify(item.path) } catch { throw .journal(error) }
  }

  /// By what entities can stay where they are in the snapshot; takes in what else it holds of them.
  /// Nil if they cannot, because it does not say enough or because some of it cannot be used.
  private func guide(
    of item: SnapshotStore.Item, _ fit: SnapshotFit, for ground: EngineGround
  ) throws -> SnapshotGuide? {
    let needed = Set(EntityKind.all.map { SnapshotPart.entities($0) } + [.projection(.people)])
    guard fit.read.isSuperset(of: needed) else { return nil }
    do {
      guard let guide = try SnapshotGuide(of: item.path), Bedrooms.areKnown(to: guide),
        let parts = try GuideParts(guide)
      else { return nil }
      ground.indexes.adopt(parts)
      return guide
    } catch {
      // That the file is not whole says more than what in it does not read.
      try verify(item)
      throw error
    }
  }

  /// Where there are threads for rebuilds, which have nothing to do yet.
  private func helper(of shard: Int, _ names: NameIndex) -> RestoreHelper? {
    guard shard < parts.rebuilding.count else { return nil }
    return RestoreHelper(
      journal: journal, names: names, executor: parts.rebuilding[shard].executor())
  }

  private func recover(_ engine: Engine) async {
    let head = journal.durable
    _ = try? await inParallel(engine.shards, on: self) { await $0.fold.recover(through: head) }
  }
}
