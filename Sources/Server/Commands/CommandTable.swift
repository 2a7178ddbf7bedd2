import Domain
import Engine
import Entities
import Journal
package import Wire

/// Every command, by name. Arity checks, COMMAND DOCS, HELP and the documentation read this.
package final class CommandTable: Sendable {
  /// In the order of the documentation.
  package let groups: [CommandGroup]
  /// Those of all groups.
  package let commands: [CommandSpec]
  /// By folded name; subcommands under both words with a blank between.
  private let byName: [String: CommandSpec]
  private let withSubcommands: Set<String>

  package init(_ groups: [CommandGroup]) {
    self.groups = groups
    var commands = groups.flatMap(\.commands)
    for number in commands.indices { commands[number].number = number }
    self.commands = commands
    byName = Dictionary(uniqueKeysWithValues: commands.map { ($0.name, $0) })
    withSubcommands = Set(
      commands.compactMap { command in
        command.name.split(separator: " ").count > 1
          ? command.name.split(separator: " ").first.map(String.init) : nil
      })
  }

  /// Every command of this version.
  package static let standard = CommandTable([
    CommandGroup("connection", connectionCommands),
    CommandGroup("accounts", accountCommands),
    CommandGroup("relations", relationCommands),
    CommandGroup("posts", postCommands),
    CommandGroup("media", mediaCommands),
    CommandGroup("bookmarks", bookmarkCommands),
    CommandGroup("lists", listCommands),
    CommandGroup("hashtags", hashtagCommands),
    CommandGroup("reading", readingCommands),
    CommandGroup("inbox", inboxCommands),
    CommandGroup("chats", chatCommands),
    CommandGroup("live", liveCommands),
    CommandGroup("moderation", moderationCommands),
    CommandGroup(
      "operating",
      operatingCommands + metricsCommands + journalCommands + projectionCommands + configCommands
        + backupCommands),
  ])

  /// The command that a request names, and how many of its words name it.
  package func find(_ arguments: ArraySlice<Argument>) -> (command: CommandSpec, words: Int)? {
    guard let first = arguments.first?.text, first.utf8.count <= Self.nameBytesMax else {
      return nil
    }
    let name = first.uppercased()
    if withSubcommands.contains(name), arguments.count > 1,
      let second = arguments[arguments.startIndex + 1].text, second.utf8.count <= Self.nameBytesMax,
      let command = byName[name + " " + second.uppercased()],
      byName[name] == nil || command.accepts(count: arguments.count)
    {
      return (command, 2)
    }
    return byName[name].map { ($0, 1) }
  }

  /// A command by its name in capitals.
  func command(_ name: String) -> CommandSpec? { byName[name] }

  private static let nameBytesMax = 32

  /// Runs a request to its reply; errors become replies.
  package func execute(_ request: Request, _ invocation: inout Invocation) async -> Response {
    do {
      return try await run(request.arguments[...], &invocation)
    } catch let rejection as Rejection {
      // A refusal may rest on something that is not durable yet; a limit rests on nothing such.
      return Response(
        .error(code: rejection.code.rawValue, message: rejection.message),
        after: rejection.code == .limit ? .zero : invocation.service.journal.enqueued)
    } catch {
      invocation.service.log("a request failed: \(error)")
      return Response(.error(code: "ERR", message: "internal error: \(error)"))
    }
  }

  /// Runs the command in `arguments` as the invocation's identity.
  func run(
    _ arguments: ArraySlice<Argument>, _ invocation: inout Invocation
  ) async throws -> Response {
    guard let (command, words) = find(arguments) else { throw unknown(arguments) }
    invocation.connection.lastCommand = command.name
    let began = monotonicNanoseconds()
    var code: String?
    defer {
      invocation.service.meter.note(
        command, by: invocation.connection.id, nanoseconds: monotonicNanoseconds() - began,
        code: code)
    }
    do {
      return try await run(command, arguments.dropFirst(words), &invocation)
    } catch {
      code = ((error as? Rejection)?.code ?? .error).rawValue
      throw error
    }
  }

  private func run(
    _ command: CommandSpec, _ arguments: ArraySlice<Argument>, _ invocation: inout Invocation
  ) async throws -> Response {
    if command.rateClass != .connection {
      let decides = command.isMutation || command.rateClass == .signup
      let durable = invocation.service.journal.durable
      await invocation.service.reached(decides ? durable : invocation.readPosition)
    }
    try await invocation.dropEndedIdentity(for: command)
    try check(command.access, of: invocation)
    invocation.rawArguments = arguments
    let parsed = try Arguments(invocation.rawArguments, as: command)
    if !command.isChargedByHandler { try invocation.charge(command.rateClass(of: parsed)) }
    var response =
      command.isMutation
      ? try await mutate(command, parsed, &invocation)
      : try await command.handler(&invocation, parsed)
    if command.rateClass != .connection {
      let newest = invocation.service.engine.names.newestSignUp
      response.position = max(response.position, newest)
    }
    return response
  }

  private func mutate(
    _ command: CommandSpec, _ arguments: Arguments, _ invocation: inout Invocation
  ) async throws -> Response {
    guard let key = arguments.text("idempotency-key") else {
      return noting(try await command.handler(&invocation, arguments), &invocation)
    }
    let user = try invocation.caller.user
    let request = try RequestKey(key, of: command, invocation.rawArguments)
    let ledger = invocation.service.shard(of: .user(user)).requests
    switch try await ledger.admit(request, of: user) {
    case .repeated(let answer):
      return noting(try await command.repeated(answer, invocation, arguments), &invocation)
    case .run:
      invocation.requestKey = request
      do {
        let response = try await command.handler(&invocation, arguments)
        await ledger.finish(request, of: user, with: response.outcome)
        return noting(response, &invocation)
      } catch {
        await ledger.finish(request, of: user, with: nil)
        throw error
      }
    }
  }

  private func noting(_ response: Response, _ invocation: inout Invocation) -> Response {
    let newest = max(invocation.connection.lastWrite, response.position)
    invocation.connection.lastWrite = newest
    return response
  }

  private func check(
    _ access: CommandSpec.Access, of invocation: Invocation
  ) throws(Rejection) {
    switch access {
    case .anyone:
      return
    case .publicRead:
      if invocation.service.current.isPrivate { _ = try invocation.caller }
    case .read:
      _ = try invocation.caller
    case .write:
      guard try invocation.caller.mayWrite else {
        throw Rejection(.denied, "this token may only read")
      }
    case .service:
      guard try invocation.caller.isService else {
        throw Rejection(.denied, "this needs a service token")
      }
    case .moderator:
      guard try invocation.caller.isModerator else {
        throw Rejection(.denied, "this needs a moderator token")
      }
    case .admin:
      guard try invocation.caller.isAdmin else {
        throw Rejection(.denied, "this needs an admin token")
      }
    }
  }

  private func unknown(_ arguments: ArraySlice<Argument>) -> Rejection {
    let name = arguments.first?.text ?? "(not UTF-8)"
    if withSubcommands.contains(name.uppercased()), byName[name.uppercased()] == nil {
      let second = arguments.dropFirst().first?.text ?? ""
      return Rejection(
        .error, "unknown subcommand '\(second.prefix(64))'. Try HELP \(name.uppercased()).")
    }
    return Rejection(.error, "unknown command '\(name.prefix(64))'")
  }
}

