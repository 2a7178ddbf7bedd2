internal import Domain
internal import Engine
internal import Glibc
internal import Journal

struct TailCommand: Subcommand {
  static let name = "tail"
  static let summary = "the events, one line each"
  static let details = """
    Prints events in order: from a position, or the last ten. With --follow it goes on as they come;
    works beside a running server. With --json a line is the whole record with its text.
    """
  static let options: [Option] = [
    .data,
    .value("from", "POSITION", "the first position to print"),
    .flag("follow", "go on as events come"),
    .json,
  ]

  private static let shownByDefault: UInt64 = 10
  private static let recordsPerRead = 1_024
  private static let pollEveryMs: UInt32 = 100

  private let directory: String
  private let from: UInt64?
  private let isFollowing: Bool
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    from = try options.number("from")
    isFollowing = options.has("follow")
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let reader = try JournalReader(directory: directory)
    let end = try reader.head().position.raw
    let first = from ?? (end > Self.shownByDefault ? end - Self.shownByDefault + 1 : 1)
    var cursor = reader.cursor(after: Position(max(first, 1) - 1))
    while true {
      let records = try cursor.next(max: Self.recordsPerRead)
      for record in records {
        let line = isJSON ? try json(record, reader) : Self.plain(record)
        terminal.print(line)
      }
      if records.isEmpty {
        terminal.flush()
        guard isFollowing else { return .done }
        usleep(Self.pollEveryMs * 1_000)
      }
    }
  }

  private func json(_ record: Record, _ reader: JournalReader) throws -> String {
    RecordJSON.line(
      record, secret: record.hasSecret ? try reader.secret(of: record) : nil)
  }

  private static func plain(_ record: Record) -> String {
    "\(record.position)  \(CalendarTime.text(record.time))  user:\(record.actor)  "
      + "\(EventType(record.event).name)  \(record.entity)"
  }
}
