internal import Domain
internal import Engine
internal import Journal

struct ExportCommand: Subcommand {
  static let name = "export"
  static let summary = "events as JSON Lines, or tables of entities as CSV"
  static let details = """
    Writes a new directory: with jsonl the file events.jsonl, which roost import --events takes in
    again, with csv a file for each table. As of now, or of a position or a moment with --until.
    Text that not anybody may read (posts that are not public, chats, drafts, e-mail addresses,
    password hashes) is left out, unless --private is given; erased people have none. Works beside a
    running server.
    """
  static let options: [Option] = [
    .data, .required("to", "DIR", "the directory to make: new or empty"),
    .required("format", "FORMAT", Export.Format.allCases.map(\.rawValue).joined(separator: " or ")),
    .value("until", "POSITION|TIME", "where to stop; the end if it is not given"),
    .value("tables", "A,B,…", "of CSV, only these tables"),
    .flag("private", "with private text, and the tables of blocks and mutes"),
    .flag("gzip", "compress each file"), .json,
  ]

  private let directory: String
  private let destination: String
  private let options: Export.Options
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    destination = options.require(Self.options[1])
    let name = options.require(Self.options[2])
    guard let format = Export.Format(rawValue: name) else {
      throw UsageError("--format takes jsonl or csv, not '\(name)'")
    }
    var export = Export.Options(format: format)
    if let until = options["until"] { export.limit = try Refold.Limit(text: until) }
    export.tables = try options["tables"].map(Self.tables)
    if export.tables != nil, format != .csv { throw UsageError("--tables go with --format csv") }
    export.isPrivate = options.has("private")
    export.isCompressed = options.has("gzip")
    self.options = export
    isJSON = options.has(.json)
  }

  private static func tables(_ text: String) throws -> [ExportTable] {
    var tables: [ExportTable] = []
    for name in text.split(separator: ",") {
      guard let table = ExportTable(rawValue: String(name)) else {
        let known = ExportTable.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there is no table '\(name)'; there are \(known)")
      }
      if !tables.contains(table) { tables.append(table) }
    }
    return tables
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let start = Terminal.monotonicMs()
    let reader = try JournalReader(directory: directory)
    let report = try Export.run(reader, to: destination, options) { terminal.progress($0) }
    let ms = Terminal.monotonicMs() - start
    terminal.finish()
    if isJSON {
      terminal.print(
        JSON.object([
          ("position", .uint(report.position.raw)),
          ("files", .object(report.files.map { ($0.name, .uint($0.rows)) })), ("ms", .int(ms)),
        ]).text)
      return .done
    }
    terminal.print("exported up to position \(report.position) in \(ms) ms")
    for file in report.files { terminal.print("  \(file.name): \(grouped(file.rows)) rows") }
    return .done
  }
}
