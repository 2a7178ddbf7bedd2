internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// A second state that is folded from the journal beside a running server, on a thread of its own,
/// and held against the live one again and again.
///
/// It goes on with the tail after each pass: memory for a whole state is what a pass needs in any
/// case. The shards are held for the moments in which all read models stand at one position, as for
/// a snapshot; entities are frozen a slice at a time, and compared exactly though they move on.
package actor ContinuousVerifier {
  package struct Options: Sendable {
    /// Of one processor's time, in percent.
    package var percent = ContinuousVerifier.percentDefault
    /// Between the ends of two passes, at least.
    package var passEveryMs: UInt64 = 10_000

    package init() {}
  }

  package static let percentDefault = 5
  /// Between two looks whether anything has happened at all.
  private static let emptyLookUs: UInt64 = 50_000
  /// Records folded between two rests.
  private static let stepRecords: UInt64 = 512
  /// So near to the live state that it can be frozen, and the rest folded while it is.
  private static let nearRecordsMax: UInt64 = 4_096
  /// Things that do not agree of which it is known that they were told.
  private static let toldMax = 4_096

  private let engine: Engine
  private let options: Options
  private let executor: any SerialExecutor
  private let log: @Sendable (String) -> Void
  private let throttle: Throttle
  private let box = StatusBox()
  private var refold: Refold
  /// Where a projection, or all entities, agreed last.
  private var agreed: [String: Position] = [:]
  /// What did not agree when it was looked at last, in the order in which it was told.
  private var differing: [String] = []
  private var told: Set<String> = []
  /// What does not agree in this pass.
  private var found: Set<String> = []
  /// What an older fold made, or what stands on that, in this pass.
  private var outdated = ProjectionSet()

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// `executor` is a thread of its own, which sleeps between pieces of work.
  package init(
    engine: Engine, _ options: Options = Options(), executor: any SerialExecutor,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.engine = engine
    self.options = options
    self.executor = executor
    self.log = log
    throttle = Throttle(percent: options.percent)
    refold = Refold(limits: engine.limits)
  }

  package nonisolated var status: VerificationStatus { box.value }

  /// Ends `run` soon.
  package nonisolated func end() { throttle.end() }

  /// Passes, until the end.
  package func run() async {
    while !throttle.isEnded {
      if engine.journal.durable == .zero {
        throttle.sleep(us: Self.emptyLookUs)
        continue
      }
      guard await pass() else { break }
      box.change { $0.phase = .waiting }
      throttle.sleep(us: options.passEveryMs * 1_000)
    }
    box.change { $0.phase = .stopped }
  }

  /// Folds up to where the server is, and compares everything. False if the journal cannot be
  /// folded further, or at the end.
  package func pass() async -> Bool {
    let start = Throttle.nowUs()
    found = []
    do {
      guard try foldToLive() else { return false }
      box.change { $0.phase = .comparing }
      let position = try await compareModels()
      try await compareEntities(at: position)
      guard !throttle.isEnded else { return false }
      settle(at: position)
      let isFirst = box.value.passes == 0
      box.change { status in
        status.passes += 1
        status.lastPosition = position
        status.lastPassed = engine.clock.now
        status.lastPassMs = (Throttle.nowUs() - start) / 1_000
      }
      if isFirst, told.isEmpty {
        let but = outdated.isEmpty ? "" : "; an older fold serves \(outdated), not compared"
        log(
          "verification: the first pass agrees with the live state at position \(position)\(but)")
      }
      return true
    } catch {
      disagree(
        "journal", "the journal cannot be folded after position \(refold.position): \(error)")
      return false
    }
  }

  // MARK: Folding

  /// Up to what every shard has folded, nearly: never further than the live state. False at the
  /// end.
  private func foldToLive() throws -> Bool {
    box.change { $0.phase = .folding }
    let (began, start) = (Throttle.nowUs(), refold.position.raw)
    while case let live = liveRaw, refold.position.raw < live {
      if throttle.isEnded { return false }
      try fold(through: Position(min(live, refold.position.raw + Self.stepRecords)))
      let elapsed = max(1, Throttle.nowUs() - began)
      let done = refold.position.raw - start
      box.change { $0.recordsPerSecond = done * 1_000_000 / elapsed }
      if live - refold.position.raw <= Self.nearRecordsMax { break }
    }
    return !throttle.isEnded
  }

  private var liveRaw: UInt64 { engine.shards.map(\.fold.folded.raw).min() ?? 0 }

  private func fold(through position: Position) throws {
    try throttle.work { try refold.run(engine.journal, through: .position(position)) }
    box.change { $0.position = refold.position }
  }

  // MARK: Comparing

  /// Read models of all shards at one position, against the refold there.
  private func compareModels() async throws -> Position {
    let (position, models) = await engine.inspector.freezeModels()
    while refold.position < position, !throttle.isEnded {
      try fold(
        through: Position(min(position.raw, refold.position.raw + Self.stepRecords)))
    }
    skipOutdated(models[0].folds)
    for name in ProjectionName.allCases where !throttle.isEnded && !outdated.contains(name) {
      let (live, folded) = throttle.work {
        (models.reduce(Digest()) { $0 + $1.digest(of: name) }, refold.models.digest(of: name))
      }
      let full = StateDigests.name(of: name)
      if live == folded {
        agreed[full] = position
      } else {
        disagree(
          full,
          "\(full) differs at position \(position) from a refold; "
            + since(agreed[full], position))
      }
    }
    return position
  }

  /// What another fold than today's made is not what a refold makes, and need not be: it serves
  /// until it has been built anew, or because somebody went back to it.
  private func skipOutdated(_ folds: FoldVersions) {
    let today = engine.inspector.versions.folds
    let changed = ProjectionSet(ProjectionName.allCases.filter { folds[$0] != today[$0] })
    outdated = changed.withDependents
    let names = outdated.names.map { StateDigests.name(of: $0) }
    box.change { $0.outdated = names }
  }

  /// Every entity of every shard, each as it stands when its slice is frozen.
  private func compareEntities(at position: Position) async throws {
    let comparer = EntityComparer(refold.entities, throttle)
    for walker in engine.walkers {
      for kind in EntityKind.all where !throttle.isEnded { try await walker.walk(kind, comparer) }
    }
    guard !throttle.isEnded else { return }
    // What the live ones have folded may be on its way to the disk still.
    let end = comparer.tailEnd
    await engine.reached(end)
    var cursor = engine.journal.cursor(after: position)
    var next = position
    while next < end, !throttle.isEnded {
      let records = try cursor.next(max: Int(Self.stepRecords))
      guard let last = records.last else { break }
      throttle.work { for record in records { comparer.fold(record) } }
      next = last.position
    }
    guard !throttle.isEnded else { return }
    comparer.settle()
    for key in comparer.differing {
      disagree(
        key.description,
        "\(key) differs at position \(max(position, end)) from a refold; "
          + since(agreed["entities"], max(position, end)))
    }
    for (kind, count) in comparer.missing {
      disagree(
        "entities.\(kind.plural)",
        "\(count) of the \(kind.plural) that the journal has up to position \(position) are not "
          + "alive")
    }
    agreed["entities"] = position
  }

  private func since(_ last: Position?, _ position: Position) -> String {
    "what made them differ is in the positions \((last ?? .zero).next) to \(position)"
  }

  /// Loud, and once for each thing, until it agrees again.
  private func disagree(_ name: String, _ sentence: String) {
    guard found.count < Self.toldMax else { return }
    found.insert(name)
    guard told.insert(name).inserted else { return }
    differing.append(name)
    show()
    box.change { $0.mismatchesInAll += 1 }
    log("VERIFICATION FAILED: \(sentence)")
  }

  /// After a whole pass: what was not found again is no longer shown. Where there is more than can
  /// be told, nothing is known of the rest.
  private func settle(at position: Position) {
    guard found.count < Self.toldMax else { return }
    let mended = differing.filter { !found.contains($0) }
    guard !mended.isEmpty else { return }
    differing.removeAll { !found.contains($0) }
    told = found
    show()
    let skipped = Set(outdated.names.map { StateDigests.name(of: $0) })
    for name in mended where !skipped.contains(name) {
      log("verification: \(name) agrees again at position \(position)")
    }
  }

  private func show() {
    box.change { status in
      status.mismatches = UInt64(differing.count)
      status.differing = Array(differing.prefix(VerificationStatus.namedMax))
    }
  }
}
