import Domain
import Engine
import Entities
import Projections
import Wire

/// What is in no journal: who is there, who types.
let whisperCommands: [CommandSpec] = [
  CommandSpec(
    "PRESENCE", [.username().repeated],
    "Shows whether friends are online, or when they were last.", access: .read, rate: .read,
    errors: [.noAuth], handler: showPresence),
  CommandSpec(
    "TYPING", [.id("chat")],
    "Tells a chat's other members that the caller types, for five seconds.", access: .write,
    rate: .message, errors: [.noAuth, .denied, .notFound, .busy], handler: typing),
]

/// People that one PRESENCE asks about.
let presenceNamesMax = 200

/// Who does not exist, is erased or does not share is offline and was never seen: all alike.
private func showPresence(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let names = arguments.usernames()
  guard names.count <= presenceNamesMax else {
    throw Rejection(.invalid, "PRESENCE takes at most \(presenceNamesMax) names")
  }
  let people = names.map { service.engine.names.id(of: $0) }
  let open = await service.models(of: .user(caller)).read { models in
    people.map { user in
      guard let user, !models.isErased(user) else { return false }
      return user == caller || models.relation(of: caller, to: user).isFriendship
    }
  }
  let items = zip(zip(names, people), open).map { asked, isOpen in
    let status =
      isOpen ? asked.1.map { service.presence.status(of: $0) } ?? .unknown : PresenceStatus.unknown
    return Reply.map(ReplyMap(service.reply(status, of: asked.0.text)))
  }
  return Response(.array(items))
}

private func typing(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let id = ChatID(arguments.id("chat") ?? 0)
  let gated = await (try service.chat(id)).read { state in
    (isDirect: state.isDirect, members: state.members.map(\.user))
  }
  var members = gated.value.members
  guard let own = members.firstIndex(of: caller) else { throw Rejection.noSuchChat }
  members.remove(at: own)
  if gated.value.isDirect, let other = members.first {
    let eyes = await service.eyes(of: caller, on: [other], since: .zero)
    if eyes.isBlocked(other) {
      throw Rejection(.denied, "this person does not accept messages from you")
    }
  }
  let now = service.clock.now
  try await service.live.tell(
    Typing(chat: id, user: caller, members: members, until: now.adding(ms: TypingLimit.lastsMs)),
    at: now)
  return Response(.ok, after: gated.position)
}
