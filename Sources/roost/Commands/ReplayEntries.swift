internal import Domain
internal import Engine
internal import Journal

/// The part of `roost replay` that shows whole projections, and all entities of a kind, entry by
/// entry.
struct ReplayEntries {
  static let options: [Option] = [
    .value("projection", "NAME", "all entries of home, inbox, …, entities.users, …; or all"),
    .value(
      "digests-at", "POSITIONS", "digests only, at ascending positions with commas between them"),
  ]

  /// Positions at which digests can be asked for.
  static let positionsMax = 1_024

  private let parts: [StatePart]
  /// Nil where the entries are asked for.
  private let positions: [Position]?
  private let isJSON: Bool

  /// Nil where no projection is asked for.
  init?(_ options: Options) throws {
    positions = try options["digests-at"].map(Self.positions)
    guard options["projection"] != nil || positions != nil else { return nil }
    if positions != nil, options["until"] != nil {
      throw UsageError("either --until or --digests-at")
    }
    parts = try Self.parts(options["projection"] ?? "all")
    isJSON = options.has(.json)
  }

  private static func positions(_ text: String) throws -> [Position] {
    let positions = try text.split(separator: ",", omittingEmptySubsequences: false).map {
      Position(try Options.number(String($0), of: "--digests-at"))
    }
    guard positions.count <= positionsMax else {
      throw UsageError("--digests-at takes at most \(positionsMax) positions")
    }
    guard zip(positions, positions.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw UsageError("--digests-at takes positions that ascend")
    }
    return positions
  }

  /// The parts of the state that a name means.
  static func parts(_ name: String) throws -> [StatePart] {
    if name == "all" { return StatePart.all }
    guard let part = StatePart(name: name) else {
      throw UsageError(
        "there is no projection '\(name)'; there are all, "
          + StatePart.all.map(\.name).joined(separator: ", "))
    }
    return [part]
  }

  func run(
    _ directory: String, until limit: Refold.Limit, _ terminal: Terminal
  ) throws -> ExitStatus {
    let reader = try JournalReader(directory: directory)
    if let positions { return try printDigests(reader, positions, terminal) }
    let moment = try PastMoment(limit, in: reader)
    var fold = FoldedEntries(of: parts)
    try fold.run(reader, through: moment.position) { terminal.progress($0) }
    terminal.finish()
    for part in parts {
      if isJSON {
        let time = fold.position == .zero ? nil : fold.time.ms
        try EntryFile.write(part, of: fold, written: time) { terminal.print($0) }
      } else {
        try EntryFile.describe(part, of: fold) { terminal.print($0) }
      }
    }
    return .done
  }

  private func printDigests(
    _ reader: JournalReader, _ positions: [Position], _ terminal: Terminal
  ) throws -> ExitStatus {
    var fold = FoldedEntries(of: parts)
    for position in positions {
      try fold.run(reader, through: position) { terminal.progress($0) }
      guard fold.position == position else {
        terminal.complain("the journal ends before position \(position), at \(fold.position)")
        return .wrong
      }
      let digests = StateDigests(
        position: position,
        all: try parts.map {
          StateDigests.Named(name: $0.name, digest: try fold.digest(of: $0))
        })
      terminal.print(isJSON ? digests.json.text : digests.text)
    }
    return .done
  }
}
