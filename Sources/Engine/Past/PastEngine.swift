package import Domain
package import Entities
package import Journal
internal import Projections

/// An engine that stands in the past of a data directory, beside whoever writes that: it reads, and
/// goes forward when it is told to.
///
/// The fold of a start does both. Nothing is written, not into the directory either; what it would
/// do by itself (publish what was scheduled, close polls) it reads from the journal. Text whose key
/// was destroyed since is gone here too, and so is the person's name.
package final class PastEngine: Sendable {
  /// Times that a snapshot may vanish in favour of a newer one while they are listed.
  private static let listTriesMax = 3

  package let engine: Engine
  private let reader: JournalReader
  private let clock: SetClock

  private init(engine: Engine, reader: JournalReader, clock: SetClock) {
    self.engine = engine
    self.reader = reader
    self.clock = clock
  }

  /// An engine as of `moment`: from the newest usable snapshot that is not beyond it, or, where
  /// there is none or `usesSnapshots` is false, from the first event.
  package static func start(
    _ reader: JournalReader, at moment: PastMoment, on executors: any ExecutorSource,
    usesSnapshots: Bool = true, log: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> PastEngine {
    let clock = SetClock(moment.clock)
    let journal = Journal.past(
      of: reader, clock: clock, random: SeededRandom(seed: 0))
    try stand(journal, at: moment.position, reader)
    let parts = Engine.Parts(
      clock: clock, random: SeededRandom(seed: 0), executors: [executors],
      onHalt: { fatalError("roost: \($0)") })
    let engine = try await Engine.start(
      journal: journal, parts: parts, snapshots: usesSnapshots ? store(of: reader) : nil, log: log)
    for user in try reader.erasedPeople() { engine.names.markErased(user) }
    return PastEngine(engine: engine, reader: reader, clock: clock)
  }

  /// Goes on to a moment that is not before the one where it stands.
  package func advance(to moment: PastMoment) async throws {
    clock.set(moment.clock)
    try Self.stand(engine.journal, at: moment.position, reader)
    for shard in engine.shards { await shard.fold.recover(through: moment.position) }
  }

  private static func stand(
    _ journal: Journal, at position: Position, _ reader: JournalReader
  ) throws {
    guard position > journal.durable, let record = try reader.record(at: position) else { return }
    journal.stand(at: position, written: record.time)
  }

  /// Nil where there are no snapshots: none are looked for by making a place for them.
  private static func store(of reader: JournalReader) throws -> SnapshotStore? {
    guard let directory = reader.directory, FileSizes.exists(directory + "/snapshots") else {
      return nil
    }
    let store = try SnapshotStore(directory: directory)
    for _ in 0..<listTriesMax {
      do throws(JournalError) {
        _ = try store.list()
        return store
      } catch .missing {
        // A server beside has removed one.
        continue
      }
    }
    return nil
  }
}

/// A position of the past and what the clock showed: the time of its record, or the moment that was
/// asked for.
package struct PastMoment: Hashable, Comparable, Sendable {
  package var position: Position
  package var clock: Instant

  package init(position: Position, clock: Instant) {
    self.position = position
    self.clock = clock
  }

  /// What a limit means in a journal: the last record not beyond it. A position past the end is the
  /// end.
  package init(_ limit: Refold.Limit, in reader: JournalReader) throws {
    switch limit {
    case .end: try self.init(at: reader.end(), in: reader)
    case .position(let position): try self.init(at: min(position, reader.end()), in: reader)
    case .time(let moment):
      self.init(position: try reader.position(at: moment), clock: moment)
    }
  }

  private init(at position: Position, in reader: JournalReader) throws {
    let record = position > .zero ? try reader.record(at: position) : nil
    self.init(position: position, clock: record?.time ?? Instant(ms: 0))
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.position, left.clock) < (right.position, right.clock)
  }
}
