package import Domain
package import Journal
internal import Projections

/// Writes a journal for others to read: events as JSON Lines, entities as CSV tables.
package struct Export {
  package enum Format: String, Sendable, CaseIterable {
    case jsonl, csv
  }

  package struct Options: Sendable {
    package var format: Format
    package var limit = Refold.Limit.end
    /// Of CSV; nil: all that there are.
    package var tables: [ExportTable]?
    /// With what only its authors and those they wrote to may read, and e-mail addresses.
    package var isPrivate = false
    package var isCompressed = false

    package init(format: Format) { self.format = format }
  }

  package struct Report: Sendable {
    package var position: Position
    /// Files in the order of writing, with how many lines each has, the header not counted.
    package var files: [(name: String, rows: UInt64)] = []
  }

  private static let reportedEvery: UInt64 = 16_384

  private let reader: JournalReader
  private let options: Options
  private let progress: ProgressReport?

  /// The directory is there when all is written and durable. Throws `BackupError.notEmpty` where
  /// something is there already.
  ///
  /// Memory: the state of everything as of the end, as with a replay, and one block; for events
  /// with private text one block alone.
  package static func run(
    _ reader: JournalReader, to directory: String, _ options: Options,
    progress: ProgressReport? = nil
  ) throws -> Report {
    let export = Export(reader: reader, options: options, progress: progress)
    let staged = try StagedDirectory(directory)
    let report = try export.write(into: staged.path)
    try staged.finish()
    return report
  }

  private func write(into directory: String) throws -> Report {
    switch options.format {
    case .jsonl: try writeEvents(into: directory)
    case .csv: try writeTables(into: directory)
    }
  }

  private var suffix: String { options.isCompressed ? ".gz" : "" }

  // MARK: Events

  private func writeEvents(into directory: String) throws -> Report {
    var judge: PublicText?
    let tree = try reader.tree()
    let end: Position
    if options.isPrivate, case .time = options.limit {
      end = try lastPosition(through: tree.end)
    } else if options.isPrivate {
      end = try limited(tree.end)
    } else {
      let moment = try fold(through: tree.end)
      end = moment.refold.position
      judge = PublicText(moment.refold, erased: try reader.erasedPeople())
    }
    let name = "events.jsonl" + suffix
    let file = try OutputFile(path: directory + "/" + name, isCompressed: options.isCompressed)
    try file.write(try header(end, tree))
    let erased = Set(try reader.erasedPeople())
    try reader.forEachExported(through: end) { event in
      var event = event
      // A hash of what was asked tells who guesses it that they are right.
      if !options.isPrivate || erased.contains(event.record.actor) {
        event.request?.answer?.argumentsDigest = []
      }
      try file.write(line(event, judge) + "\n")
      tell("writing events", event.record.position, of: end)
    }
    try file.finish()
    return Report(position: end, files: [(name, end.raw)])
  }

  private func header(_ end: Position, _ tree: JournalTree) throws -> String {
    let identity = try reader.identity()
    return JSON.object([
      ("roost", .string("events")), ("format", .uint(EventsFile.version)),
      ("journal", .string(identity.map { hexadecimal($0.bytes) } ?? "")),
      ("position", .uint(end.raw)),
      ("root", .string(hexadecimal(try tree.root(at: end).bytes))),
      ("private", .bool(options.isPrivate)),
    ]).text + "\n"
  }

  private func line(_ event: ExportedEvent, _ judge: PublicText?) -> String {
    guard let judge, case .text(let secret)? = event.secret else {
      return RecordJSON.line(event.record, secret: event.secret, request: event.request)
    }
    let shown = judge.shown(secret, of: event.record)
    return RecordJSON.line(
      event.record, secret: shown.map { .text($0) }, isWithheld: shown == nil,
      request: event.request)
  }

  private func limited(_ end: Position) throws -> Position {
    guard case .position(let position) = options.limit else { return end }
    guard position <= end else { throw BackupError.beyondEnd(position, end: end) }
    return position
  }

  private func lastPosition(through end: Position) throws -> Position {
    guard case .time(let moment) = options.limit else { return end }
    var cursor = reader.cursor(after: .zero)
    var last = Position.zero
    while true {
      let records = try cursor.next()
      for record in records {
        if record.time > moment || record.position > end { return last }
        last = record.position
      }
      if records.isEmpty { return last }
    }
  }

  // MARK: Tables

  private func writeTables(into directory: String) throws -> Report {
    let moment = try fold(through: try reader.head().position)
    let rows = try TableRows(moment, reader: reader, isPrivate: options.isPrivate)
    var report = Report(position: moment.refold.position)
    for table in options.tables ?? ExportTable.all(isPrivate: options.isPrivate) {
      let name = "\(table.rawValue).csv" + suffix
      let file = try OutputFile(path: directory + "/" + name, isCompressed: options.isCompressed)
      try file.write(CSV.row(table.columns))
      var count: UInt64 = 0
      try rows.forEach(of: table) { row in
        precondition(row.count == table.columns.count, "a row has its table's columns")
        try file.write(CSV.row(row))
        count += 1
        if count % Self.reportedEvery == 0 {
          progress?(
            Progress(title: "writing \(table.rawValue)", done: count, total: nil, unit: "rows"))
        }
      }
      try file.finish()
      report.files.append((name, count))
    }
    return report
  }

  /// What is folded up to the limit, with the times of all positions.
  private func fold(through end: Position) throws -> FoldedMoment {
    var moment = FoldedMoment()
    let last = try limited(end)
    var cursor = reader.cursor(after: .zero)
    while moment.refold.position < last {
      let records = try cursor.next()
      if records.isEmpty { break }
      for record in records where record.position <= last {
        if case .time(let until) = options.limit, record.time > until { return moment }
        try moment.fold(record)
      }
      tell("folding", moment.refold.position, of: last)
    }
    return moment
  }

  private func tell(_ title: String, _ position: Position, of end: Position) {
    guard position.raw % Self.reportedEvery == 0 || title == "folding" else { return }
    progress?(Progress(title: title, done: position.raw, total: end.raw, unit: "records"))
  }
}

/// The file of events.
package enum EventsFile {
  package static let version: UInt64 = 1
}

/// Everything as of a position, and when each position was.
struct FoldedMoment {
  private(set) var refold = Refold()
  /// Where the time changes: 16 bytes each.
  private var changes: [(position: UInt64, ms: Int64)] = []

  mutating func fold(_ record: Record) throws {
    try refold.fold(record)
    if changes.last?.ms != record.time.ms {
      changes.append((record.position.raw, record.time.ms))
    }
  }

  /// Of a position that is folded.
  func time(of position: Position) -> Instant? {
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].position <= position.raw { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? Instant(ms: changes[low - 1].ms) : nil
  }
}

/// Comma-separated values: RFC 4180.
enum CSV {
  static func row(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  private static func field(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { [0x22, 0x2C, 0x0D, 0x0A].contains($0) }
    guard needsQuotes else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
