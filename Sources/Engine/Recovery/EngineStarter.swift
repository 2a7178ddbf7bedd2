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
  private let checkedFirstBytes: UInt64
  private let executor: any SerialExecutor
  /// Whose keys were looked for while the snapshot that names them was read, ascending; and who of
  /// them has none, or why that cannot be told.
  private var authors = Authors()

  private struct Authors {
    var checked: [UserID] = []
    var missing = Result<[UserID], any Error>.success([])
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    journal: Journal, parts: Engine.Parts, limits: ProjectionLimits, versions: PartVersions,
    checkedFirstBytes: UInt64, log: @escaping @Sendable (String) -> Void
  ) {
    self.checkedFirstBytes = checkedFirstBytes
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
  /// would open nothing of theirs. One pass over the keys, and one over those who came since the
  /// snapshot.
  private func checkKeys(_ engine: Engine) throws {
    var checked = authors.checked[...]
    let new = engine.authors.all.filter { author in
      checked = checked.drop { $0 < author }
      return checked.first != author
    }
    let missing = try authors.missing.get() + journal.withoutKey(new)
    guard let first = missing.min(by: { $0.raw < $1.raw }) else { return }
    throw MissingKeys(count: missing.count, first: first, directory: journal.directory)
  }

  /// Looks for the keys of those whom a snapshot names, beside everything else that is read of it.
  /// What is wrong with the keys is no reason to pass over the snapshot.
  private func checkKeys(of users: [UserID]) {
    guard !journal.isPast else { return }
    authors = Authors(checked: users, missing: Result { try journal.withoutKey(users) })
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
        helpers: helpers(of: number, ground.names), executor: executors.executor())
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
        // Those whom it names may be another journal's.
        authors = Authors()
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
    authors = Authors()
    let guide = try guide(of: item, fit, for: ground)
    // Whether the file is what was written is found out while it is read.
    let models = try await inParallel(restorers(on: ground), on: self) {
      try await $0.restore(from: item.path, fit, by: guide)
    } meanwhile: {
      try verify(item)
      guard let guide else { return }
      try makeBeds(in: item.path, guide, ground)
      checkKeys(of: ground.indexes.authors.all)
    }
    return Engine.Origin(
      ground: ground, models: models, position: item.position, outdated: fit.outdated,
      unchecked: isCheckedFirst(item) ? nil : item)
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

  /// Of a large one the hash is left for later: it takes longer than anything else in a start.
  private func verify(_ item: SnapshotStore.Item) throws(SnapshotError) {
    do throws(JournalError) {
      if isCheckedFirst(item) {
        try SnapshotReader.verify(item.path)
      } else {
        try SnapshotReader.checkFrames(of: item.path)
      }
    } catch {
      throw .journal(error)
    }
  }

  private func isCheckedFirst(_ item: SnapshotStore.Item) -> Bool {
    item.bytes <= checkedFirstBytes
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

  /// On the threads for rebuilds, which have nothing to do yet, what is largest in the networks
  /// that there are. One shard has the background's thread to itself too, once that has verified
  /// the file.
  private func helpers(of shard: Int, _ names: NameIndex) -> [RestoreHelper] {
    guard shard < parts.rebuilding.count else { return [] }
    var helpers = [
      RestoreHelper(
        .inbox, tellingNamesTo: names, journal: journal,
        executor: parts.rebuilding[shard].executor())
    ]
    if parts.executors.count == 1, let background = parts.background {
      helpers.append(RestoreHelper(.home, journal: journal, executor: background.executor()))
    }
    return helpers
  }

  private func recover(_ engine: Engine) async {
    let head = journal.durable
    _ = try? await inParallel(engine.shards, on: self) { await $0.fold.recover(through: head) }
  }
}
