internal import Domain
internal import Engine
internal import Journal
internal import Server

struct RestoreCommand: Subcommand {
  static let name = "restore"
  static let summary = "a data directory from a backup, as of its end or any time before"
  static let details = """
    Reads a backup, checks all of it, and makes a new data directory of it, which can be served at
    once; with --check it only reads. With --until it ends after a position or a moment: whole
    numbers below 10^12 are positions, others milliseconds since 1970; dates are ISO 8601. A moment
    never parts what one command did; a position may. Whoever is known to be erased stays erased,
    also where the erasure came later: by the backup itself, and by what --erasures names. The
    directory appears when it is whole; the first position that cannot be trusted is named.
    """
  static let options: [Option] = [
    .required("from", "BACKUP", "what roost backup wrote"),
    .value("data", "DIR", "the data directory to make: new or empty"),
    .value("until", "POSITION|TIME", "where to stop; the backup's end if it is not given"),
    .value(
      "erasures", "FROM", "who was erased since: a data directory, a newer backup or a list"),
    .value("keys", "FROM", "where the keys are: a data directory or another backup"),
    .flag("without-text", "restore nobody's text: for audits"),
    .flag("admin-token", "issue a new token for the operator, into DIR/admin.token"),
    .flag("quick", "do not read it back, and take no snapshot"),
    .flag("check", "only read the backup and check it"), .json,
  ]

  private let options: Restore.Options
  private let directory: String?
  private let isJSON: Bool

  init(_ options: Options) throws {
    var restore = Restore.Options(backup: options.require(Self.options[0]))
    directory = options["data"]
    if options.has("check") != (directory == nil) {
      throw UsageError("give either --data, where to make it, or --check")
    }
    if let until = options["until"] {
      switch try Refold.Limit(text: until) {
      case .end: restore.limit = .end
      case .position(let position): restore.limit = .position(position)
      case .time(let moment): restore.limit = .time(moment)
      }
    }
    if let erasures = options["erasures"] { restore.erasures = [erasures] }
    restore.keys = options["keys"]
    restore.isWithoutText = options.has("without-text")
    restore.isQuick = options.has("quick")
    if options.has("admin-token") { restore.adminToken = TokenText.make(SystemRandom()) }
    if restore.keys != nil, restore.isWithoutText {
      throw UsageError("--keys are for text; --without-text is without")
    }
    self.options = restore
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let start = Terminal.monotonicMs()
    guard let directory else {
      let position = try Restore.check(options) { terminal.progress($0) }
      terminal.finish()
      terminal.print(
        isJSON
          ? JSON.object([("position", .uint(position.raw))]).text
          : "\(grouped(position.raw)) events are in order")
      return .done
    }
    let report = try Restore.run(
      options, into: directory, clock: SystemClock(), random: SystemRandom()
    ) { terminal.progress($0) }
    let ms = Terminal.monotonicMs() - start
    terminal.finish()
    if isJSON { printJSON(report, ms, terminal) } else { describe(report, ms, terminal) }
    return .done
  }

  private func describe(_ report: Restore.Report, _ ms: Int64, _ terminal: Terminal) {
    let time = report.time.map { " (\(CalendarTime.text($0)))" } ?? ""
    terminal.print("restored up to position \(report.position)\(time) in \(ms) ms")
    terminal.print("root \(hexadecimal(report.root.bytes))")
    if report.appended > 0 {
      terminal.print(
        "\(grouped(report.appended)) events were added, so that who was erased later is erased")
    }
    if report.hasAdminToken, let directory {
      terminal.print("an event was added: the operator's new token is in \(directory)/admin.token")
    }
    if let digests = report.digests { terminal.print(digests.text) }
  }

  private func printJSON(_ report: Restore.Report, _ ms: Int64, _ terminal: Terminal) {
    terminal.print(
      JSON.object([
        ("position", .uint(report.position.raw)),
        ("time", report.time.map { .int($0.ms) } ?? .null),
        ("root", .string(hexadecimal(report.root.bytes))),
        ("erased", .int(Int64(report.erased))), ("appended", .uint(report.appended)),
        ("admin_token", .bool(report.hasAdminToken)),
        ("ms", .int(ms)), ("state", report.digests?.json ?? .null),
      ]).text)
  }
}
