internal import Domain
internal import Engine
internal import Journal
internal import Projections

struct BisectCommand: Subcommand {
  static let name = "bisect"
  static let summary = "the first event after which live and refolded state differ"
  static let details = """
    Holds what a server wrote down of its state, its snapshots, against a fold from the first event,
    and names for each part that differs the event where it went wrong. With --with it holds this
    program's fold against another's: of an older or newer version. Works beside a running server,
    whose state SNAPSHOT writes down. Exit status 1 if anything differs.
    """
  static let options: [Option] = [
    .data,
    .value("snapshot", "POSITION", "this snapshot; every one if it is not given"),
    .value("with", "PROGRAM", "another roost, to compare folds with"),
    .value("projection", "NAME", "with --with: of home, inbox, …, entities.users, … alone"),
    .json,
  ]

  private let directory: String
  private let position: Position?
  private let other: OtherFold?
  private let isJSON: Bool

  init(_ options: Options) throws {
    let directory = options.require(.data)
    self.directory = directory
    position = try options.number("snapshot").map { Position($0) }
    isJSON = options.has(.json)
    let parts = try ReplayEntries.parts(options["projection"] ?? "all")
    other = options["with"].map { OtherFold(program: $0, directory: directory, parts: parts) }
    if options["with"] != nil, position != nil { throw UsageError("either --snapshot or --with") }
    if options["with"] == nil, options["projection"] != nil {
      throw UsageError("--projection goes with --with")
    }
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let reader = try JournalReader(directory: directory)
    if let other {
      let result = try other.bisect(reader) { terminal.progress($0) }
      terminal.finish()
      return try BisectReport(terminal, reader, isJSON).show(result)
    }
    guard FileSizes.exists(directory + "/snapshots") else { throw Self.nothing }
    var items = try SnapshotStore(directory: directory).list().reversed().map { $0 }
    if let position { items = items.filter { $0.position == position } }
    guard !items.isEmpty else { throw Self.nothing }
    var status = ExitStatus.done
    var fold = FoldedEntries(of: StatePart.all)
    for item in items {
      do {
        let bisection = try Bisection(
          snapshot: try SnapshotEntries(path: item.path), in: reader, from: &fold
        ) { terminal.progress($0) }
        terminal.finish()
        try BisectReport(terminal, reader, isJSON).show(bisection)
        if !bisection.differences.isEmpty { status = .wrong }
      } catch let error as EntriesError where position == nil {
        terminal.complain("passing over the snapshot at position \(item.position): \(error)")
      }
    }
    return status
  }

  private static let nothing = EntriesError(
    "there is no such snapshot: SNAPSHOT makes a server write down its state")
}

/// Prints what was found.
struct BisectReport {
  private let terminal: Terminal
  private let reader: JournalReader
  private let isJSON: Bool

  init(_ terminal: Terminal, _ reader: JournalReader, _ isJSON: Bool) {
    self.terminal = terminal
    self.reader = reader
    self.isJSON = isJSON
  }

  func show(_ bisection: Bisection) throws {
    if isJSON { return terminal.print(json(bisection).text) }
    guard !bisection.differences.isEmpty else {
      return terminal.print(
        "the snapshot at position \(bisection.position) is what the journal says")
    }
    terminal.print(
      "the snapshot at position \(bisection.position) is not what the journal says")
    for difference in bisection.differences {
      let comparison = difference.comparison
      terminal.print(
        "\(difference.part.name): \(grouped(comparison.onlyInFirst)) entries missing, "
          + "\(grouped(comparison.onlyInSecond)) too many, \(grouped(comparison.changed)) wrong")
      for line in EntryLines.differences(comparison) { terminal.print("  \(line)") }
      for finding in difference.findings { terminal.print("  \(Self.sentence(finding))") }
    }
    if let first = bisection.first, let position = first.position {
      terminal.print("first: position \(position), \(first.part.name)")
      if let line = try event(at: position) { terminal.print(line) }
    }
  }

  func show(_ result: FoldBisection) throws -> ExitStatus {
    var event: String?
    if let position = result.position { event = try self.event(at: position) }
    if isJSON {
      terminal.print(
        JSON.object([
          ("position", Self.json(result.position)),
          ("differs", .array(result.parts.map { .string($0) })),
          ("looked_at", .uint(result.end.raw)),
        ]).text)
      if let event { terminal.print(event) }
    } else if let position = result.position {
      terminal.print(
        "the folds differ from position \(position) on, in \(result.parts.joined(separator: ", "))")
      if let event { terminal.print(event) }
    } else {
      terminal.print("the folds are equal up to position \(result.end)")
    }
    return result.position == nil ? .done : .wrong
  }

  private func event(at position: Position) throws -> String? {
    guard let record = try reader.record(at: position) else { return nil }
    return RecordJSON.line(record, secret: try reader.secret(at: position))
  }

  private static func sentence(_ finding: Bisection.Finding) -> String {
    let subject = finding.key ?? "all of it"
    guard let position = finding.position else {
      return "\(subject): no event ever made such an entry"
    }
    switch finding.verdict {
    case .fault(.lost):
      return "\(subject): as if position \(position) had been passed over\(alike(finding))"
    case .fault(.twice):
      return "\(subject): as if position \(position) had been folded twice\(alike(finding))"
    case .stopped:
      return "\(subject): as it was before position \(position), and not since"
    case .never:
      return "\(subject): it never was so; position \(position) is the last that changed it"
    }
  }

  private static func alike(_ finding: Bisection.Finding) -> String {
    finding.alike.isEmpty
      ? ""
      : "; as well " + finding.alike.map { "\($0)" }.joined(separator: ", ")
  }

  private func json(_ bisection: Bisection) -> JSON {
    let first = bisection.first.flatMap(\.position)
    return .object([
      ("snapshot", .uint(bisection.position.raw)),
      ("first", Self.json(first)),
      ("differs", .array(bisection.differences.map(Self.json))),
    ])
  }

  private static func json(_ position: Position?) -> JSON {
    position.map { .uint($0.raw) } ?? .null
  }

  private static func json(_ difference: Bisection.Difference) -> JSON {
    let comparison = difference.comparison
    return .object([
      ("part", .string(difference.part.name)),
      ("missing", .uint(UInt64(comparison.onlyInFirst))),
      ("too_many", .uint(UInt64(comparison.onlyInSecond))),
      ("wrong", .uint(UInt64(comparison.changed))),
      ("findings", .array(difference.findings.map(Self.json))),
    ])
  }

  private static func json(_ finding: Bisection.Finding) -> JSON {
    let verdict =
      switch finding.verdict {
      case .fault(let fault): fault.rawValue
      case .stopped: "stopped"
      case .never: "never"
      }
    return .object([
      ("key", finding.key.map { .string($0) } ?? .null), ("verdict", .string(verdict)),
      ("position", json(finding.position)),
      ("alike", .array(finding.alike.map { .uint($0.raw) })),
    ])
  }
}
