import Domain
import Journal

/// Everything that has ever been durable, and the model at each position of it.
final class History {
  private(set) var records: [Record] = []
  private(set) var secrets: [Secret?] = []
  /// Where the model stands now.
  private(set) var newest = NaiveModel()
  /// By position, the first before any event; nothing where only the newest is asked for.
  private(set) var models: [NaiveModel]

  /// The time in the newest identifier so far, by position.
  private var idTimes: [Int64] = [0]

  var position: UInt64 { UInt64(records.count) }

  /// `keepsModels`: whether the model is kept for every position.
  init(keepsModels: Bool) { models = keepsModels ? [NaiveModel()] : [] }

  /// Follows the journal to where it is durable now; checks its order and its times.
  func follow(_ journal: Journal) throws {
    var cursor = journal.cursor(after: Position(position))
    while position < journal.durable.raw {
      for record in try cursor.next() { try append(record, journal) }
    }
  }

  private func append(_ record: Record, _ journal: Journal) throws {
    guard record.position.raw == position + 1 else {
      throw Violation("after position \(position) comes \(record.position)")
    }
    if let last = records.last, record.time < last.time {
      throw Violation("time goes back at position \(record.position)")
    }
    guard record.sequence == sequences[record.entity, default: 0] + 1 else {
      throw Violation(
        "position \(record.position) is number \(record.sequence) of \(record.entity)")
    }
    sequences[record.entity] = record.sequence
    var secret: Secret?
    if record.hasSecret {
      guard case .text(let text) = try journal.secret(at: record.position) else {
        throw Violation("the text at position \(record.position) is gone")
      }
      secret = text
    }
    newest.fold(record, secret)
    try noteID(record)
    records.append(record)
    secrets.append(secret)
    if !models.isEmpty { models.append(newest) }
  }

  private func noteID(_ record: Record) throws {
    var time = idTimes[idTimes.count - 1]
    if let id = Self.newID(in: record) {
      guard knownIDs.insert(id).inserted else {
        throw Violation("position \(record.position) uses the id \(id) a second time")
      }
      time = max(time, Int64(id >> 22))
    }
    idTimes.append(time)
  }

  private var knownIDs: Set<UInt64> = []
  /// Of the newest own event of each entity.
  private var sequences: [EntityKey: UInt64] = [:]

  /// The identifier that a generator made for this event.
  private static func newID(in record: Record) -> UInt64? {
    switch (record.event, record.entity) {
    case (.user(.signedUp), .user(let id)): id.raw
    case (.post(.published), .post(let id)), (.post(.drafted), .post(let id)): id.raw
    case (.post(.shared(let share, _)), _): share.raw
    case (.post(.released(let facts)), _): facts.order?.raw
    case (.chat(.opened(isDirect: false, _)), .chat(let id)): id.raw
    case (.chat(.said(let message, _, _)), _): message.raw
    case (.user(.listMade(let id)), _): id.raw
    case (.user(.mediaAdded(let id, _)), _): id.raw
    case (.user(.reported(let id, _, _)), _): id.raw
    case (.user(.tokenIssued(let id, _, _, _)), _): id.raw
    default: nil
    }
  }

  /// Ids say when things were made, and lists are ordered by them: what is made after something
  /// was durable must not look older.
  func checkAge(of id: UInt64, madeAfter position: UInt64) throws {
    let newest = idTimes[Int(position)]
    guard Int64(id >> 22) >= newest else {
      throw Violation(
        "id \(id) is from \(id >> 22) ms, but at position \(position) there was one from \(newest)")
    }
  }

  /// After a crash: whatever was ever durable must be there, unchanged; with `mayLose`, the
  /// newest may be gone.
  func check(_ journal: Journal, mayLose: Bool = false) throws {
    if mayLose { takeBack(to: min(position, journal.durable.raw)) }
    guard journal.durable.raw >= position else {
      throw Violation("a crash lost positions from \(journal.durable.raw + 1) to \(position)")
    }
    var cursor = journal.cursor(after: .zero)
    var index = 0
    while index < records.count {
      for record in try cursor.next(max: records.count - index) {
        guard record == records[index] else {
          throw Violation("after a crash, position \(record.position) is another record")
        }
        index += 1
      }
    }
    try follow(journal)
  }

  /// What came after a position has not happened.
  private func takeBack(to position: UInt64) {
    guard position < self.position else { return }
    precondition(!models.isEmpty, "what may be lost is kept for every position")
    let count = Int(position)
    for record in records[count...] {
      if let id = Self.newID(in: record) { knownIDs.remove(id) }
      sequences[record.entity]? -= 1
    }
    records.removeSubrange(count...)
    secrets.removeSubrange(count...)
    idTimes.removeSubrange((count + 1)...)
    models.removeSubrange((count + 1)...)
    newest = models[count]
  }

  /// The model at a position; the newest where no other is kept.
  func model(at position: UInt64) -> NaiveModel {
    models.isEmpty ? newest : models[Int(position)]
  }

  /// The models from one position through another.
  func models(from low: UInt64, through high: UInt64) -> ArraySlice<NaiveModel> {
    models[Int(low)...Int(max(low, high))]
  }

  /// How many events carry a text.
  func count(of text: String) -> Int { secrets.count { $0?[.text] == text } }

  func secret(at position: Position) -> Secret? { secrets[Int(position.raw) - 1] }

  /// The newest position with a text, before or at another.
  func position(of text: String, through high: UInt64) -> UInt64? {
    secrets.prefix(Int(high)).lastIndex { $0?[.text] == text }.map { UInt64($0 + 1) }
  }
}
