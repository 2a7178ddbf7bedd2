internal import Domain
internal import Engine

struct ImportCommand: Subcommand {
  static let name = "import"
  static let summary = "a real network and its history into a new data directory"
  static let details = """
    Everyone in the files signs up as u<number> (u07 for 7) without a password. A line `A B n` of
    the edges makes A follow B. A line `A B seconds kind` of the activity makes A, at that time,
    share B's newest post (RT), reply to it (RE), or mention B in a post (MT); where B has not
    posted, B posts first. Files may be compressed with gzip. All of them are read through before
    anything is written, and an error names the file and the line.
    """
  static let options: [Option] = [
    .data,
    .required("follows", "EDGES", "lines `A B n`: A follows B"),
    .value("activity", "FILE", "lines `A B seconds RT|RE|MT`, in the order of time"),
    .value("texts", "FILE", "what is posted, one text a line"),
    .value("seed", "N", "make keys and nonces from N: the same files give the same records"),
    .json,
  ]

  private let directory: String
  private let files: ImportFiles
  private let seed: UInt64?
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    files = ImportFiles(
      follows: options.require(Self.options[1]), activity: options["activity"],
      texts: options["texts"])
    seed = try options.number("seed")
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let start = Terminal.monotonicMs()
    let report = try Import.run(files, into: directory, seed: seed) { terminal.progress($0) }
    let seconds = Double(Terminal.monotonicMs() - start) / 1_000
    let sizes = DataSizes(directory: directory)
    if isJSON {
      terminal.print(json(report, seconds, sizes).text)
    } else {
      describe(report, seconds, sizes, terminal)
    }
    return .done
  }

  private func describe(
    _ report: ImportReport, _ seconds: Double, _ sizes: DataSizes, _ terminal: Terminal
  ) {
    let events = report.events.raw
    terminal.print(
      "\(grouped(events)) events in \(rounded(seconds)) s, "
        + "\(grouped(UInt64(Double(events) / max(seconds, 0.001)))) events/s")
    terminal.print("from \(CalendarTime.text(report.from)) to \(CalendarTime.text(report.through))")
    let lines: [(String, Int)] = [
      ("people", report.people), ("follows", report.follows), ("mentions", report.mentions),
      ("replies", report.replies), ("shares", report.shares),
      ("posts made to be shared or answered", report.firstPosts),
      ("lines that repeat what was so already", report.repetitions),
    ]
    for (what, count) in lines { terminal.print("  \(grouped(count)) \(what)") }
    terminal.print(
      "on disk: journal \(grouped(sizes.journal)) bytes, "
        + "\(perEvent(sizes.journal, events)) an event; "
        + "keys \(grouped(sizes.keys)) bytes")
    if let digests = report.digests { terminal.print(digests.text) }
  }

  private func json(
    _ report: ImportReport, _ seconds: Double, _ sizes: DataSizes
  ) -> JSON {
    .object([
      ("events", .uint(report.events.raw)), ("seconds", .decimal(seconds)),
      ("from", .int(report.from.ms)), ("through", .int(report.through.ms)),
      ("people", .int(Int64(report.people))), ("follows", .int(Int64(report.follows))),
      ("mentions", .int(Int64(report.mentions))), ("replies", .int(Int64(report.replies))),
      ("shares", .int(Int64(report.shares))),
      ("first_posts", .int(Int64(report.firstPosts))),
      ("repetitions", .int(Int64(report.repetitions))),
      ("bytes", sizes.json), ("state", report.digests?.json ?? .null),
    ])
  }

  private func perEvent(_ bytes: UInt64, _ events: UInt64) -> String {
    rounded(Double(bytes) / Double(max(events, 1)))
  }
}

/// With one digit after the point.
func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
