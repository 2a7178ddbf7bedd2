import Domain
import Entities
import Projections
import Wire

/// Chats.
let chatCommands: [CommandSpec] = [
  CommandSpec(
    "CHAT NEW", [.username().repeated, .text("title").after("TITLE")],
    "Opens a chat; two people without a title share one for ever.", access: .write,
    rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound], handler: newChat),
  CommandSpec(
    "CHAT INFO", [.id("chat")], "Shows a chat's members and their read marks.", access: .read,
    rate: .read, errors: [.noAuth, .notFound], handler: showChat),
  CommandSpec(
    "CHAT LEAVE", [.id("chat")], "Leaves a group chat.", access: .write, rate: .message,
    mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let chat = try invocation.service.chat(ChatID(arguments.id("chat") ?? 0))
    return Response(try await invocation.perform(.leave, on: chat))
  },
  CommandSpec(
    "SAY", [.id("chat"), .text("text"), .id("message").after("REPLY")],
    "Says something in a chat.", access: .write, rate: .message, mutates: true,
    errors: [.noAuth, .denied, .notFound, .busy]
  ) { invocation, arguments in
    let chat = ChatID(arguments.id("chat") ?? 0)
    return try await say(
      &invocation, in: chat, arguments.text("text") ?? "",
      reply: arguments.id("message").map { MessageID($0) })
  },
  CommandSpec(
    "DM", [.username(), .text("text")], "Says something to somebody in the direct chat.",
    access: .write, rate: .message, mutates: true,
    errors: [.noAuth, .denied, .notFound, .busy]
  ) { invocation, arguments in
    let other = try invocation.service.userID(arguments.username())
    let text = arguments.text("text") ?? ""
    try validatePostText(text)
    // The key belongs to what is said; opening the chat may be repeated without harm.
    let key = invocation.requestKey
    invocation.requestKey = nil
    let (chat, _) = try await openDirectChat(&invocation, with: other)
    invocation.requestKey = key
    return try await say(&invocation, in: chat, text, reply: nil)
  },
  CommandSpec(
    "CHATS", ArgumentSpec.page, "Lists the own chats by their last message, with unread counts.",
    access: .read, rate: .read, errors: [.noAuth], handler: listChats),
  CommandSpec(
    "HISTORY", [.id("chat")] + ArgumentSpec.page, "Lists a chat's messages, newest first.",
    access: .read, rate: .read, errors: [.noAuth, .notFound], handler: showHistory),
  CommandSpec(
    "READ", [.id("chat"), .id("message")], "Marks a chat as read up to a message.",
    access: .write, rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let chat = try invocation.service.chat(ChatID(arguments.id("chat") ?? 0))
    return Response(
      try await invocation.perform(
        .read(through: MessageID(arguments.id("message") ?? 0)), on: chat))
  },
]

private func newChat(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  var members = [caller]
  for name in arguments.usernames() {
    let member = try service.userID(name)
    if !members.contains(member) { members.append(member) }
  }
  guard let title = arguments.text("title") else {
    if members.count <= 2 {
      let (_, answer) = try await openDirectChat(&invocation, with: members.last ?? caller)
      return Response(answer)
    }
    return try await openGroup(&invocation, members, title: nil)
  }
  return try await openGroup(&invocation, members, title: title)
}

private func openGroup(
  _ invocation: inout Invocation, _ members: [UserID], title: String?
) async throws -> Response {
  let service = invocation.service
  for member in members.dropFirst() {
    try await service.checkMayMessage(member, from: members[0], shareChat: false)
  }
  let id = ChatID(service.shard(of: .user(members[0])).ids.next())
  let chats = service.shard(of: .chat(id)).directory.chats
  do {
    return Response(
      try await invocation.perform(
        .open(isDirect: false, members: members, secret: title.map { Secret([.title: $0]) }),
        on: chats.findOrMake(id)))
  } catch {
    await chats.discardBlank(id)
    throw error
  }
}

/// The one chat of two people (or of one with their notes), opened if need be. Its id follows from
/// theirs, so that two who open it at once meet in the same entity.
private func openDirectChat(
  _ invocation: inout Invocation, with other: UserID
) async throws -> (ChatID, Gated<Outcome>) {
  let service = invocation.service
  let caller = try invocation.caller.user
  let members = caller == other ? [caller] : [caller, other]
  for id in DirectChat.ids(of: caller, other) {
    let chats = service.shard(of: .chat(id)).directory.chats
    let found = await chats[id]?.read { state in
      state.isOpen ? state.isDirect && Set(state.members.map(\.user)) == Set(members) : nil
    }.value
    let isTheirs = found.flatMap { $0 }
    if isTheirs == false { continue }
    if caller != other {
      try await service.checkMayMessage(other, from: caller, shareChat: isTheirs == true)
    }
    do {
      return (
        id,
        try await invocation.perform(
          .open(isDirect: true, members: members, secret: nil), on: chats.findOrMake(id))
      )
    } catch {
      await chats.discardBlank(id)
      throw error
    }
  }
  throw Rejection(.busy, "no id is free for this chat")
}

