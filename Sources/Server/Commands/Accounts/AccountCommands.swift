import Domain
import Engine
import Entities
import Journal
import Wire

/// Who is asking.
let accountCommands: [CommandSpec] =
  [
    CommandSpec(
      "SIGNUP",
      [
        .username(), .text("password").secret, .text("email").after("EMAIL"),
        .text("display-name").after("NAME"), .key,
      ],
      "Creates an account; the connection is that person from then on.", access: .anyone,
      rate: .signup, errors: [.conflict, .busy], handler: signUp),
    CommandSpec(
      "AUTH", [.text("username-or-token"), .text("password").optional],
      "Logs in with a username and its password, or with a token.", access: .anyone,
      rate: .login, chargesItself: true, errors: [.noAuth, .busy]
    ) { invocation, arguments in
      let credentials = [arguments.text("username-or-token"), arguments.text("password")]
      return try await authenticate(&invocation, credentials.compactMap { $0 })
    },
    CommandSpec(
      "WHOAMI", [], "Answers who the connection speaks for, or null.", access: .anyone,
      rate: .connection
    ) { invocation, _ in
      guard let identity = invocation.identity else { return Response(.null) }
      return Response(
        .map([
          "id": .id(identity.user.raw), "username": .text(identity.username.text),
          "scope": .text(String(describing: identity.scope)),
        ]))
    },
    CommandSpec(
      "LOGOUT", [], "Makes the connection anonymous again.", access: .anyone, rate: .connection
    ) { invocation, _ in
      await invocation.unsubscribeAll()
      invocation.connection.identity = nil
      invocation.identity = nil
      return Response(.ok)
    },
    CommandSpec(
      "PASSWORD", [.text("old").secret, .text("new").secret],
      "Changes the password; ends all other tokens and connections of the caller.",
      access: .write, rate: .login, mutates: true, errors: [.noAuth, .denied, .conflict, .busy],
      repeated: repeatPassword, handler: changePassword),
    CommandSpec(
      "AS", [.username(), .rest("command").required],
      "Runs a command as somebody else, for back ends with pooled connections.",
      access: .service, rate: .connection, errors: [.noAuth, .denied, .notFound],
      handler: actAs),
  ] + profileCommands + tokenCommands + erasureCommands + exportCommands

private func signUp(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  guard let username = arguments.username(), let password = arguments.text("password") else {
    throw Rejection(.invalid, "SIGNUP needs a username and a password")
  }
  try validatePassword(password)
  let service = invocation.service
  var request: RequestKey?
  if let key = arguments.text("idempotency-key"), let command = service.table.command("SIGNUP") {
    request = try RequestKey(key, of: command, invocation.rawArguments)
  }
  if let known = service.engine.names.id(of: username) {
    return try await repeatSignUp(&invocation, of: known, username, password, request)
  }
  var fields: [Secret.Field: String] = [.passwordHash: try await service.passwords.hash(password)]
  fields[.email] = arguments.text("email")
  fields[.name] = arguments.text("display-name")
  let id = UserID(service.shard(of: .user(UserID(username.stableHash))).ids.next())
  guard service.engine.names.reserve(username, for: id) else {
    // The same request on another connection may be about to succeed.
    guard request == nil else { throw Rejection(.busy, "this name is being taken, try again") }
    throw takenName(username)
  }
  let users = service.shard(of: .user(id)).directory.users
  let secret = Secret(fields)
  do {
    service.journal.createKey(for: id)
    let answer = try await users.findOrMake(id).perform(
      .signUp(username: username, secret: secret), by: id, request: request)
    service.engine.names.confirm(username, of: id, at: answer.position)
    return await invocation.welcome(id, username, answer)
  } catch {
    service.engine.names.release(username, of: id)
    await users.discardBlank(id)
    throw error
  }
}

