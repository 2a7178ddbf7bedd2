import Domain
import Wire

/// COMMAND, COMMAND DOCS and HELP, all from the table.
extension CommandSpec {
  /// The words that follow the name, as in a manual: `<text> [VISIBILITY public|followers]`.
  package var syntax: String { arguments.map(\.syntax).joined(separator: " ") }

  /// An element of COMMAND's reply: name, arity, flags, key positions, categories, tips, …
  var redisDescription: Reply {
    let flags = [isMutation ? "write" : "readonly", "fast"]
    return .array([
      .text(name.lowercased().replacingBlanks()), .integer(Int64(arity)),
      .array(flags.map { .simple($0) }), .integer(0), .integer(0), .integer(0),
      .array([.simple("@\(rateClass.rawValue)")]), .array([]), .array([]), .array([]),
    ])
  }

  /// The value of COMMAND DOCS for this command.
  var docs: ReplyMap {
    var docs = ReplyMap([
      ("summary", .text(summary)), ("since", .text(since)),
      ("group", .text(rateClass.rawValue)), ("complexity", .text("")),
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
      let parts = name.split(separator: "-").map { part in
        Reply.map([
          "name": .text(String(part)), "type": .text("string"), "display_text": .text(String(part)),
        ])
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

  private var redisType: String {
    switch kind {
    case _ where valuesCount > 1 || countedRange != nil: "block"
    case .text, .username, .id, .rest: "string"
    case .integer: "integer"
    case .word: "oneof"
    case .flag: "pure-token"
    }
  }

  var syntax: String {
    var text: String
    switch kind {
    case .word(let words): text = words.joined(separator: "|")
    case .flag: text = ""
    case .text, .username, .id, .integer, .rest: text = "<\(name)>"
    }
    if valuesCount > 1 { text = Array(repeating: text, count: valuesCount).joined(separator: " ") }
    if countedRange != nil { text = "<count> \(text) …" }
    if isRepeated || valuesMax != nil { text += " …" }
    if let token { text = text.isEmpty ? token : "\(token) \(text)" }
    return isOptional ? "[\(text)]" : text
  }
}

extension CommandTable {
  /// Finds `client id`, `client|id` and `CLIENT ID`.
  func command(named name: String) -> CommandSpec? {
    let folded = String(name.uppercased().map { $0 == "|" ? " " : $0 })
    return commands.first { $0.name == folded }
  }

  /// COMMAND DOCS: subcommands stand under their first word, as Redis has them.
  func docs(of names: [String]) -> ReplyMap {
    var docs = ReplyMap()
    for group in groups {
      let key = group.name.lowercased()
      guard names.isEmpty || names.contains(where: { $0.lowercased() == key }) else { continue }
      var entry =
        group.command?.docs
        ?? ReplyMap([
          ("summary", .text("A container of \(group.name) commands.")), ("since", .text("0.1.0")),
          ("group", .text(group.subcommands[0].rateClass.rawValue)),
        ])
      if !group.subcommands.isEmpty {
        let pairs = group.subcommands.map {
          ($0.name.lowercased().replacingBlanks(), Reply.map($0.docs))
        }
        entry.append("subcommands", .map(ReplyMap(pairs)))
      }
      docs.append(key, .map(entry))
    }
    return docs
  }

  private struct Group {
    var name: String
    var command: CommandSpec?
    var subcommands: [CommandSpec]
  }

  /// The commands by their first word, in table order.
  private var groups: [Group] {
    var groups: [Group] = []
    for command in commands {
      let words = command.name.split(separator: " ").map(String.init)
      let index: Int
      if let known = groups.firstIndex(where: { $0.name == words[0] }) {
        index = known
      } else {
        index = groups.count
        groups.append(Group(name: words[0], command: nil, subcommands: []))
      }
      if words.count == 1 {
        groups[index].command = command
      } else {
        groups[index].subcommands.append(command)
      }
    }
    return groups
  }

  /// HELP's reply: a line for each command, or what there is to say about one.
  func help(on name: String) throws(Rejection) -> Reply {
    guard !name.isEmpty else {
      return .array(commands.map { .text("\($0.name) \($0.syntax)".trimmingTrailingBlank()) })
    }
    guard let command = command(named: name) else {
      let group = commands.filter { $0.name.hasPrefix(name.uppercased() + " ") }
      guard !group.isEmpty else { throw Rejection(.notFound, "no command has this name") }
      return .array(group.map { .text("\($0.name) \($0.syntax)".trimmingTrailingBlank()) })
    }
    return .array([
      .text("\(command.name) \(command.syntax)".trimmingTrailingBlank()), .text(command.summary),
    ])
  }
}

extension String {
  fileprivate func replacingBlanks() -> String { String(map { $0 == " " ? "|" : $0 }) }
  fileprivate func trimmingTrailingBlank() -> String { hasSuffix(" ") ? String(dropLast()) : self }
}
