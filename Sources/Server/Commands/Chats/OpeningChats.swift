import Domain
import Entities
import Wire

/// CHAT NEW: the direct chat of two people, or a new group.
func newChat(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  var members = [caller]
  for name in arguments.usernames() {
    let member = try await service.userID(name, shownTo: caller)
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
func openDirectChat(
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
    let policy = await (try user(recipient)).read { $0.own.messages }
    // Not by whom they followed before they set it.
    let eyes = await eyes(of: sender, on: [recipient], since: policy.position)
    if eyes.isBlocked(recipient) { throw Rejection.noSuchUser }
    guard
      mayMessage(
        policy: policy.value, recipientFollowsSender: eyes.isFollowed(by: recipient),
        isBlocked: false, shareChat: shareChat)
    else { throw Rejection(.denied, "this person does not accept messages from you") }
  }
}