/// A sign-up whose reply was lost is repeated with its key and gets the first reply. As long as its
/// password is the person's: an old one must not log in.
private func repeatSignUp(
  _ invocation: inout Invocation, of user: UserID, _ username: Username, _ password: String,
  _ request: RequestKey?
) async throws -> Response {
  let service = invocation.service
  guard let request, let stored = try service.journal.request(of: user, key: request.key) else {
    throw takenName(username)
  }
  let hash = try service.text(.passwordHash, at: stored.position)
  guard stored.argumentsDigest == request.argumentsDigest,
    try await service.passwords.verify(password, against: hash)
  else {
    throw otherRequest
  }
  guard await (try service.user(user)).read({ $0.credentialPosition }).value == stored.position
  else { throw takenName(username) }
  return await invocation.welcome(
    user, username, Gated(stored.outcome, after: stored.position, changed: false))
}

private let otherRequest = Rejection(.conflict, "this key was used for another request")

/// The hash that the first request made tells whether this one is the same.
private func repeatPassword(
  _ answer: Gated<Outcome>, _ invocation: Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let hash = try service.text(.passwordHash, at: answer.position)
  let new = arguments.text("new") ?? ""
  guard try await service.passwords.verify(new, against: hash) else { throw otherRequest }
  return Response(answer)
}

private func takenName(_ username: Username) -> Rejection {
  Rejection(.conflict, "the username '\(username)' is taken")
}

extension Invocation {
  /// The connection is this person now.
  fileprivate mutating func welcome(
    _ user: UserID, _ username: Username, _ answer: Gated<Outcome>
  ) async -> Response {
    await become(
      Identity(user: user, username: username, scope: .write, password: answer.position))
    service.limiter.logIns.welcome(username, from: connection.address, at: service.clock.now)
    connection.lastWrite = max(connection.lastWrite, answer.position)
    return Response(
      .map(["id": .id(user.raw), "username": .text(username.text)]), outcome: answer)
  }
}

extension Invocation {
  /// The connection speaks for another from now on; what only the one before may hear ends.
  fileprivate mutating func become(_ identity: Identity) async {
    if let old = connection.identity, Viewpoint(old) != Viewpoint(identity) {
      await unsubscribeAll()
    }
    if connection.identity == nil {
      await service.live.look(session, on: connection.subscriptions, as: Viewpoint(identity))
    }
    connection.identity = identity
    self.identity = identity
  }
}

/// AUTH, also from HELLO: `[token]` or `[username, password]`. A wrong name, a wrong password and a
/// locked name answer alike and cost alike.
func authenticate(
  _ invocation: inout Invocation, _ credentials: [String]
) async throws -> Response {
  // A token whose issue or end was acknowledged anywhere is known here.
  await invocation.service.reached(invocation.service.journal.durable)
  let (identity, position) =
    credentials.count == 1
    ? (try invocation.identity(ofToken: credentials[0]), .zero)
    : try await invocation.identity(credentials[0], password: credentials[1])
  await invocation.become(identity)
  let newest = invocation.service.engine.names.newestSignUp
  return Response(.ok, after: max(position, newest))
}

/// One more than a password can have; what is longer fits none.
private let passwordBytesComparedMax = TextRules.passwordBytesMax + 1

private let wrongCredentials = Rejection(.noAuth, "wrong username, password or token")

extension Invocation {
  /// Throws NOAUTH for a token that is unknown, revoked or expired. Such an attempt counts as a
  /// log-in of the address; a valid token is never limited, so that pools may connect at will.
  fileprivate func identity(ofToken text: String) throws(Rejection) -> Identity {
    guard
      let holder = service.engine.tokens.holder(
        of: blake2b256(Array(text.utf8)), at: service.clock.now),
      let name = service.engine.names.name(of: holder.user)
    else {
      try chargeLogIn()
      throw wrongCredentials
    }
    service.engine.tokens.noteUse(of: holder.token, at: service.clock.now)
    return Identity(
      user: holder.user, username: name, scope: holder.scope, token: holder.token)
  }

