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
  private let byName: [String: Row]
  private let withSubcommands: Set<String>

  /// A command with its place in `commands`.
  package struct Row: Sendable {
    package let command: CommandSpec
    package let number: Int
    /// Whether its name is also the first word of others.
    let hasSubcommands: Bool
  }

  package init(_ groups: [CommandGroup]) {
    self.groups = groups
    commands = groups.flatMap(\.commands)
    let firstWords = Set(
      commands.compactMap { command in
        command.name.split(separator: " ").count > 1
          ? command.name.split(separator: " ").first.map(String.init) : nil
      })
    withSubcommands = firstWords
    byName = Dictionary(
      uniqueKeysWithValues: commands.enumerated().map { number, command in
        let hasSubcommands = firstWords.contains(command.name)
        return (
          command.name, Row(command: command, number: number, hasSubcommands: hasSubcommands)
        )
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
  package func find(_ arguments: ArraySlice<Argument>) -> (row: Row, words: Int)? {
    guard let first = arguments.first?.text, first.utf8.count <= Self.nameBytesMax else {
      return nil
    }
    // As it is mostly written, without another string.
    if let row = byName[first], !row.hasSubcommands { return (row, 1) }
    let name = first.uppercased()
    if withSubcommands.contains(name), arguments.count > 1,
      let second = arguments[arguments.startIndex + 1].text, second.utf8.count <= Self.nameBytesMax,
      let row = byName[name + " " + second.uppercased()],
      byName[name] == nil || row.command.accepts(count: arguments.count)
    {
      return (row, 2)
    }
    return byName[name].map { ($0, 1) }
  }

  /// A command by its name in capitals.
  func command(_ name: String) -> CommandSpec? { byName[name]?.command }

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
    guard let (row, words) = find(arguments) else { throw unknown(arguments) }
    let command = row.command
    invocation.connection.lastCommand = command.name
    let began = invocation.clockReading ?? monotonicNanoseconds()
    var code: String?
    defer {
      let ended = monotonicNanoseconds()
      invocation.clockReading = ended
      invocation.service.meter.note(
        row.number, by: invocation.connection.id, nanoseconds: ended - began, code: code)
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
    if command.touchesEngine {
      let durable = invocation.service.journal.durable
      let target = command.decides ? durable : invocation.readPosition
      if !invocation.service.engine.hasReached(target) {
        await invocation.service.reached(target)
      }
    }
    if !invocation.isVouchedFor() { try await invocation.dropEndedIdentity(for: command) }
    try check(command.access, of: invocation)
    invocation.rawArguments = arguments
    let parsed = try Arguments(invocation.rawArguments, as: command)
    if !command.isChargedByHandler { try invocation.charge(command.rateClass(of: parsed)) }
    var response =
      command.isMutation
      ? try await mutate(command, parsed, &invocation)
      : try await command.handler(&invocation, parsed)
    if command.touchesEngine {
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
  /// Whether whoever asks is known to be who they say, by a look at the connection alone.
  mutating func isVouchedFor() -> Bool {
    guard let identity, identity.token != nil || identity.password != nil else { return true }
    let tokens = service.engine.tokens
    let epoch = tokens.epoch
    if connection.vouched?.holds(for: identity, at: epoch, service.clock) ?? false { return true }
    guard identity.isValid(in: service) else { return false }
    connection.vouched = Vouched(identity, epoch: epoch, until: tokens.expiry(of: identity.token))
    return true
  }

  /// A connection whose token or password has ended is anonymous again, and is told so by the next
  /// command that asks who it is.
  mutating func dropEndedIdentity(for command: CommandSpec) async throws(Rejection) {
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
