internal import Domain
internal import Engine
internal import Server

/// `roost commands`: the command table, for people and for what makes documentation from it.
struct CommandsCommand: Subcommand {
  static let name = "commands"
  static let summary = "the commands that clients can send"
  static let details = """
    Prints what every command takes and does, by group. With --json the whole table: also who may
    call it, what its calls count towards when they are limited, and how it can fail.
    """
  static let options: [Option] = [.json]

  private let isJSON: Bool

  init(_ options: Options) {
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    if isJSON {
      terminal.print(CommandTable.standard.json.text)
      return .done
    }
    for (index, group) in CommandTable.standard.groups.enumerated() {
      if index > 0 { terminal.print("") }
      terminal.print(group.name)
      for command in group.commands {
        terminal.print("  \(command.usage)")
        terminal.print("      \(command.summary)")
      }
    }
    return .done
  }
}

extension CommandTable {
  fileprivate var json: JSON {
    .array(
      groups.flatMap { group in
        group.commands.map { .object([("group", .string(group.name))] + $0.members) }
      })
  }
}

extension CommandSpec {
  fileprivate var members: [(String, JSON)] {
    [
      ("name", .string(name)), ("syntax", .string(syntax)),
      ("arguments", .array(arguments.map(\.json))), ("arity", .int(Int64(arity))),
      ("summary", .string(summary)), ("since", .string(since)),
      ("access", .string(access.who)), ("rate_class", .string(rateClass.rawValue)),
      ("other_rate_class", otherRateClass),
      ("errors", .array(errors.map { .string($0.rawValue) })), ("takes_key", .bool(takesKey)),
    ]
  }
}

extension CommandSpec {
  /// The class of calls with a certain option, where it is another.
  fileprivate var otherRateClass: JSON {
    guard let (name, rateClass) = rateWithArgument else { return .null }
    let token = arguments.first { $0.name == name }?.token
    return .object([
      ("option", .string(token ?? name)), ("rate_class", .string(rateClass.rawValue)),
    ])
  }
}

extension ArgumentSpec {
  fileprivate var json: JSON {
    .object([
      ("name", .string(name)), ("syntax", .string(syntax)),
      ("token", token.map { .string($0) } ?? .null), ("optional", .bool(isOptional)),
      ("secret", .bool(isSecret)),
    ])
  }
}