extension CommandSpec {
  /// Whether this many words, the name's included, can be a call.
  func accepts(count: Int) -> Bool { arity < 0 ? count >= -arity : count == arity }
}

extension RequestKey {
  /// Covers the command's name and its arguments, lengths included; the key itself is among them.
  ///
  /// Secrets are not: a quick digest of a password, on disk, would undo its slow hash. Whoever
  /// repeats a command with a secret checks that.
  init(
    _ key: String, of command: CommandSpec, _ values: ArraySlice<Argument>
  ) throws(Rejection) {
    guard (1...ArgumentSpec.requestKeyBytesMax).contains(key.utf8.count) else {
      throw Rejection(.invalid, "a key has 1 to \(ArgumentSpec.requestKeyBytesMax) bytes")
    }
    let positional = command.arguments.filter { $0.token == nil }
    var bytes = Array(command.name.utf8)
    for (index, value) in values.enumerated() {
      if index < positional.count, positional[index].isSecret {
        bytes.append(contentsOf: " *".utf8)
        continue
      }
      bytes.append(contentsOf: " \(value.count):".utf8)
      value.append(to: &bytes)
    }
    self.init(key: Array(key.utf8), argumentsDigest: blake2b256(bytes))
  }
}

extension Invocation {
  /// A connection whose token or password has ended is anonymous again, and is told so by the next
  /// command that asks who it is.
  mutating func dropEndedIdentity(for command: CommandSpec) async throws(Rejection) {
    guard let identity, !identity.isValid(in: service) else { return }
    await unsubscribeAll()
    connection.identity = nil
    self.identity = nil
    switch command.access {
    case .anyone: return
    case .publicRead, .read, .write, .service, .moderator, .admin:
      throw Rejection(.noAuth, "this log-in has ended; log in again")
    }
  }
}
