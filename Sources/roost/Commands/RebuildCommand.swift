internal import Domain
internal import Engine
internal import Journal
internal import Projections

struct RebuildCommand: Subcommand {
  static let name = "rebuild"
  static let summary = "fold again; --check only compares"
  static let details = """
    Folds the whole journal anew and writes the result as a fresh snapshot, from which the next
    start goes on; not while a server runs. With --check it compares with the newest snapshot and
    writes nothing; that works beside a running server.
    """
  static let options: [Option] = [
    .data,
    .value("projection", "NAME", "show the digest of this one only"),
    .flag("check", "only compare"),
    .json,
  ]

  private let directory: String
  private let projection: ProjectionName?
  private let isCheck: Bool
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    projection = try options["projection"].map { name in
      guard let projection = ProjectionName(rawValue: name) else {
        let known = ProjectionName.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there is no projection '\(name)'; there are \(known)")
      }
      return projection
    }
    isCheck = options.has("check")
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    if isCheck {
      let verification = try Verification.check(directory: directory, projection: projection) {
        terminal.progress($0)
      }
      return terminal.report(verification, isJSON: isJSON)
    }
    let (digests, snapshot) = try Rebuild.run(
      directory: directory, clock: SystemClock(), random: SystemRandom()
    ) { terminal.progress($0) }
    terminal.finish()
    let shown = digests.showing(projection)
    if isJSON {
      terminal.print(shown.json.text)
    } else {
      terminal.print(shown.text)
      terminal.print(
        "snapshot: \(grouped(snapshot.entries)) entries, \(grouped(snapshot.bytes)) bytes")
    }
    return .done
  }
}
