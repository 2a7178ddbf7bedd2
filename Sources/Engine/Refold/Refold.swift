package import Domain
package import Journal
package import Projections

/// Everything that the journal says up to a position, folded anew on the calling thread: what
/// `verify`, `replay`, `rebuild` and the import stand on.
///
/// Memory: the states and the read models, and one block of records.
package struct Refold: Sendable {
  /// Records between two reports of progress.
  private static let reportedEvery = 16_384

  package private(set) var entities = EntityStates()
  package private(set) var models: ReadModels
  /// Of the newest record folded; as early as can be before the first.
  package private(set) var time = Instant(ms: .min)
  package private(set) var counts = EventCounts()

  package var position: Position { models.position }

  /// Where a fold ends.
  package enum Limit: Hashable, Sendable {
    case end
    /// After this position.
    case position(Position)
    /// After the last record of this moment.
    case time(Instant)
  }

  package init(limits: ProjectionLimits = ProjectionLimits()) {
    models = ReadModels(shard: .first, of: 1, limits: limits)
  }

  /// Goes on from what a snapshot held.
  init(entities: EntityStates, models: ReadModels) {
    self.entities = entities
    self.models = models
  }

  /// Folds the next records; after an error, this is not to be used any more.
  package mutating func fold(contentsOf records: ArraySlice<Record>) throws(RefoldError) {
    guard let last = records.last else { return }
    try entities.fold(contentsOf: records, with: &models)
    for index in records.indices { counts.add(records[index]) }
    time = last.time
  }

  /// Folds the next record.
  package mutating func fold(_ record: Record) throws(RefoldError) {
    do throws(ProjectionError) {
      try models.fold(record)
    } catch {
      throw .projection(error)
    }
    try entities.fold(record)
    counts.add(record)
    time = record.time
  }

  /// Folds what follows, up to the limit or to where the journal ends now.
  package mutating func run(
    _ journal: some RecordSource, through limit: Limit = .end, title: String = "folding",
    report: ProgressReport? = nil
  ) throws {
    let start = position.raw
    var end = try journal.end().raw
    if case .position(let position) = limit { end = min(end, position.raw) }
    var cursor = journal.cursor(after: position)
    var next = start + UInt64(Self.reportedEvery)
    while position.raw < end {
      let records = try cursor.next(max: 4_096)
      if records.isEmpty { break }
      var taken = records.prefix(Int(clamping: end - position.raw))
      if case .time(let instant) = limit { taken = taken.prefix { $0.time <= instant } }
      try fold(contentsOf: taken)
      if taken.count < records.count { return }
      if position.raw >= next {
        report?(
          Progress(
            title: title, done: position.raw - start, total: end - start, unit: "records"))
        next = position.raw + UInt64(Self.reportedEvery)
      }
    }
  }
}

/// Where records are read from: a journal that this process writes, or one beside its writer.
package protocol RecordSource {
  /// The newest durable position as of now.
  func end() throws(JournalError) -> Position
  func cursor(after position: Position) -> JournalCursor
  /// Nil beyond the end.
  func record(at position: Position) throws(JournalError) -> Record?
  func secret(at position: Position) throws(JournalError) -> SecretReading
}

extension Journal: RecordSource {
  package func end() -> Position { durable }
}

extension JournalReader: RecordSource {
  package func end() throws(JournalError) -> Position { try head().position }
}
