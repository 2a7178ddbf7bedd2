internal import Domain
internal import Journal
internal import Projections
private import Synchronization

/// Where pieces of work that go on beside each other leave what they found, and how far they are.
final class Workbench: Sendable {
  struct Results: Sendable {
    var chain: Result<JournalVerifier.Report, any Error>?
    var refold: Result<RefoldDigests, any Error>?
    /// By the snapshots' order.
    var snapshots: [Int: Result<SnapshotFold, any Error>] = [:]
  }

  private struct State {
    var results = Results()
    var pieces: [String: (done: UInt64, total: UInt64)] = [:]
    var isCancelled = false
  }

  private let state = Mutex(State())

  var results: Results { state.withLock { $0.results } }

  func leave(_ change: @Sendable (inout Results) -> Void) { state.withLock { change(&$0.results) } }

  /// The journal is damaged: nothing that is folded from it means anything.
  func cancel() { state.withLock { $0.isCancelled = true } }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  // MARK: Progress

  /// Announces a piece of work, so that the total is known from the start.
  func announce(_ piece: String, total: UInt64) {
    state.withLock { $0.pieces[piece] = (0, total) }
  }

  func tell(_ piece: String, done: UInt64) {
    state.withLock { state in
      guard let total = state.pieces[piece]?.total else { return }
      state.pieces[piece] = (min(done, total), total)
    }
  }

  /// All pieces together.
  var progress: Progress {
    state.withLock { state in
      var progress = Progress(title: "verifying", done: 0, total: 0, unit: "records")
      for piece in state.pieces.values {
        progress.done += piece.done
        progress.total = (progress.total ?? 0) + piece.total
      }
      return progress
    }
  }
}

/// What a refold of the whole journal leads to.
struct RefoldDigests: Sendable {
  /// Of the read models, where each snapshot stands.
  var models: [Position: [StateDigests.Named]] = [:]
  var atEnd: StateDigests

  /// Nil if it was cancelled. Memory: one whole state, and a block.
  init?(
    _ reader: JournalReader, through end: Position, stoppingAt stops: [Position],
    limits: ProjectionLimits, bench: Workbench, piece: String
  ) throws {
    var refold = Refold(limits: limits)
    for stop in stops.sorted() {
      guard try refold.run(reader, through: stop, bench, piece) else { return nil }
      models[stop] = [refold.models].digests()
    }
    guard try refold.run(reader, through: end, bench, piece) else { return nil }
    atEnd = refold.digests()
  }
}

/// The digests that a snapshot leads to.
struct SnapshotFold: Sendable {
  let position: Position
  /// Of its read models, where it stands.
  let models: [StateDigests.Named]
  /// Of everything, with the journal's tail folded on top.
  let atEnd: StateDigests

  /// Nil if it was cancelled. Memory: one whole state, and a block.
  init?(
    _ item: SnapshotStore.Item, of reader: JournalReader, through end: Position,
    limits: ProjectionLimits, bench: Workbench, piece: String
  ) throws {
    var refold = try Refold(from: try SnapshotReader(item.path), of: reader, limits: limits)
    position = item.position
    models = [refold.models].digests()
    guard try refold.run(reader, through: end, bench, piece) else { return nil }
    atEnd = refold.digests()
  }
}

extension Refold {
  /// Records between two looks whether to go on.
  private static let stepRecords: UInt64 = 8_192

  /// Folds up to a position; false if the work was cancelled on the way.
  fileprivate mutating func run(
    _ reader: JournalReader, through end: Position, _ bench: Workbench, _ piece: String
  ) throws -> Bool {
    while position < end {
      if bench.isCancelled { return false }
      let before = position
      let step = Position(min(end.raw, before.raw + Self.stepRecords))
      try run(reader, through: .position(step))
      bench.tell(piece, done: position.raw)
      if position == before { break }
    }
    return !bench.isCancelled
  }
}
