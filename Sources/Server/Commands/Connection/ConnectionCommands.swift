import Domain
import Engine
import Entities
import Journal
import Wire

/// What every Redis client expects of a connection.
let connectionCommands: [CommandSpec] =
  sessionCommands + clientCommands + describingCommands

private let sessionCommands: [CommandSpec] = [
  CommandSpec(
    "HELLO",
    [
      .integer("protover", Int64.min...Int64.max).optional,
      .text("username-password").after("AUTH").values(2), .text("clientname").after("SETNAME"),
    ],
    "Chooses the protocol version and describes the server.", access: .anyone,
    rate: .connection, errors: [.noAuth, .busy, .limit], handler: hello),
  CommandSpec(
    "PING", [.text("message").optional], "Answers PONG, or the message.",
    access: .anyone, rate: .connection
  ) { invocation, arguments in
    let message = arguments.text("message")
    let connection = invocation.connection
    // A subscriber of RESP2 tells replies from messages by this; clients' health checks rely on it.
    if invocation.framing == .resp, connection.version == .two, !connection.subscriptions.isEmpty {
      return Response(.array([.text("pong"), .text(message ?? "")]))
    }
    return Response(message.map { .text($0) } ?? .simple("PONG"))
  },
  CommandSpec(
    "ECHO", [.text("message")], "Answers the message.", access: .anyone, rate: .connection
  ) { _, arguments in Response(.text(arguments.text("message") ?? "")) },
  CommandSpec(
    "QUIT", [.rest("ignored")], "Closes the connection after the replies that are due.",
    access: .anyone, rate: .connection
  ) { invocation, _ in
    invocation.connection.isClosing = true
    return Response(.ok)
  },
  CommandSpec(
    "RESET", [], "Logs out, unsubscribes and returns to RESP2.", access: .anyone,
    rate: .connection
  ) { invocation, _ in
    await invocation.unsubscribeAll()
    invocation.connection.reset()
    return Response(.simple("RESET"))
  },
  CommandSpec(
    "SELECT", [.integer("index", 0...0)], "Accepts database 0, the only one.",
    access: .anyone, rate: .connection
  ) { _, _ in Response(.ok) },
  CommandSpec(
    "TIME", [], "Answers the server's seconds since 1970 and microseconds.",
    access: .anyone, rate: .connection
  ) { invocation, _ in
    let ms = invocation.service.clock.now.ms
    return Response(.array([.text(String(ms / 1000)), .text(String(ms % 1000 * 1000))]))
  },
]

/// `HELLO [2|3] [AUTH username password] [SETNAME name]`. Redis clients that are given only a
/// password send `AUTH default <password>`: that is a token.
private func hello(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let version = arguments.integer("protover")
  guard
    let chosen = version.map({ RESPVersion(rawValue: Int($0)) }) ?? invocation.connection.version
  else { throw Rejection(.noProtocol, "unsupported protocol version") }
  let name = arguments.text("clientname")
  if let name { try Invocation.checkLabel(name) }
  // Nothing of a HELLO that is refused takes effect.
  let credentials = arguments.texts("username-password")
  var position = Position.zero
  if credentials.count == 2 {
    position = try await authenticate(
      &invocation, credentials[0] == "default" ? [credentials[1]] : credentials
    ).position
  }
  invocation.connection.version = chosen
  if let name { invocation.connection.name = name }
  return Response(
    .map([
      "server": .text("roost"), "version": .text(roostVersion),
      "proto": .integer(invocation.connection.version == .three ? 3 : 2),
      "id": .integer(Int64(invocation.connection.id)), "mode": .text("standalone"),
      "role": .text("master"), "modules": .array([]),
    ]), after: position)
}

