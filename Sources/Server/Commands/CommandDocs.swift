import Domain
import Wire

/// COMMAND, COMMAND DOCS and HELP, all from the table.
extension CommandSpec {
  /// The words that follow the name, as in a manual: `<text> [VISIBILITY public|followers]`.
  package var syntax: String { arguments.map(\.syntax).joined(separator: " ") }

  /// Name and syntax, on one line.
  package var usage: String { arguments.isEmpty ? name : "\(name) \(syntax)" }

  /// HELP's lines about it.
  var explanation: [String] {
    var lines = [usage, summary, "For \(access.who)."]
    if !errors.isEmpty {
      let codes = errors.map(\.rawValue).joined(separator: " ")
      lines.append("Fails with \(codes), or as any command with INVALID or ERR.")
    }
    return lines
  }

  /// Whether a repetition with the same `KEY` is answered as the first time.
  package var takesKey: Bool { arguments.contains { $0.name == ArgumentSpec.key.name } }

  /// As Redis writes names: `client|id`.
  var redisName: String { name.lowercased().replacingBlanks() }

  /// An element of COMMAND's reply: name, arity, flags, key positions, categories, tips, …
  var redisDescription: Reply {
    let flags = [takesKey ? "write" : "readonly", "fast"]
    return .array([
      .text(redisName), .integer(Int64(arity)),
      .array(flags.map { .simple($0) }), .integer(0), .integer(0), .integer(0),
      .array([.simple("@\(rateClass.rawValue)")]), .array([]), .array([]), .array([]),
    ])
  }

  /// The value of COMMAND DOCS for this command.
  func docs(in group: CommandGroup) -> ReplyMap {
    var docs = ReplyMap([
      ("summary", .text(summary)), ("since", .text(since)), ("group", .text(group.name)),
    ])
    if !arguments.isEmpty { docs.append("arguments", .array(arguments.map { .map($0.docs) })) }
    return docs
  }
}

extension ArgumentSpec {
  var docs: ReplyMap {
    var docs = ReplyMap([("name", .text(name)), ("type", .text(redisType))])
    if redisType != "oneof", redisType != "block" { docs.append("display_text", .text(name)) }
    if let token { docs.append("token", .text(token)) }
    var flags: [Reply] = []
    if isOptional { flags.append(.simple("optional")) }
    if isRepeated || valuesMax != nil { flags.append(.simple("multiple")) }
    if !flags.isEmpty { docs.append("flags", .array(flags)) }
    if countedRange != nil {
      let parts = [("count", "integer", nil), (name, "string", "multiple")].map {
        (name, type, flag) in
        Reply.map(
          ReplyMap(
            [("name", .text(name)), ("type", .text(type)), ("display_text", .text(name))]
              + (flag.map { [("flags", .array([.simple($0)]))] } ?? [])))
      }
      docs.append("arguments", .array(parts))
    }
    if valuesCount > 1 {
      let parts = valueNames.map { part in
        Reply.map(["name": .text(part), "type": .text("string"), "display_text": .text(part)])
      }
      docs.append("arguments", .array(parts))
    }
    if case .word(let words) = kind {
      let choices = words.map { word in
        Reply.map([
          "name": .text(word), "type": .text("pure-token"), "display_text": .text(word),
          "token": .text(word),
        ])
      }
      docs.append("arguments", .array(choices))
    }
    return docs
  }

  /// An argument of several values has a name made of theirs, with hyphens between.
  private var valueNames: [String] { name.split(separator: "-").map(String.init) }

  private var redisType: String {
    switch kind {
    case _ where valuesCount > 1 || countedRange != nil: "block"
    case .text, .username, .id, .rest: "string"
    case .integer: "integer"
    case .word: "oneof"
    case .flag: "pure-token"
    }
  }

