internal import Domain
internal import Engine

struct ImportCommand: Subcommand {
  static let name = "import"
  static let summary = "a real network, or exported events, into a new data directory"
  static let details = """
    Everyone in the files signs up as u<number> (u07 for 7) without a password. A line `A B n` of
    the edges makes A follow B. A line `A B seconds kind` of the activity makes A, at that time,
    share B's newest post (RT), reply to it (RE), or mention B in a post (MT); where B has not
    posted, B posts first. Files may be compressed with gzip. All of them are read through before
    anything is written, and an error names the file and the line.

    With --events instead, takes in what roost export --format jsonl wrote: the same positions,
    times and ids, so the same state, with new keys. The directory appears when it is whole.
    """
  static let options: [Option] = [
    .data,
    .value("follows", "EDGES", "lines `A B n`: A follows B"),
    .value("activity", "FILE", "lines `A B seconds RT|RE|MT`, in the order of time"),
    .value("texts", "FILE", "what is posted, one text a line"),
    .value("seed", "N", "make keys and nonces from N: the same files give the same records"),
    .value("events", "FILE", "exported events, instead of all of these"),
    .json,
  ]

  private let directory: String
  private enum Source {
    case network(ImportFiles)
    case events(String)
  }

  private let source: Source
  private let seed: UInt64?
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    seed = try options.number("seed")
    isJSON = options.has(.json)
    switch (options["follows"], options["events"]) {
    case (let follows?, nil):
      source = .network(
        ImportFiles(
          follows: follows, activity: options["activity"], texts: options["texts"]))
    case (nil, let events?):
      guard options["activity"] == nil, options["texts"] == nil else {
        throw UsageError("--activity and --texts go with --follows")
      }
      source = .events(events)
    case (nil, nil), (_?, _?): throw UsageError("give either --follows EDGES or --events FILE")
    }
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    switch source {
    case .network(let files): try run(files, terminal)
    case .events(let path): try takeIn(path, terminal)
    }
    return .done
  }

  private func takeIn(_ path: String, _ terminal: Terminal) throws {
    let start = Terminal.monotonicMs()
    let report = try EventImport.run(
      path, into: directory, clock: SystemClock(),
      random: seed.map { SeededRandom(seed: $0) } ?? SystemRandom()
    ) { terminal.progress($0) }
    let ms = Terminal.monotonicMs() - start
    terminal.finish()
    if isJSON {
      terminal.print(
        JSON.object([
          ("events", .uint(report.position.raw)), ("ms", .int(ms)),
          ("state", report.digests.json),
        ]).text)
    } else {
      terminal.print("\(grouped(report.position.raw)) events in \(ms) ms")
      terminal.print(report.digests.text)
    }
  }

  private func run(_ files: ImportFiles, _ terminal: Terminal) throws {
    let start = Terminal.monotonicMs()
    let report = try Import.run(files, into: directory, seed: seed) { terminal.progress($0) }
    let seconds = Double(Terminal.monotonicMs() - start) / 1_000
    let sizes = DataSizes(directory: directory)
    if isJSON {
      terminal.print(json(report, seconds, sizes).text)
    } else {
      describe(report, seconds, sizes, terminal)
    }
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
