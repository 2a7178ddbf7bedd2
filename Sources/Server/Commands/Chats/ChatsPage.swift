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
    let line = await chat.read { ChatLine($0, viewer: user, unread: entry.item.unread) }
    position = max(position, line.position)
    items.append(KeyedItem(pageKey: entry.pageKey, item: line.value))
  }
  let reply = try request.reply(items) { line in
    .map([
      "id": .id(line.id.raw), "direct": .flag(line.isDirect),
      "title": try service.reply(.title, at: line.titlePosition),
      "members": .array(line.members.map { .text(service.name($0)) }),
      "unread": .integer(Int64(line.unread)),
      "last_message": try line.last.map { try service.reply($0, in: line.id) } ?? .null,
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
  /// That the viewer may read.
  var last: MessageReading?

  init(_ state: borrowing ChatState, viewer: UserID, unread: Int) {
    id = state.id
    isDirect = state.isDirect
    titlePosition = state.titlePosition(for: viewer)
    members = state.isMember(viewer) ? state.members.map(\.user) : []
    self.unread = unread
    last = state.history(of: viewer, limit: 1).first.map {
      MessageReading($0, isUnsaid: state.unsaid[$0.id] != nil)
    }
  }
}
