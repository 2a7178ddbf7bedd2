extension ChatState {
  package func decide(
    _ command: ChatCommand, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision {
    if case .open(let isDirect, let members, let secret) = command {
      return try decideOpen(isDirect, members, secret, actor)
    }
    guard let member = member(actor) else { throw .noSuchChat }
    switch command {
    case .open(let isDirect, let members, let secret):
      return try decideOpen(isDirect, members, secret, actor)
    case .leave:
      if isDirect { throw Rejection(.invalid, "a direct chat cannot be left") }
      return Decision(member.left == nil ? [Draft(.chat(.left))] : [], .ok)
    case .say(let message, let reply, let secret):
      return try decideSay(message, reply, secret, member)
    case .read(let message):
      guard let index = index(of: message), visibleRange(actor).contains(index) else {
        throw .noSuchMessage
      }
      if let mark = member.readThrough, mark >= message { return Decision([], .ok) }
      return Decision([Draft(.chat(.read(through: message)))], .ok)
    }
  }

  private func decideOpen(
    _ isDirect: Bool, _ members: [UserID], _ secret: Secret?, _ actor: UserID
  ) throws(Rejection) -> Decision {
    if isOpen {
      guard isDirect, self.isDirect, Set(members) == Set(self.members.map(\.user)) else {
        throw Rejection(.conflict, "this chat exists already")
      }
      return Decision([], .id(id.raw))
    }
    guard members.first == actor else {
      throw Rejection(.invalid, "who opens a chat is its first member")
    }
    guard Set(members).count == members.count else {
      throw Rejection(.invalid, "a member is named twice")
    }
    guard members.count <= Self.membersMax else {
      throw Rejection(.invalid, "at most \(Self.membersMax) members")
    }
    if isDirect {
      guard members.count <= 2, secret == nil else {
        throw Rejection(.invalid, "a direct chat has two members and no title")
      }
    }
    try secret?.validateChatTitle()
    return Decision(
      [Draft(.chat(.opened(isDirect: isDirect, members: members)), secret: secret)],
      .id(id.raw))
  }

  private func decideSay(
    _ message: MessageID, _ reply: MessageID?, _ secret: Secret, _ member: ChatMember
  ) throws(Rejection) -> Decision {
    guard member.left == nil else { throw Rejection(.denied, "you have left this chat") }
    try secret.validateMessage()
    if let reply {
      guard let index = index(of: reply), visibleRange(member.user).contains(index) else {
        throw .noSuchMessage
      }
    }
    // Only a clock that went back can bring this about; a moment later the id is higher.
    if let last = messages.last, message <= last.id {
      throw Rejection(.busy, "the clock is behind the chat's newest message; try again")
    }
    return Decision(
      [Draft(.chat(.said(message, reply: reply, media: [])), secret: secret)], .id(message.raw))
  }
}
