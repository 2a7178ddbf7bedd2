import Domain
import Entities
import Projections
import Wire

/// CHATS: the own chats by last message.
func listChats(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let user = try invocation.caller.user
  let shard = service.shard(of: .user(user))
  let request = try PageRequest(arguments, of: .chats(user), now: shard.fold.folded)
  let found = await service.models(of: .user(user)).read { models in
    models.chatsPage(
      of: user, before: request.before, asOf: request.asOf, limit: request.count + 1)
  }
  var position = Position.zero
  var items: [KeyedItem<ChatLine>] = []
  for entry in found {
    guard let chat = try? service.chat(entry.item.chat) else { continue }
    let line = await chat.read { ChatLine($0, unread: entry.item.unread) }
    position = max(position, line.position)
    items.append(KeyedItem(pageKey: entry.pageKey, item: line.value))
  }
  let reply = try request.reply(items) { line in
    .map([
      "id": .id(line.id.raw), "direct": .flag(line.isDirect),
      "title": try service.reply(.title, at: line.titlePosition),
      "members": .array(line.members.map { .text(service.name($0)) }),
      "unread": .integer(Int64(line.unread)),
      "last_message": try line.last.map { try service.reply($0.message, in: line.id) } ?? .null,
    ])
  }
  return Response(reply, after: position)
}

private struct ChatLine: Hashable, Sendable {
  var id: ChatID
  var isDirect: Bool
  var titlePosition: Position
  var members: [UserID]
  var unread: Int
  var last: Last?

  struct Last: Hashable, Sendable {
    var message: ChatMessage

    func hash(into hasher: inout Hasher) { hasher.combine(message.id) }
  }

  init(_ state: borrowing ChatState, unread: Int) {
    id = state.id
    isDirect = state.isDirect
    titlePosition = state.titlePosition
    members = state.members.filter { $0.left == nil }.map(\.user)
    self.unread = unread
    last = state.messages.last.map { Last(message: $0) }
  }
}
