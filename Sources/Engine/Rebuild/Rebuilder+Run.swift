internal import Domain
internal import Journal
internal import Projections

/// The way of one rebuild: building, comparing, exchanging, keeping.
extension Rebuilder {
  func start(
    _ targets: ProjectionSet, from saved: RebuildFiles.Saved?, isRevert: Bool
  ) {
    let status = RebuildStatus(
      targets: targets, isRevert: isRevert,
      position: saved?.models[0].position ?? .zero, end: journal.durable)
    board.change { $0.running = status }
    // With a preference: where it waits for workers, it does not go on by way of the global
    // executor.
    Task(executorPreference: executor) {
      await self.run(targets, from: saved, isRevert: isRevert)
    }
  }

  func run(
    _ targets: ProjectionSet, from saved: RebuildFiles.Saved?, isRevert: Bool
  ) async {
    defer { release() }
    let models = saved?.models ?? blank(targets)
    let crew = RebuildCrew(models, of: journal, executors: workerExecutors, clock: clock)
    var outcome = RebuildOutcome(
      targets: targets, isRevert: isRevert, position: crew.position, ms: 0, records: 0)
    do {
      if !isRevert, saved == nil { try save(crew, targets) }
      try await perform(targets, isRevert: isRevert, crew, &outcome)
    } catch RebuildError.numberedOtherwise where !isRevert && targets != .all {
      log("people are numbered otherwise than the journal says: rebuilding all, not \(targets)")
      try? files?.removeBuilding(targets)
      running = .all
      // What `defer` releases, this holds until it has ended.
      return await run(.all, from: nil, isRevert: false)
    } catch {
      outcome.failure = "\(error)"
      outcome.position = crew.position
      if case RebuildError.interrupted = error {} else { try? files?.removeBuilding(targets) }
    }
    if outcome.failure != nil { report(outcome, crew) }
  }

  private func blank(_ targets: ProjectionSet) -> [ReadModels] {
    (0..<shardCount).map {
      ReadModels(
        shard: ShardIndex($0), of: shardCount, limits: limits,
        folding: targets.withFoundations, folds: versions.folds)
    }
  }

  private func perform(
    _ targets: ProjectionSet, isRevert: Bool, _ crew: RebuildCrew,
    _ outcome: inout RebuildOutcome
  ) async throws {
    try await catchUp(crew, targets, isSaved: !isRevert)
    show { $0.phase = .comparing }
    outcome.comparisons = try await compare(targets, isRevert: isRevert, crew)
    show { $0.phase = .exchanging }
    let (position, old) = try await exchange(crew, targets, isSaved: !isRevert)
    outcome.position = position
    let folds = crew.folds
    board.change { content in for name in targets.names { content.folds[name] = folds[name] } }
    report(outcome, crew)
    show { $0.phase = .keeping }
    await crew.dismiss()
    if let why = await keep(old, targets) {
      board.change { content in
        for name in targets.names { content.outcomes[name]?.unsaved = why }
      }
    }
  }

  /// Folds until next to nothing is missing.
  private func catchUp(
    _ crew: RebuildCrew, _ targets: ProjectionSet, isSaved: Bool
  ) async throws {
    while true {
      let end = journal.durable
      show { $0.end = end }
      if end.raw - crew.position.raw <= pace.tailRecordsMax { return }
      while crew.position < end {
        await pace.beforeStep?()
        let step = Position(min(end.raw, crew.position.raw + pace.stepRecords))
        _ = try await inParallel(crew.workers, on: self) { try await $0.fold(through: step) }
        crew.reached(step)
        show { status in
          status.position = step
          status.recordsPerSecond = crew.recordsPerSecond
        }
        if let ending {
          if isSaved, case .interrupted = ending { try await saveNow(crew, targets) }
          throw ending
        }
        if isSaved, crew.isSavingDue(pace) { try await saveNow(crew, targets) }
      }
    }
  }

  private func show(_ body: (inout RebuildStatus) -> Void) {
    board.change { content in
      if content.running != nil { body(&content.running!) }
    }
  }

  private func save(_ crew: RebuildCrew, _ targets: ProjectionSet) throws {
    try files?.save(blank(targets), building: targets, of: journal, at: clock.now)
  }