/// Candidates for the id of two people's direct chat: the hash of both, then what follows; a chat
/// of others that sits on one is passed over.
enum DirectChat {
  static let probesMax = 8

  static func ids(of one: UserID, _ other: UserID) -> [ChatID] {
    let low = min(one, other)
    let high = max(one, other)
    let hash = mix64(mix64(low.raw) ^ high.raw) >> 1
    return (0..<UInt64(probesMax)).map { ChatID(max(1, (hash &+ $0) & (1 << 63 - 1))) }
  }
}

extension Service {
  /// Throws DENIED where the recipient's settings or a block forbid it.
  func checkMayMessage(
    _ recipient: UserID, from sender: UserID, shareChat: Bool
  ) async throws {
    let eyes = await eyes(of: sender, on: [recipient])
    if eyes.isBlocked(recipient) { throw Rejection.noSuchUser }
    let policy = await (try user(recipient)).read { $0.own.messages }
    guard
      mayMessage(
        policy: policy.value, recipientFollowsSender: eyes.isFollowed(by: recipient),
        isBlocked: false, shareChat: shareChat)
    else { throw Rejection(.denied, "this person does not accept messages from you") }
  }
}

private func say(
  _ invocation: inout Invocation, in id: ChatID, _ text: String, reply: MessageID?
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let chat = try service.chat(id)
  let facts = await chat.read { ($0.isDirect, $0.members.map(\.user)) }.value
  // Who is no member is told so by the chat, before anything about its members shows.
  if facts.0, facts.1.contains(caller), let other = facts.1.first(where: { $0 != caller }) {
    let eyes = await service.eyes(of: caller, on: [other])
    if eyes.isBlocked(other) {
      throw Rejection(.denied, "this person does not accept messages from you")
    }
  }
  let ids = service.shard(of: .chat(id)).ids
  return Response(
    try await invocation.perform(
      .say(MessageID(ids.next()), reply: reply, secret: Secret([.text: text])), on: chat))
}

private func showChat(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let id = ChatID(arguments.id("chat") ?? 0)
  let gated = await (try service.chat(id)).read { state in
    state.member(caller).map { _ in
      ChatFacts(
        isDirect: state.isDirect, opened: state.opened, titlePosition: state.titlePosition,
        members: state.members, unread: state.unreadCount(of: caller))
    }
  }
  guard let facts = gated.value else { throw Rejection.noSuchChat }
  let members = facts.members.filter { $0.left == nil }.map { member in
    Reply.map([
      "username": .text(service.name(member.user)), "role": .text("member"),
      "read": .id(member.readThrough?.raw),
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
}

private func showHistory(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let id = ChatID(arguments.id("chat") ?? 0)
  let request = try PageRequest(arguments, of: .history(id))
  let gated = await (try service.chat(id)).read { state -> [ChatMessage]? in
    guard state.member(caller) != nil else { return nil }
    let visible = state.messages(visibleTo: caller)
    let end = visible.partitioningIndex { $0.id.raw >= request.before }
    return visible[visible.startIndex..<end].suffix(request.count + 1).reversed()
  }
  guard let messages = gated.value else { throw Rejection.noSuchChat }
  let items = messages.prefix(request.count)
  let replies = try items.map { try service.reply($0, in: id) }
  let next = messages.count > request.count ? items.last?.id.raw : nil
  return Response(request.reply(replies, next: next), after: gated.position)
}

extension Service {
  /// A message as HISTORY and the live channels show it.
  func reply(_ message: ChatMessage, in chat: ChatID) throws -> Reply {
    .map([
      "id": .id(message.id.raw), "chat": .id(chat.raw), "author": .text(name(message.author)),
      "text": try reply(.text, at: message.position), "reply_to": .id(message.reply?.raw),
      "created_at": .time(message.time),
    ])
  }
}

extension RandomAccessCollection {
  /// The first index whose element fits; the elements that fit must all come last.
  func partitioningIndex(where fits: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = self.count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if fits(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}
