internal import Domain
internal import Engine
internal import Journal

struct StatCommand: Subcommand {
  static let name = "stat"
  static let summary = "positions, counts, sizes, versions"
  static let details = """
    Reads the journal through once and counts. Works beside a running server.
    """
  static let options: [Option] = [.data, .json]

  private let directory: String
  private let isJSON: Bool

  init(_ options: Options) {
    directory = options.require(.data)
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let statistics = try JournalStatistics(directory: directory) { terminal.progress($0) }
    if isJSON {
      terminal.print(statistics.json.text)
    } else {
      describe(statistics, terminal)
    }
    return .done
  }

  private func describe(_ statistics: JournalStatistics, _ terminal: Terminal) {
    let head = statistics.head
    terminal.print("position    \(head.position)")
    terminal.print("chain       \(hexadecimal(head.hash)), \(grouped(head.blocks)) blocks")
    if let first = statistics.firstTime {
      terminal.print(
        "time        \(CalendarTime.text(first)) to \(CalendarTime.text(head.time))")
    }
    terminal.print("format      version \(head.formatVersion)")
    terminal.print(
      "journal     \(grouped(statistics.sizes.journal)) bytes, "
        + "\(rounded(statistics.bytesPerEvent)) an event")
    terminal.print("keys        \(grouped(statistics.sizes.keys)) bytes")
    terminal.print("snapshots   \(statistics.snapshots.count)")
    for snapshot in statistics.snapshots {
      terminal.print("  at position \(snapshot.position), \(grouped(snapshot.bytes)) bytes")
    }
    terminal.print("entities")
    for kind in EntityKind.all {
      terminal.print("  \(kind.plural): \(grouped(statistics.entities(kind)))")
    }
    terminal.print("events")
    for (type, count) in statistics.events.present {
      terminal.print("  \(type.name): \(grouped(count))")
    }
  }
}