  /// As in a manual: `[VISIBILITY public|followers]`.
  package var syntax: String {
    var text: String
    switch kind {
    case .word(let words): text = words.joined(separator: "|")
    case .flag: text = ""
    case .text, .username, .id, .integer, .rest: text = "<\(name)>"
    }
    if valuesCount > 1 { text = valueNames.map { "<\($0)>" }.joined(separator: " ") }
    if countedRange != nil { text = "<count> \(text) …" }
    if isRepeated || valuesMax != nil { text += " …" }
    if let token { text = text.isEmpty ? token : "\(token) \(text)" }
    return isOptional ? "[\(text)]" : text
  }
}

extension CommandSpec.Access {
  /// Who that is, in words.
  package var who: String {
    switch self {
    case .anyone: "anybody"
    case .publicRead: "anybody, or on a private server whoever is logged in"
    case .read: "whoever is logged in"
    case .write: "whoever is logged in with more than a read token"
    case .service: "service and admin tokens"
    case .moderator: "moderator and admin tokens"
    case .admin: "admin tokens"
    }
  }
}

/// A command and its subcommands, or subcommands alone; each with the group that it stands in.
private struct CommandFamily {
  /// In lower case.
  var name: String
  var command: (spec: CommandSpec, group: CommandGroup)?
  var subcommands: [(spec: CommandSpec, group: CommandGroup)] = []

  var docs: ReplyMap {
    var docs = command.map { $0.spec.docs(in: $0.group) } ?? containerDocs
    if !subcommands.isEmpty {
      let pairs = subcommands.map { ($0.spec.redisName, Reply.map($0.spec.docs(in: $0.group))) }
      docs.append("subcommands", .map(ReplyMap(pairs)))
    }
    return docs
  }

  /// A word that is no command by itself came with the first that begins with it.
  private var containerDocs: ReplyMap {
    var docs = ReplyMap([("summary", .text("A container of \(name.uppercased()) commands."))])
    if let first = subcommands.first {
      docs.append("since", .text(first.spec.since))
      docs.append("group", .text(first.group.name))
    }
    return docs
  }
}

extension CommandTable {
  /// Finds `client id`, `client|id` and `CLIENT ID`.
  func command(named name: String) -> CommandSpec? {
    let folded = String(name.uppercased().map { $0 == "|" ? " " : $0 })
    return commands.first { $0.name == folded }
  }

  /// COMMAND DOCS: subcommands stand under their first word, as Redis has them; one that is named
  /// itself, as `client|id`, stands alone.
  func docs(of names: [String]) -> ReplyMap {
    let wanted = Set(names.map { $0.lowercased().replacingBlanks() })
    var docs = ReplyMap()
    for family in families {
      if wanted.isEmpty || wanted.contains(family.name) {
        docs.append(family.name, .map(family.docs))
      }
      for (command, group) in family.subcommands where wanted.contains(command.redisName) {
        docs.append(command.redisName, .map(command.docs(in: group)))
      }
    }
    return docs
  }

  /// The commands by their first word, in table order.
  private var families: [CommandFamily] {
    var families: [CommandFamily] = []
    for group in groups {
      for command in group.commands {
        let words = command.redisName.split(separator: "|")
        let index = families.firstIndex { $0.name == words[0] } ?? families.endIndex
        if index == families.endIndex {
          families.append(CommandFamily(name: String(words[0])))
        }
        if words.count == 1 {
          families[index].command = (command, group)
        } else {
          families[index].subcommands.append((command, group))
        }
      }
    }
    return families
  }

  /// HELP's reply: a line for each command, or what there is to say about one.
  func help(on name: String) throws(Rejection) -> Reply {
    guard !name.isEmpty else {
      return .array(commands.map { .text($0.usage) })
    }
    guard let command = command(named: name) else {
      let group = commands.filter { $0.name.hasPrefix(name.uppercased() + " ") }
      guard !group.isEmpty else { throw Rejection(.notFound, "no command has this name") }
      return .array(group.map { .text($0.usage) })
    }
    return .array(command.explanation.map { .text($0) })
  }
}

extension String {
  fileprivate func replacingBlanks() -> String { String(map { $0 == " " ? "|" : $0 }) }
}