  /// The identity, and the position of the password that it rests on.
  fileprivate func identity(
    _ name: String, password: String
  ) async throws -> (Identity, Position) {
    let username = Username(argument: name)
    let id = username.flatMap { service.engine.names.id(of: $0) }
    let (fits, position) = try await fits(password, of: username, id)
    guard fits, let id, let username else { throw wrongCredentials }
    let identity = Identity(user: id, username: username, scope: .write, password: position)
    return (identity, position)
  }

  /// Whether this is the person's password, and where that is written; never for nil, and never
  /// while the username is locked, at the same cost. Throws LIMIT, before any work, where the
  /// address has tried too often.
  func fits(
    _ password: String, of username: Username?, _ id: UserID?
  ) async throws -> (fits: Bool, position: Position) {
    try chargeLogIn()
    let logIns = service.limiter.logIns
    let attempt = logIns.begin(as: username, from: connection.address, at: service.clock.now)
    do {
      let (isRight, position) = try await service.isRight(password, of: id)
      guard isRight, attempt.isAllowed else { return (false, position) }
      logIns.passed(attempt, at: service.clock.now)
      return (true, position)
    } catch {
      // Nobody looked at the password: too many others waited.
      logIns.withdraw(attempt, at: service.clock.now)
      giveBackLogIn()
      throw error
    }
  }
}

extension Service {
  /// For `Invocation.fits` alone, which counts the attempts.
  fileprivate func isRight(
    _ password: String, of id: UserID?
  ) async throws -> (isRight: Bool, position: Position) {
    var hash: String?
    var position = Position.zero
    if let id, let user = try? user(id),
      let newest = await user.read({ $0.credentialPosition }).value
    {
      position = newest
      hash = try text(.passwordHash, at: position)
    }
    let bounded = String(decoding: password.utf8.prefix(passwordBytesComparedMax), as: UTF8.self)
    return (try await passwords.verify(bounded, against: hash), position)
  }
}

private func changePassword(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let caller = try invocation.caller
  guard let old = arguments.text("old"), let new = arguments.text("new") else {
    throw Rejection(.invalid, "PASSWORD needs the old and the new password")
  }
  try validatePassword(new)
  let service = invocation.service
  let (fits, position) = try await invocation.fits(old, of: caller.username, caller.user)
  guard fits else { throw Rejection(.denied, "the old password is wrong") }
  let secret = Secret([.passwordHash: try await service.passwords.hash(new)])
  let answer = try await invocation.perform(
    .resting(
      on: .password(position), .changePassword(secret: secret, keeping: caller.token)),
    on: service.user(caller.user))
  if caller.token == nil { invocation.connection.identity?.password = answer.position }
  await invocation.endOtherSessions(of: caller.user, after: answer.position) { _ in true }
  return Response(answer)
}

private func actAs(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let user = try invocation.service.userID(arguments.username())
  guard let username = invocation.service.engine.names.name(of: user) else {
    throw Rejection.noSuchUser
  }
  let own = invocation.identity
  let table = invocation.service.table
  if let command = table.find(arguments.rest[...])?.row.command, !command.isForOthers,
    !(command.isForOthersByAdmin && own?.isAdmin == true)
  {
    throw Rejection(.denied, "\(command.name) can't be run as somebody else")
  }
  invocation.identity = Identity(user: user, username: username, scope: .write)
  defer { invocation.identity = own }
  return try await table.run(arguments.rest[...], &invocation)
}

extension CommandSpec {
  /// Whether AS may run it: everything but what concerns the connection or the server itself.
  fileprivate var isForOthers: Bool {
    rateClass != .connection && rateClass != .operate && rateClass != .login
      && rateClass != .signup && !name.hasPrefix("TOKEN")
  }

  /// What an operator must be able to do about a token that has leaked.
  fileprivate var isForOthersByAdmin: Bool { name == "TOKEN LIST" || name == "TOKEN REVOKE" }
}
