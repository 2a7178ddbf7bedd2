import Server

/// What the server's command table has: only that is asked for.
struct Vocabulary: Sendable {
  private let options: [String: Set<String>]

  init(_ table: CommandTable = .standard) {
    var options: [String: Set<String>] = [:]
    for command in table.commands {
      options[command.name] = Set(command.arguments.compactMap(\.token))
    }
    self.options = options
  }

  func has(_ command: String) -> Bool { options[command] != nil }

  func has(_ command: String, _ option: String) -> Bool {
    options[command]?.contains(option) ?? false
  }

  /// Whether the call, as it stands, is one of the table's.
  func has(_ call: Call) -> Bool {
    let words = call.words.map { $0.uppercased() }
    switch call {
    case .page(.listTimeline): return has("TIMELINE", "LIST") || has("TIMELINE LIST")
    case .read(.list), .read(.lists): return has("LIST SHOW")
    case .inPlaceOf(_, let call): return has("AS") && has(call)
    case .signUp, .authenticate, .present, .relate, .post, .own, .chat, .moderate, .read, .page:
      if words.count > 1, has(words[0] + " " + words[1]) { return true }
      return has(words[0]) && !Self.areSubcommands.contains(words.prefix(2).joined(separator: " "))
    }
  }

  /// Where the first word alone is a command too.
  private static let areSubcommands: Set<String> = [
    "PROFILE SET", "INBOX READ", "REPORTS CLOSE", "HASHTAG FOLLOW", "LIST NEW", "CHAT ADD",
  ]
}
