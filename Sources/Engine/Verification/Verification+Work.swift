internal import Domain
internal import Journal

extension Verification {
  /// Follows the chain, folds the journal anew, and what each snapshot holds up to the same end:
  /// beside each other, as far as there are threads. Then compares: read models where a snapshot
  /// stands, everything at the end.
  mutating func work(
    _ reader: JournalReader, _ snapshots: [SnapshotStore.Item], checksChain: Bool,
    _ report: ProgressReport?
  ) throws {
    let bench = Workbench()
    var jobs: [@Sendable () -> Void] = []
    // Where the end cannot be read, the chain says why, and there is nothing to fold.
    let end = checksChain ? (try? reader.end()) : try reader.end()
    if let end, !(options.isQuick && checksChain) {
      jobs.append(refoldJob(reader, snapshots.map(\.position), end, bench))
    }
    if checksChain { jobs.append(chainJob(reader, end ?? .zero, bench)) }
    if let end, !options.isQuick {
      for (index, item) in snapshots.enumerated() {
        jobs.append(snapshotJob(reader, index, item, end, bench))
      }
    }
    Workers.run(jobs, threads: options.threads) { report?(bench.progress) }
    report?(bench.progress)
    try conclude(bench.results, reader, snapshots, end)
  }

  private func chainJob(
    _ reader: JournalReader, _ end: Position, _ bench: Workbench
  ) -> @Sendable () -> Void {
    let options = options
    bench.announce("chain", total: end.raw)
    return {
      let result = Result {
        try JournalVerifier(reader).report(
          extending: options.checkpoint, unsealing: !options.isQuick
        ) { bench.tell("chain", done: $0.position.raw) }
      }
      if (try? result.get().findings.isEmpty) != true { bench.cancel() }
      bench.leave { $0.chain = result }
    }
  }

  private func refoldJob(
    _ reader: JournalReader, _ stops: [Position], _ end: Position, _ bench: Workbench
  ) -> @Sendable () -> Void {
    let limits = options.limits
    bench.announce("refold", total: end.raw)
    return {
      let result = Result {
        try RefoldDigests(
          reader, through: end, stoppingAt: stops, limits: limits, bench: bench, piece: "refold")
      }
      bench.leave { $0.refold = Self.unlessCancelled(result) }
    }
  }

  private func snapshotJob(
    _ reader: JournalReader, _ index: Int, _ item: SnapshotStore.Item, _ end: Position,
    _ bench: Workbench
  ) -> @Sendable () -> Void {
    let limits = options.limits
    let piece = "snapshot \(item.position)"
    bench.announce(piece, total: end.raw)
    return {
      if bench.isCancelled { return }
      let result = Result {
        try SnapshotFold(
          item, of: reader, through: end, limits: limits, bench: bench, piece: piece)
      }
      bench.tell(piece, done: end.raw)
      bench.leave { $0.snapshots[index] = Self.unlessCancelled(result) }
    }
  }

  private static func unlessCancelled<Value>(
    _ result: Result<Value?, any Error>
  ) -> Result<Value, any Error>? {
    switch result {
    case .success(let value): value.map { .success($0) }
    case .failure(let error): .failure(error)
    }
  }

  private mutating func conclude(
    _ results: Workbench.Results, _ reader: JournalReader, _ snapshots: [SnapshotStore.Item],
    _ end: Position?
  ) throws {
    if let chain = try results.chain?.get() {
      add(chain.findings, reader: reader)
      for user in chain.destroyedWithoutErasure {
        notes.append(
          "the key of user:\(user) is destroyed, but the journal has no erasure of theirs")
      }
      guard chain.findings.isEmpty else { return }
    }
    position = end ?? .zero
    guard let refold = try take(results.refold, reader) else { return }
    let digests = refold.atEnd.showing(projection)
    self.digests = digests
    for (index, item) in snapshots.enumerated() {
      guard let snapshot = try take(results.snapshots[index], item) else { continue }
      compare(refold, snapshot, digests)
    }
  }

  /// The refold, unless it could not go on: then why is a problem.
  private mutating func take(
    _ result: Result<RefoldDigests, any Error>?, _ reader: JournalReader
  ) throws -> RefoldDigests? {
    do {
      return try result?.get()
    } catch let error as RefoldError {
      let affected = try error.position.flatMap { try Affected(reader, around: $0) }
      problem(error.description, at: error.position, affecting: affected)
      return nil
    }
  }

  private mutating func take(
    _ result: Result<SnapshotFold, any Error>?, _ item: SnapshotStore.Item
  ) throws -> SnapshotFold? {
    do {
      return try result?.get()
    } catch let error as JournalError {
      if case .missing = error { return nil }
      throw error
    } catch {
      problem("the snapshot at position \(item.position) cannot be used: \(error)")
      return nil
    }
  }

  private mutating func compare(
    _ refold: RefoldDigests, _ snapshot: SnapshotFold, _ digests: StateDigests
  ) {
    for (own, other) in zip(refold.models[snapshot.position] ?? [], snapshot.models)
    where own != other && isLookedAt(own.name) {
      problem(
        "\(own.name) in the snapshot at position \(snapshot.position) differs from a refold",
        at: snapshot.position, affecting: Affected(state: own.name, from: snapshot.position))
    }
    for name in digests.differences(from: snapshot.atEnd) {
      problem(
        "\(name) differs at position \(digests.position) between a refold and the snapshot at "
          + "position \(snapshot.position) with what follows it",
        affecting: Affected(state: name, from: snapshot.position))
    }
  }

  private func isLookedAt(_ name: String) -> Bool {
    projection.map { StateDigests.name(of: $0) == name } ?? true
  }
}
