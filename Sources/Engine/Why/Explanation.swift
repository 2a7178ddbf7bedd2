package import Domain
internal import Journal

/// Why something is, or is not, where somebody looked for it: a verdict by the definitions that
/// serve, and the events that it follows from.
package struct Explanation: Sendable {
  /// An event, in the journal's order, with what it meant here.
  package struct Step: Sendable {
    package var record: Record
    package var words: String
    /// Nil where the words say enough.
    package var meaning: String?
  }

  package var question: String
  /// As of then.
  package var position: Position
  package var moment: Instant
  package var verdict: Bool
  /// For programs; the sentence says the same for people.
  package var reason: String
  package var sentence: String
  package var steps: [Step] = []
  /// Figures and the like, in the order in which they are printed.
  package var details: [(name: String, value: JSON)] = []
  /// False where what is asked about never was.
  package var hasSubject = true

  package var json: JSON {
    .object(
      [
        ("question", .string(question)), ("position", .uint(position.raw)),
        ("at", .int(moment.ms)), ("verdict", .bool(verdict)), ("reason", .string(reason)),
        ("sentence", .string(sentence)),
      ] + details.map { ($0.name, $0.value) } + [
        (
          "events",
          .array(
            steps.map { step in
              .object([
                ("position", .uint(step.record.position.raw)), ("at", .int(step.record.time.ms)),
                ("type", .string(EventType(step.record.event).name)),
                ("words", .string(step.words)),
                ("meaning", step.meaning.map { .string($0) } ?? .null),
              ])
            })
        )
      ])
  }

  /// The verdict first, then a line for each event with its time and position.
  package var lines: [String] {
    var lines = [sentence, "  as of \(CalendarTime.text(moment)), position \(position)"]
    for (name, value) in details {
      if case .array(let items) = value {
        lines.append("  \(name):")
        lines += items.map { "    \(Self.plain($0))" }
      } else {
        lines.append("  \(name): \(Self.plain(value))")
      }
    }
    lines += steps.map { step in
      "  \(CalendarTime.text(step.record.time))  \(step.record.position)  \(step.words)"
        + (step.meaning.map { " → \($0)" } ?? "")
    }
    return lines
  }

  private static func plain(_ value: JSON) -> String {
    switch value {
    case .string(let text): text
    case .object(let members): members.map { "\($0) \(plain($1))" }.joined(separator: ", ")
    case .array, .int, .uint, .decimal, .bool, .null: value.text
    }
  }
}

/// What every explanation stands on: the index, and names as of then.
struct Evidence {
  let index: HistoryIndex
  let position: Position
  let moment: Instant
  let names: NameBook
  let words: EventWords

  init(_ index: HistoryIndex, at position: Position, _ moment: Instant) {
    self.index = index
    self.position = position
    self.moment = moment
    names = NameBook(index, at: position)
    words = EventWords(index.reader, names: names)
  }

  var past: PastView { PastView(index, at: position) }

  func name(_ id: UserID) throws -> String { try names.name(id) }

  /// All records under a query, as far as the moment goes.
  func records(_ groups: [[HistoryTerm]]) throws -> [Record] {
    var records: [Record] = []
    try index.forEachRecord(of: HistoryQuery(groups, through: position)) {
      records.append($0.record)
      return true
    }
    return records
  }

  /// Says that a post is not there, as of then; nil if it is.
  func lack(of post: PostID) throws -> (words: String, isLater: Bool)? {
    var written: Position?
    try index.forEachRecord(of: HistoryQuery([[.entity(.post(post))]])) { requested in
      guard requested.record.entity == .post(post) else { return true }
      written = requested.record.position
      return false
    }
    guard let written else { return ("no such post", false) }
    return written > position ? ("none yet: it is written at position \(written)", true) : nil
  }

  func erasure(of person: UserID) throws -> Record? {
    try records([[.identity(person)], [.type(.userErased)]])
      .last { EventType($0.event) == .userErased }
  }

  func step(_ record: Record, _ meaning: String? = nil) throws -> Explanation.Step {
    Explanation.Step(record: record, words: try words.sentence(record), meaning: meaning)
  }

  /// Each once, in the journal's order.
  func steps(_ records: [Record?]) throws -> [Explanation.Step] {
    var steps: [Explanation.Step] = []
    for record in records.compactMap({ $0 }).sorted(by: { $0.position < $1.position })
    where steps.last?.record.position != record.position {
      steps.append(try step(record))
    }
    return steps
  }
}
