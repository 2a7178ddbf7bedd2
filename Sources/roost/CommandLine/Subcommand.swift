/// One of the things that `roost` does: `roost <name> --option value …`.
protocol Subcommand {
  static var name: String { get }
  /// Half a line for the list of commands.
  static var summary: String { get }
  /// A few sentences for `--help`.
  static var details: String { get }
  static var options: [Option] { get }

  /// Reads the line; throws `UsageError` for what it cannot mean.
  init(_ options: Options) throws

  /// Does it, on the calling thread.
  func run(_ terminal: Terminal) throws -> ExitStatus
}

/// How a command ends.
enum ExitStatus: Int32 {
  case done = 0
  /// It found, or met with, something wrong.
  case wrong = 1
  case badUsage = 2
}

/// All commands, in the order in which help lists them.
struct CommandRegistry {
  let commands: [any Subcommand.Type]

  /// Runs what the words after the program's name ask for.
  func run(_ words: [String], _ terminal: Terminal) -> ExitStatus {
    defer { terminal.finish() }
    guard let name = words.first else {
      terminal.complain("no command is given; roost --help lists them")
      return .badUsage
    }
    if name == "--help" || name == "-h" || name == "help" {
      terminal.print(Help.overview(commands))
      return .done
    }
    guard let command = commands.first(where: { $0.name == name }) else {
      terminal.complain("there is no command '\(name)'; roost --help lists them")
      return .badUsage
    }
    let rest = Array(words.dropFirst())
    if rest.contains("--help") || rest.contains("-h") {
      terminal.print(Help.page(command))
      return .done
    }
    return run(command, rest, terminal)
  }

  private func run(
    _ command: any Subcommand.Type, _ words: [String], _ terminal: Terminal
  ) -> ExitStatus {
    do {
      let options = try Options(words, of: command.options)
      let status = try command.init(options).run(terminal)
      terminal.finish()
      return status
    } catch let error as UsageError {
      terminal.finish()
      terminal.complain("\(command.name): \(error); see roost \(command.name) --help")
      return .badUsage
    } catch {
      terminal.finish()
      terminal.complain("\(command.name): \(error)")
      return .wrong
    }
  }
}
