internal import Engine
internal import Journal

struct ErasuresCommand: Subcommand {
  static let name = "erasures"
  static let summary = "who was erased: a list for restores of older backups"
  static let details = """
    Prints a line for everybody who was erased, `user:17 4711`, with the position of the event where
    one is known. roost restore --erasures takes such a list, so that a backup from before an
    erasure brings nobody's text back. Works beside a running server.
    """
  static let options: [Option] = [
    .required("data", "DIR", "a data directory, or a backup")
  ]

  private let directory: String

  init(_ options: Options) { directory = options.require(Self.options[0]) }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let erasures = try Erasures.read(directory) { terminal.progress($0) }
    terminal.finish()
    for erasure in erasures { terminal.print(Erasures.line(erasure)) }
    return .done
  }
}