private let clientCommands: [CommandSpec] = [
  CommandSpec(
    "CLIENT ID", [], "Answers the connection's number.", access: .anyone, rate: .connection
  ) { invocation, _ in Response(.integer(Int64(invocation.connection.id))) },
  CommandSpec(
    "CLIENT SETNAME", [.text("name")], "Names the connection.", access: .anyone,
    rate: .connection
  ) { invocation, arguments in
    try invocation.setLabel(arguments.text("name") ?? "", at: \.name)
    return Response(.ok)
  },
  CommandSpec(
    "CLIENT GETNAME", [], "Answers the connection's name, or null.", access: .anyone,
    rate: .connection
  ) { invocation, _ in
    Response(invocation.connection.name.isEmpty ? .null : .text(invocation.connection.name))
  },
  CommandSpec(
    "CLIENT SETINFO", [.word("attribute", ["lib-name", "lib-ver"]), .text("value")],
    "Notes the client library's name or version.", access: .anyone, rate: .connection
  ) { invocation, arguments in
    let value = arguments.text("value") ?? ""
    if arguments.text("attribute") == "lib-name" {
      try invocation.setLabel(value, at: \.library)
    } else {
      try invocation.setLabel(value, at: \.libraryVersion)
    }
    return Response(.ok)
  },
  CommandSpec(
    "CLIENT INFO", [], "Describes the connection.", access: .anyone, rate: .connection
  ) { invocation, _ in
    Response(.text(invocation.connection.summary(at: invocation.service.clock.now) + "\n"))
  },
  CommandSpec(
    "CLIENT LIST", [], "Describes every connection.", access: .admin, rate: .operate,
    errors: [.noAuth, .denied]
  ) { invocation, _ in
    var lines = ""
    let now = invocation.service.clock.now
    for session in invocation.service.sessions.all() {
      let state =
        session.id == invocation.connection.id
        ? invocation.connection : await session.describe()
      lines += state.summary(at: now) + "\n"
    }
    return Response(.text(lines))
  },
  CommandSpec(
    "CLIENT KILL", [.integer("id", 1...Int64.max).after("ID").required], "Ends a connection.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let id = arguments.integer("id") ?? 0
    if UInt64(id) == invocation.connection.id {
      invocation.connection.isClosing = true
      return Response(.integer(1))
    }
    guard let session = invocation.service.sessions[UInt64(id)] else {
      throw Rejection(.notFound, "no connection has this number")
    }
    await session.kill()
    return Response(.integer(1))
  },
]

private let describingCommands: [CommandSpec] = [
  CommandSpec(
    "COMMAND", [], "Describes every command as Redis does.", access: .anyone,
    rate: .connection
  ) { invocation, _ in
    Response(.array(invocation.service.table.commands.map(\.redisDescription)))
  },
  CommandSpec(
    "COMMAND COUNT", [], "Answers how many commands there are.", access: .anyone,
    rate: .connection
  ) { invocation, _ in
    Response(.integer(Int64(invocation.service.table.commands.count)))
  },
  CommandSpec(
    "COMMAND LIST", [], "Answers every command's name.", access: .anyone, rate: .connection
  ) { invocation, _ in
    Response(.array(invocation.service.table.commands.map { .text($0.redisName) }))
  },
  CommandSpec(
    "COMMAND INFO", [.rest("command")], "Describes the named commands as Redis does.",
    access: .anyone, rate: .connection
  ) { invocation, arguments in
    guard !arguments.rest.isEmpty else {
      return Response(.array(invocation.service.table.commands.map(\.redisDescription)))
    }
    let table = invocation.service.table
    return Response(
      .array(
        arguments.rest.map { argument in
          table.command(named: argument.text ?? "")?.redisDescription ?? .nullArray
        }))
  },
  CommandSpec(
    "COMMAND DOCS", [.rest("command")], "Documents the named commands, or all of them.",
    access: .anyone, rate: .connection
  ) { invocation, arguments in
    Response(.map(invocation.service.table.docs(of: arguments.rest.compactMap(\.text))))
  },
  CommandSpec(
    "HELP", [.text("command").repeated.optional], "Lists the commands, or explains one.",
    access: .anyone, rate: .connection
  ) { invocation, arguments in
    let name = arguments.texts("command").joined(separator: " ")
    return Response(try invocation.service.table.help(on: name))
  },
]

extension Invocation {
  /// Bounds and stores one of the connection's labels. Redis refuses blanks and line ends in them.
  mutating func setLabel(
    _ text: String, at path: WritableKeyPath<ConnectionState, String>
  ) throws(Rejection) {
    try Self.checkLabel(text)
    connection[keyPath: path] = text
  }

  fileprivate static func checkLabel(_ text: String) throws(Rejection) {
    guard text.utf8.count <= ConnectionState.labelBytesMax,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Rejection(
        .invalid,
        "a label has up to \(ConnectionState.labelBytesMax) printable ASCII characters, no blanks")
    }
  }
}

extension ConnectionState {
  /// A line of CLIENT LIST, in Redis' form: words of name=value, none of which holds a blank.
  func summary(at now: Instant) -> String {
    let command = lastCommand.lowercased().map { $0 == " " ? "|" : $0 }
    return "id=\(id) addr=\(peer) name=\(name) age=\((now.ms - opened.ms) / 1000)"
      + " flags=\(subscriptions.isEmpty ? "N" : "P") db=0 sub=\(subscriptions.count) psub=0"
      + " multi=-1 cmd=\(String(command)) user=\(identity?.username.text ?? "")"
      + " resp=\(version.rawValue) lib-name=\(library) lib-ver=\(libraryVersion)"
  }
}
