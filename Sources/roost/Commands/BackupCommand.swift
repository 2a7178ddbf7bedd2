internal import Domain
internal import Engine
internal import Journal

struct BackupCommand: Subcommand {
  static let name = "backup"
  static let summary = "the journal up to now into a directory, adding what is new"
  static let details = """
    Makes a backup, or brings one up to now: only what came since is added. Works beside a running
    server; the backup ends with a transaction. Every event is checked on the way, and a journal
    that does not go on from where the backup ends is refused. The keys are written anew each time,
    without those of erased people; with --without-keys there are none in it, and restoring needs
    them from elsewhere. Interrupted, it leaves the backup as it was before.
    """
  static let options: [Option] = [
    .data, .required("to", "BACKUP", "the directory: new, empty, or a backup of this journal"),
    .flag("without-keys", "leave out the keys that open what people wrote"), .json,
  ]

  private let directory: String
  private let destination: String
  private let hasKeys: Bool
  private let isJSON: Bool

  init(_ options: Options) {
    directory = options.require(.data)
    destination = options.require(Self.options[1])
    hasKeys = !options.has("without-keys")
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let start = Terminal.monotonicMs()
    let reader = try JournalReader(directory: directory)
    let job = try BackupJob(
      of: BackupSource(reader), in: destination, withKeys: hasKeys, now: SystemClock().now)
    while try job.step() {
      terminal.progress(
        Progress(
          title: "backing up", done: job.position.raw - job.start.raw,
          total: job.end.raw - job.start.raw, unit: "records"))
    }
    let report = try job.finish()
    let ms = Terminal.monotonicMs() - start
    terminal.finish()
    if isJSON {
      terminal.print(
        JSON.object([
          ("position", .uint(report.position.raw)), ("events", .uint(report.events)),
          ("bytes", .uint(report.bytes)), ("bytes_in_all", .uint(report.bytesInAll)),
          ("keys", report.keys.map { .uint($0) } ?? .null), ("ms", .int(ms)),
        ]).text)
    } else {
      terminal.print(
        "\(grouped(report.events)) events and \(grouped(report.bytes)) bytes in \(ms) ms; "
          + "the backup ends at position \(report.position), \(grouped(report.bytesInAll)) bytes")
      if report.keys == nil { terminal.print("without keys") }
    }
    return .done
  }
}
