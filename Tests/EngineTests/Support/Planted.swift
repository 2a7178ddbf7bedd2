import Domain
import Entities
import Journal
import Projections

@testable import Engine

/// Snapshots as a server writes them, whose hashes fit, of a state that went wrong somewhere.
struct Planted {
  let directory: TemporaryDirectory
  let reader: JournalReader

  /// A town's journal, of some hundred events.
  init(seed: UInt64, steps: Int = 320) async throws {
    directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(steps)
    await town.close()
    reader = try JournalReader(directory: directory.path)
  }

  /// What a server has folded that went wrong in one read model: at the first event after a
  /// position that makes a difference in the end. Nil if none does.
  func firstWrong(
    _ fault: FoldFault, in name: ProjectionName, after start: UInt64
  ) throws -> (position: Position, models: ReadModels)? {
    let part = StatePart.projection(name)
    var (base, end) = (FoldedEntries(of: [part]), FoldedEntries(of: [part]))
    try base.run(reader, through: Position(start))
    try end.run(reader, through: try reader.end())
    let right = try end.digest(of: part)
    while let record = try reader.record(at: base.position.next) {
      var wrong = base
      try wrong.fold(record, with: fault, in: name)
      try base.fold([record])
      if try wrong.digest(of: part) == base.digest(of: part) { continue }
      try wrong.run(reader, through: try reader.end())
      if try wrong.digest(of: part) != right { return (record.position, wrong.models) }
    }
    return nil
  }

  /// Writes a snapshot of these read models at the journal's end; entities as `change` leaves them.
  func write(
    _ models: ReadModels, changing change: (inout EntityStates) throws -> Void = { _ in }
  ) throws -> SnapshotEntries {
    var entities = EntityStates()
    try forEachRecord { try entities.fold($0) }
    try change(&entities)
    let refold = Refold(entities: entities, models: models)
    let store = try SnapshotStore(directory: directory.path)
    _ = try refold.writeSnapshot(into: store, of: reader, at: Town.opening)
    return try SnapshotEntries(path: try store.list()[0].path)
  }

  func forEachRecord(_ body: (Record) throws -> Void) throws {
    var cursor = reader.cursor(after: .zero)
    while true {
      let records = try cursor.next()
      if records.isEmpty { return }
      for record in records { try body(record) }
    }
  }

  func records() throws -> [Record] {
    var records: [Record] = []
    try forEachRecord { records.append($0) }
    return records
  }

  func bisect(_ snapshot: SnapshotEntries) throws -> Bisection {
    var fold = FoldedEntries(of: StatePart.all)
    return try Bisection(snapshot: snapshot, in: reader, from: &fold)
  }
}
