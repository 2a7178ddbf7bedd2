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
    case .add(let user):
      return try decideAdd(user, actor)
    case .remove(let user):
      if user == actor { return try decideLeave(actor) }
      try checkAdmin(actor)
      return going(user, .removed(user))
    case .leave:
      return try decideLeave(actor)
    case .setRole(let user, let isAdmin):
      return try decideRole(user, isAdmin, actor)
    case .setTitle(let secret):
      return try decideTitle(secret, actor)
    case .say(let message, let reply, let media, let secret):
      return try decideSay(message, reply, media, secret, member)
    case .unsay(let message):
      return try decideUnsay(message, actor)
    case .read(let message):
      guard isVisible(message, to: actor) else { throw .noSuchMessage }
      if let mark = member.readThrough, mark >= message { return Decision([], .ok) }
      return ok(.read(through: message))
    }
  }

  /// Throws NOTFOUND to who never was a member, INVALID in a direct chat, DENIED to others who are
  /// no admins.
  package func checkAdmin(_ actor: UserID) throws(Rejection) {
    guard member(actor) != nil else { throw .noSuchChat }
    if isDirect { throw Rejection(.invalid, "a direct chat has no admins, and nobody else joins") }
    guard isAdmin(actor) else { throw Rejection(.denied, "that is for the admins of this chat") }
  }

  private func ok(_ event: ChatEvent?, secret: Secret? = nil) -> Decision {
    Decision(event.map { [Draft(.chat($0), secret: secret)] } ?? [], .ok)
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

  // MARK: Members

  private func decideAdd(_ user: UserID, _ actor: UserID) throws(Rejection) -> Decision {
    try checkAdmin(actor)
    if isMember(user) { return ok(nil) }
    guard members.count < Self.membersMax else {
      throw Rejection(.denied, "at most \(Self.membersMax) members")
    }
    return ok(.added([user]))
  }

  private func decideLeave(_ actor: UserID) throws(Rejection) -> Decision {
    if isDirect { throw Rejection(.invalid, "a direct chat cannot be left") }
    return going(actor, .left)
  }

  /// With who becomes admin then; nothing for who is no member.
  private func going(_ user: UserID, _ event: ChatEvent) -> Decision {
    guard isMember(user) else { return ok(nil) }
    let promotion = heir(of: user).map { ChatEvent.roleChanged($0, isAdmin: true) }
    return Decision([event, promotion].compactMap { $0 }.map { Draft(.chat($0)) }, .ok)
  }

  private func decideRole(
    _ user: UserID, _ isAdmin: Bool, _ actor: UserID
  ) throws(Rejection) -> Decision {
    try checkAdmin(actor)
    guard isMember(user) else { throw .noSuchMember }
    if self.isAdmin(user) == isAdmin { return ok(nil) }
    guard isAdmin || members.count(where: \.isAdmin) > 1 else {
      throw Rejection(.denied, "a chat keeps an admin; make somebody else one first")
    }
    return ok(.roleChanged(user, isAdmin: isAdmin))
  }

  /// A title cannot be compared with what it replaces, which is sealed: it always makes an event.
  private func decideTitle(_ secret: Secret?, _ actor: UserID) throws(Rejection) -> Decision {
    try checkAdmin(actor)
    try secret?.validateChatTitle()
    if secret == nil, titlePosition(for: actor) == .zero { return ok(nil) }
    return ok(.titled, secret: secret)
  }

  // MARK: Messages

  private func decideSay(
    _ message: MessageID, _ reply: MessageID?, _ media: [MediaReference], _ secret: Secret,
    _ member: ChatMember
  ) throws(Rejection) -> Decision {
    guard member.left == nil else { throw Rejection(.denied, "you have left this chat") }
    try secret.validateMessage()
    try validateMedia(media)
    if let reply, !isVisible(reply, to: member.user) { throw .noSuchMessage }
    // Only a clock that went back can bring this about; a moment later the id is higher.
    if let last = messages.last, message <= last.id {
      throw Rejection(.busy, "the clock is behind the chat's newest message; try again")
    }
    return Decision(
      [Draft(.chat(.said(message, reply: reply, media: media)), secret: secret)],
      .id(message.raw))
  }

  /// Authors take back what they said also after they left.
  private func decideUnsay(
    _ message: MessageID, _ actor: UserID
  ) throws(Rejection) -> Decision {
    guard let index = visibleIndex(of: message, to: actor) else { throw .noSuchMessage }
    guard messages[index].author == actor || isAdmin(actor) else {
      throw Rejection(.denied, "that is another's message")
    }
    return ok(unsaid[message] == nil ? .unsaid(message) : nil)
  }
}
