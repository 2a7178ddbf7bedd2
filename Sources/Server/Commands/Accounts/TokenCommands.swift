package import Domain
import Engine
import Entities
import Journal
import Wire

let tokenCommands: [CommandSpec] = [
  CommandSpec(
    "TOKEN NEW",
    [
      .text("label").after("LABEL"),
      .word("scope", Scope.allCases.map { String(describing: $0) }).after("SCOPE"),
      .integer("seconds", 1...Int64(10 * 366 * 86_400)).after("TTL"),
    ],
    "Issues a token; its text is shown once.", access: .write, rate: .login, mutates: true,
    errors: [.noAuth, .denied],
    repeated: { answer, _, _ in tokenResponse(answer, text: nil) },
    handler: newToken),
  CommandSpec(
    "TOKEN LIST", [],
    """
    Lists the own tokens, without their texts; last_used_at is the newest AUTH since the server \
    started.
    """, access: .read, rate: .read,
    errors: [.noAuth], handler: listTokens),
  CommandSpec(
    "TOKEN REVOKE", [.id()], "Ends a token and the connections that use it.", access: .write,
    rate: .login, mutates: true, errors: [.noAuth, .denied, .notFound], handler: revokeToken),
]

/// `token` is null when a repetition with the same key asks again: the text is stored nowhere.
private func tokenResponse(_ answer: Gated<Outcome>, text: String?) -> Response {
  var id = Reply.null
  if case .id(let raw) = answer.value { id = .id(raw) }
  return Response(
    .map(["id": id, "token": text.map { .text($0) } ?? .null]), outcome: answer)
}

private func newToken(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let caller = try invocation.caller
  let service = invocation.service
  let scope =
    Scope.allCases.first { String(describing: $0) == arguments.text("scope") } ?? .write
  let label = arguments.text("label")
  let expires = arguments.integer("seconds").map { service.clock.now.adding(ms: $0 * 1_000) }
  let token = TokenText.make(service.engine.random)
  let id = TokenID(service.shard(of: .user(caller.user)).ids.next())
  let command = UserCommand.issueToken(
    id, scope: scope, expires: expires, hash: blake2b256(Array(token.utf8)),
    secret: label.map { Secret([.label: $0]) }, granted: caller.scope)
  // A log-in that another connection ends at this moment must leave no token behind.
  let proof = caller.proof
  let answer = try await invocation.perform(
    proof.map { .resting(on: $0, command) } ?? command, on: service.user(caller.user))
  return tokenResponse(answer, text: token)
}

/// The text of a token: `roost_` and 256 random bits in hexadecimal.
package enum TokenText {
  package static func make(_ random: any RandomSource) -> String {
    "roost_"
      + random.bytes(32).map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
      }.joined()
  }
}

private func listTokens(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let user = try service.user(invocation.caller.user)
  let tokens = await user.read { $0.own.tokens }
  let now = service.clock.now
  var replies: [Reply] = []
  for entry in tokens.value.entries where entry.value.isValid(at: now) {
    replies.append(
      .map([
        "id": .id(entry.key.raw), "label": try service.reply(.label, at: entry.value.labelPosition),
        "scope": .text(String(describing: entry.value.scope)),
        "created_at": .time(entry.value.issued), "expires_at": .time(entry.value.expires),
        "last_used_at": .time(service.engine.tokens.lastUse(of: entry.key)),
      ]))
  }
  return Response(.array(replies), after: tokens.position)
}

private func revokeToken(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let user = try invocation.caller.user
  let token = TokenID(arguments.id() ?? 0)
  let answer = try await invocation.perform(
    .revokeToken(token), on: invocation.service.user(user))
  await invocation.endOtherSessions(of: user, after: answer.position) { $0.token == token }
  if invocation.connection.identity?.token == token { invocation.connection.isClosing = true }
  return Response(answer)
}
