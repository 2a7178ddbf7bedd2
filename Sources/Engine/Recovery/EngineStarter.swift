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
  private let log: @Sendable (String) -> Void
  private let executor: any SerialExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    journal: Journal, parts: Engine.Parts, limits: ProjectionLimits,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.journal = journal
    self.parts = parts
    self.limits = limits
    self.log = log
    executor = (parts.background ?? parts.executors[0]).executor()
  }

  func start(from snapshots: SnapshotStore?) async throws -> Engine {
    let engine = try await restored(from: snapshots) ?? blank()
    await recover(engine)
    engine.keepIdentifiersAscending()
    try finishErasures(engine)
    return engine
  }

  /// Where a crash came between a person's erasure and the destruction of their key, it is made up
  /// for. Costs one look-up for each person ever erased.
  private func finishErasures(_ engine: Engine) throws {
    for user in engine.names.erased where try !journal.isKeyDestroyed(of: user) {
      try journal.destroyKey(of: user)
      log("user:\(user) was erased: their key is destroyed now")
    }
  }

  private func blank() -> Engine {
    let ground = EngineGround(journal: journal, parts: parts, limits: limits)
    return Engine(
      journal: journal, parts: parts, ground: ground, models: ground.blankModels(), after: .zero)
  }

  /// From the newest snapshot that can be used; nil if there is none. Says why others cannot.
  private func restored(from snapshots: SnapshotStore?) async throws -> Engine? {
    guard let snapshots else { return nil }
    let items = try snapshots.list()
    for item in items {
      if let refusal = snapshots.refusal(
        of: item, fingerprint: SnapshotFingerprint.bytes(limits), end: journal.durable)
      {
        log("passing over the snapshot at position \(item.position): \(refusal)")
        continue
      }
      do {
        let engine = try await restore(from: item)
        log("starting from the snapshot at position \(item.position)")
        return engine
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

  private func restore(from item: SnapshotStore.Item) async throws -> Engine {
    let ground = EngineGround(journal: journal, parts: parts, limits: limits)
    let restorers = parts.executors.enumerated().map { number, executors in
      ShardRestorer(
        shard: ShardIndex(number), ground: ground, journal: journal,
        executor: executors.executor())
    }
    let models = try await inParallel(restorers) { try await $0.restore(from: item.path) }
    return Engine(
      journal: journal, parts: parts, ground: ground, models: models, after: item.position)
  }

  private func recover(_ engine: Engine) async {
    let head = journal.durable
    _ = try? await inParallel(engine.shards) { await $0.fold.recover(through: head) }
  }

  /// Runs a body for each element, each on the thread to which it leads, and waits for all.
  private func inParallel<Element: Sendable, Value: Sendable>(
    _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Value
  ) async throws -> [Value] {
    let tasks = elements.map { element in
      Task {
        // Begins here, on this actor's thread, and not on a global executor.
        _ = self
        return try await body(element)
      }
    }
    var values: [Result<Value, any Error>] = []
    for task in tasks { values.append(await task.result) }
    return try values.map { try $0.get() }
  }
}

extension SnapshotStore {
  /// Why a snapshot cannot be used, as far as its header and its hash tell; nil if it can.
  func refusal(of item: Item, fingerprint: [UInt8], end: Position) -> String? {
    do throws(JournalError) {
      let header = try SnapshotReader(item.path).header
      if header.position != item.position { return "its name does not fit its position" }
      if header.fingerprint != fingerprint { return "it was written by another version" }
      if header.position > end { return "it is beyond the journal's end, \(end)" }
      return nil
    } catch {
      return error.description
    }
  }
}