  private func saveNow(_ crew: RebuildCrew, _ targets: ProjectionSet) async throws {
    guard let files else { return }
    let began = clock.now
    let models = await crew.freeze()
    try files.save(models, building: targets, of: journal, at: began)
    crew.saved(began: began)
  }

  /// Both versions at one position, while the old one goes on serving.
  private func compare(
    _ targets: ProjectionSet, isRevert: Bool, _ crew: RebuildCrew
  ) async throws -> [ProjectionComparison] {
    let (position, live) = await inspector.freezeModels()
    _ = try await inParallel(crew.workers, on: self) { try await $0.fold(through: position) }
    crew.reached(position)
    let isRenumbering = targets.isSuperset(of: ProjectionSet([.people]).withDependents)
    if !isRenumbering {
      for worker in crew.workers where await !worker.numbersPeople(as: live) {
        throw RebuildError.numberedOtherwise
      }
    }
    // The way back is wanted at once, and that it leads elsewhere is known.
    if isRevert { return [] }
    let parts = try await inParallel(crew.workers, on: self) {
      await $0.compare(targets, with: live)
    }
    if let ending { throw ending }
    return targets.names.indices.map { index in
      parts.dropFirst().reduce(parts[0][index]) { $0 + $1[index] }
    }
  }

  private func exchange(
    _ crew: RebuildCrew, _ targets: ProjectionSet, isSaved: Bool
  ) async throws -> (position: Position, old: [ReadModels]) {
    var tailMax = pace.tailRecordsMax
    while true {
      try await catchUp(crew, targets, isSaved: isSaved)
      if let ending { throw ending }
      do {
        let candidates = await crew.freeze()
        return try await inspector.exchange(targets, for: candidates, tailMax: tailMax)
      } catch RebuildError.tooFarBehind {
        tailMax *= 2
      }
    }
  }

  /// Writes what served before, and a snapshot of what serves now: until that is there, a start
  /// would go on from the old version, and so the rebuild from where it was saved, or the way back
  /// from what was kept. Only then the one is let go, and the other. Returns why there is no
  /// snapshot, if there is none.
  private func keep(_ old: [ReadModels], _ targets: ProjectionSet) async -> String? {
    var kept: RebuildFiles.Kept?
    do {
      kept = try files?.keep(old, of: targets, journal: journal, at: clock.now)
    } catch {
      log("what \(targets) was before cannot be kept: \(error)")
    }
    do {
      if let snapshot { try await snapshotNow(snapshot) }
    } catch {
      let why = "no snapshot: \(error)"
      log("\(targets) has taken over, but the next start does not have it: \(why)")
      return why
    }
    do {
      if let kept { try files?.settle(kept) } else { try files?.removeBuilding(targets) }
      try refreshKept()
    } catch {
      log("what \(targets) was before is not in its place: \(error)")
    }
    return nil
  }

  /// Another snapshot may be under way, of what was before.
  private func snapshotNow(_ snapshot: @Sendable () async throws -> Void) async throws {
    while true {
      do {
        return try await snapshot()
      } catch let rejection as Rejection where rejection.code == .busy {
        await inspector.snapshotsEnded()
      }
    }
  }

  private func report(_ ended: RebuildOutcome, _ crew: RebuildCrew) {
    var outcome = ended
    outcome.ms = clock.now.ms - crew.began.ms
    outcome.records = crew.folded
    board.change { content in
      for name in outcome.targets.names { content.outcomes[name] = outcome }
    }
    let what = outcome.isRevert ? "the way back of" : "the rebuild of"
    if let failure = outcome.failure {
      log("\(what) \(outcome.targets) ended at position \(outcome.position): \(failure)")
      return
    }
    log(
      "\(what) \(outcome.targets) took over at position \(outcome.position): "
        + "\(outcome.records) records in \(outcome.ms) ms")
    for comparison in outcome.comparisons where !comparison.isEqual {
      let warning = outcome.isRevert ? "" : "WARNING: "
      log(
        "\(warning)\(comparison.name.rawValue) was not what the journal says: "
          + comparison.sentence)
    }
  }
}
