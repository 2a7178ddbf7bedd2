import Domain
import Entities
import Projections
import Wire

/// SAY and DM.
func say(
  _ invocation: inout Invocation, in id: ChatID, _ text: String, reply: MessageID?,
  media: [UInt64]
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  // Before the chat is looked at: whether it is there must not show in which refusal comes first.
  let references = try await service.media(media, of: caller)
  let chat = try service.chat(id)
  // Who is no member is told so by the chat, before anything about its members shows.
  if let other = await chat.read({ $0.counterpart(of: caller) }).value {
    let eyes = await service.eyes(of: caller, on: [other], since: .zero)
    if eyes.isBlocked(other) {
      throw Rejection(.denied, "this person does not accept messages from you")
    }
    if eyes.erasedAccounts.contains(other) { throw Rejection.erasedUser }
  }
  let ids = service.shard(of: .chat(id)).ids
  return Response(
    try await invocation.perform(
      .say(
        MessageID(ids.next()), reply: reply, media: references, secret: Secret(.text, text)),
      on: chat))
}

extension ChatState {
  /// The other one of a direct chat; nil in a group, for who is no member, and alone with oneself.
  fileprivate func counterpart(of user: UserID) -> UserID? {
    guard isDirect, members.contains(where: { $0.user == user }) else { return nil }
    return members.first { $0.user != user }?.user
  }
}

/// HISTORY: what was said while the caller took part.
func showHistory(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let id = ChatID(arguments.id("chat") ?? 0)
  let request = try PageRequest(arguments, of: .history(id))
  let gated = await (try service.chat(id)).read { state -> [MessageReading]? in
    guard state.member(caller) != nil else { return nil }
    return state.history(of: caller, before: request.before, limit: request.count + 1)
      .map { MessageReading($0, isUnsaid: state.unsaid[$0.id] != nil) }
  }
  guard let messages = gated.value else { throw Rejection.noSuchChat }
  let items = messages.prefix(request.count)
  let replies = try items.map { try service.reply($0, in: id) }
  let next = messages.count > request.count ? items.last?.message.id.raw : nil
  return Response(
    request.reply(replies, keys: items.map(\.message.id.raw), next: next), after: gated.position)
}

/// A message as it is to be shown.
struct MessageReading: Hashable, Sendable {
  var message: ChatMessage
  /// Then what was said is not shown.
  var isUnsaid: Bool

  init(_ message: ChatMessage, isUnsaid: Bool) {
    self.message = message
    self.isUnsaid = isUnsaid
  }
}

extension Service {
  /// A message as HISTORY and the live channels show it.
  func reply(_ reading: MessageReading, in chat: ChatID) throws -> Reply {
    let message = reading.message
    return .map([
      "id": .id(message.id.raw), "chat": .id(chat.raw), "author": .text(name(message.author)),
      "text": reading.isUnsaid ? .null : try reply(.text, at: message.position),
      "reply_to": .id(message.reply?.raw),
      "media": try reply(reading.isUnsaid ? [] : message.media),
      "unsaid": .flag(reading.isUnsaid), "created_at": .time(message.time),
    ])
  }
}
