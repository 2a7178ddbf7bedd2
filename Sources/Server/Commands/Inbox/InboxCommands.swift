import Domain
import Entities
import Projections
import Wire

/// Notifications.
let inboxCommands: [CommandSpec] = [
  CommandSpec(
    "INBOX", [.flag("UNREAD")] + ArgumentSpec.page, "Lists notifications, newest first.",
    access: .read, rate: .read, errors: [.noAuth], handler: showInbox),
  CommandSpec(
    "INBOX READ", [.text("id-or-all").repeated],
    "Marks notifications as read, or ALL; answers how many are unread still.", access: .write,
    rate: .like, mutates: true, errors: [.noAuth, .denied, .notFound], handler: readInbox),
  CommandSpec(
    "UNREAD", [], "Answers the exact number of unread notifications.", access: .read,
    rate: .read, errors: [.noAuth]
  ) { invocation, _ in
    let user = try invocation.caller.user
    let unread = await invocation.service.models(of: .user(user)).read { $0.unread(of: user) }
    return Response(.integer(Int64(unread)))
  },
]

private func showInbox(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let user = try invocation.caller.user
  let unreadOnly = arguments.has("unread")
  let shard = service.shard(of: .user(user))
  let request = try PageRequest(
    arguments, of: .inbox(user, unreadOnly: unreadOnly), now: shard.fold.folded)
  let page = await service.models(of: .user(user)).read { models in
    models.inboxPage(
      of: user, before: request.before, asOf: request.asOf, limit: request.count + 1,
      unreadOnly: unreadOnly)
  }
  return Response(request.reply(page) { service.reply($0) })
}

extension Service {
  func reply(_ entry: InboxEntry) -> Reply {
    .map([
      "id": .id(entry.id.raw), "kind": .text(String(describing: entry.kind)),
      "actors": .array(entry.actors.map { .text(name($0)) }),
      "count": .integer(Int64(entry.count)), "post": .id(entry.post?.raw),
      "chat": .id(entry.chat?.raw), "created_at": .time(entry.time), "read": .flag(entry.isRead),
    ])
  }
}

/// One decision, however many items; then the count, once they are folded. With a key, the count is
/// kept with it: a repetition answers the same.
private func readInbox(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let user = try service.user(caller)
  let words = arguments.texts("id-or-all")
  let command: UserCommand
  if words.count == 1, words[0].isEqualIgnoringCase(to: "ALL") {
    command = .readInbox(through: service.shard(of: .user(caller)).fold.folded)
  } else {
    command = .readInboxItems(try await service.newestCauses(of: words, owner: caller))
  }
  let read = try await user.perform(command, by: caller)
  await service.reached(read.position)
  let unread = await service.models(of: .user(caller)).read { $0.unread(of: caller) }
  guard let key = invocation.requestKey else {
    return Response(Gated(.count(unread), after: read.position, changed: read.changed))
  }
  return Response(
    try await user.perform(.answerRequest(.count(unread)), by: caller, request: key))
}

extension Service {
  /// What the commands that read these items name. Throws NOTFOUND for an id that is none.
  fileprivate func newestCauses(
    of words: [String], owner: UserID
  ) async throws -> [Position] {
    let ids = try words.map { word in
      guard let id = PostID(text: word) else {
        throw Rejection(.invalid, "INBOX READ takes ids or ALL")
      }
      return Position(id.raw)
    }
    let found = await models(of: .user(owner)).read { $0.newestCauses(of: ids, owner: owner) }
    let causes = found.compactMap { $0 }
    guard causes.count == ids.count else {
      throw Rejection(.notFound, "no such notification")
    }
    return causes
  }
}
