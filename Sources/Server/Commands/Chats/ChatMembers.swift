import Domain
import Engine
import Entities
import Wire

/// CHAT ADD. Whether the added person accepts it is asked of them as by CHAT NEW; not if they take
/// part already, for then nothing happens.
func addMember(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let (chat, user) = try await invocation.chatAndPerson(arguments)
  let caller = try invocation.caller.user
  if await !chat.read({ $0.isMember(user) }).value {
    try await invocation.service.checkMayMessage(user, from: caller, shareChat: false)
  }
  return Response(try await invocation.perform(.add(user), on: chat))
}

/// CHAT REMOVE. To remove oneself is to leave, and takes no admin.
func removeMember(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let (chat, user) = try await invocation.chatAndPerson(arguments, removes: true)
  return Response(try await invocation.perform(.remove(user), on: chat))
}

/// CHAT ROLE.
func setRole(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let (chat, user) = try await invocation.chatAndPerson(arguments)
  let isAdmin = arguments.text("role") == "admin"
  return Response(try await invocation.perform(.setRole(user, isAdmin: isAdmin), on: chat))
}

extension Invocation {
  /// The group that an admin's command names, and whom. Who may not give it hears that before
  /// anything is said of the person. Only what `removes` works on oneself and on erased people.
  fileprivate func chatAndPerson(
    _ arguments: Arguments, removes: Bool = false
  ) async throws -> (EntityActor<ChatState>, UserID) {
    let caller = try caller.user
    let chat = try service.chat(ChatID(arguments.id("chat") ?? 0))
    let user = arguments.username().flatMap { service.engine.names.id(of: $0) }
    if user != caller || !removes {
      let refusal = await chat.read { state -> Rejection? in
        do throws(Rejection) {
          try state.checkAdmin(caller)
          return nil
        } catch {
          return error
        }
      }.value
      if let refusal { throw refusal }
    }
    let name = arguments.username()
    let other =
      removes
      ? try service.userID(name, orErased: true)
      : try await service.userID(name, shownTo: caller)
    return (chat, other)
  }
}

/// CHAT INFO. Who left sees the chat as it was to them: the title that it had, and nobody in it.
func showChat(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let id = ChatID(arguments.id("chat") ?? 0)
  let gated = await (try service.chat(id)).read { ChatFacts($0, viewer: caller) }
  guard let facts = gated.value else { throw Rejection.noSuchChat }
  let members = facts.members.map { member in
    Reply.map([
      "username": .text(service.name(member.user)),
      "role": .text(member.isAdmin ? "admin" : "member"), "read": .id(member.readThrough?.raw),
    ])
  }
  return Response(
    .map([
      "id": .id(id.raw), "direct": .flag(facts.isDirect),
      "title": try service.reply(.title, at: facts.titlePosition),
      "created_at": .time(facts.opened), "members": .array(members),
      "unread": .integer(Int64(facts.unread)),
    ]), after: gated.position)
}

private struct ChatFacts: Sendable {
  var isDirect: Bool
  var opened: Instant
  var titlePosition: Position
  var members: [ChatMember]
  var unread: Int

  /// Nil for who never was a member.
  init?(_ state: borrowing ChatState, viewer: UserID) {
    guard let member = state.member(viewer) else { return nil }
    isDirect = state.isDirect
    opened = state.opened
    titlePosition = state.titlePosition(for: viewer)
    members = member.left == nil ? state.members : []
    unread = state.unreadCount(of: viewer)
  }
}
