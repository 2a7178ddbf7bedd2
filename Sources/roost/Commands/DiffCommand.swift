internal import Domain
internal import Engine
internal import Journal

struct DiffCommand: Subcommand {
  static let name = "diff"
  static let summary = "what differs between two states, entry by entry"
  static let details = """
    A and B are each a position, a time, snapshot:POSITION, or a file that replay --projection NAME
    --json wrote: of this version or of another, so that two fold versions can be compared. States
    are folded from the first event, without snapshots. Prints the entries that only A has, only B
    has, and those that changed. Works beside a running server. Exit status 1 if anything differs.
    """
  static let options: [Option] = [
    .word("A", "a position, a time, snapshot:POSITION or a file"),
    .word("B", "the same"),
    .value("data", "DIR", "the data directory; needed unless both are files"),
    .value("projection", "NAME", "home, inbox, …, entities.users, …; all if it is not given"),
    .value("show", "N", "how many entries of each kind are shown: \(shownUsually) of each"),
    .json,
  ]

  private static let shownUsually = 20
  /// Entries of each kind that can be asked for.
  static let shownMax = 100_000

  private let directory: String?
  private let sides: [DiffSide]
  private let parts: [StatePart]
  private let shown: Int
  private let isJSON: Bool

  init(_ options: Options) throws {
    guard let first = options["A"], let second = options["B"] else {
      throw UsageError("diff takes two states, as 1200 and 2012-07-04T08:00:00Z")
    }
    directory = options["data"]
    sides = try [DiffSide(first), DiffSide(second)]
    if directory == nil, !sides.allSatisfy(\.isFile) { throw UsageError("--data DIR is missing") }
    parts = try ReplayEntries.parts(options["projection"] ?? "all")
    let number = try options.number("show") ?? UInt64(Self.shownUsually)
    guard number <= UInt64(Self.shownMax) else {
      throw UsageError("--show takes at most \(Self.shownMax)")
    }
    shown = Int(number)
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let states = try DiffStates.read(sides, parts, directory) { terminal.progress($0) }
    terminal.finish()
    var isEqual = true
    for part in parts {
      let comparison = try EntryComparison(
        part, states[0], states[1], shownMax: shown, naming: isJSON ? .identifiers : .names)
      isEqual = isEqual && comparison.isEqual
      if isJSON { printJSON(part, comparison, terminal) } else { print(part, comparison, terminal) }
    }
    return isEqual ? .done : .wrong
  }

  private func print(_ part: StatePart, _ comparison: EntryComparison, _ terminal: Terminal) {
    if comparison.isEqual {
      return terminal.print("\(part.name): \(grouped(comparison.equal)) entries, all equal")
    }
    terminal.print(
      "\(part.name): \(grouped(comparison.onlyInFirst)) only in A, "
        + "\(grouped(comparison.onlyInSecond)) only in B, \(grouped(comparison.changed)) changed, "
        + "\(grouped(comparison.equal)) equal")
    for line in EntryLines.differences(comparison) { terminal.print("  \(line)") }
  }

  private func printJSON(_ part: StatePart, _ comparison: EntryComparison, _ terminal: Terminal) {
    for entry in comparison.shown {
      terminal.print(
        "{\"part\":\"\(part.name)\",\"key\":\(entry.key),\"a\":\(entry.first ?? "null"),"
          + "\"b\":\(entry.second ?? "null")}")
    }
    terminal.print(
      JSON.object([
        ("part", .string(part.name)), ("only_a", .uint(UInt64(comparison.onlyInFirst))),
        ("only_b", .uint(UInt64(comparison.onlyInSecond))),
        ("changed", .uint(UInt64(comparison.changed))),
        ("equal", .uint(UInt64(comparison.equal))),
      ]).text)
  }
}

/// Entries that differ, in lines for people.
enum EntryLines {
  static func differences(_ comparison: EntryComparison) -> [String] {
    comparison.shown.flatMap(lines)
  }

  private static func lines(_ entry: EntryComparison.Entry) -> [String] {
    guard let first = entry.first else {
      return entry.second.map { ["+ \(entry.key) \($0)"] } ?? []
    }
    guard entry.second != nil else { return ["- \(entry.key) \(first)"] }
    var lines = ["~ \(entry.key)"]
    for part in entry.parts {
      let path = part.path.isEmpty ? "" : "\(part.path) "
      if let first = part.first { lines.append("    - \(path)\(first)") }
      if let second = part.second { lines.append("    + \(path)\(second)") }
    }
    return lines
  }
}
