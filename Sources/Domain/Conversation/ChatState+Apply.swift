extension ChatState {
  package mutating func apply(_ record: Record) {
    precondition(record.entity == .chat(id), "an event of \(record.entity) applied to chat:\(id)")
    precondition(
      record.sequence == sequence + 1,
      "chat:\(id) has \(sequence) events, the next cannot be number \(record.sequence)")
    guard case .chat(let event) = record.event else {
      preconditionFailure("position \(record.position) is owned by a chat but is no chat's event")
    }
    sequence = record.sequence
    switch event {
    case .opened(let isDirect, let members):
      self.isDirect = isDirect
      opened = record.time
      if record.hasSecret { titles = [ChatTitle(position: record.position, isNone: false)] }
      for member in members { join(member, at: record.position) }
      if !isDirect, !self.members.isEmpty { self.members[0].isAdmin = true }
    case .added(let users):
      for user in users { join(user, at: record.position) }
    case .left:
      leave(record.actor, at: record.position)
    case .removed(let user):
      leave(user, at: record.position)
    case .roleChanged(let user, let isAdmin):
      if let index = memberIndex(user) { members[index].isAdmin = isAdmin }
    case .titled:
      titles.append(ChatTitle(position: record.position, isNone: !record.hasSecret))
    case .said(let message, let reply, let media):
      say(
        ChatMessage(
          id: message, author: record.actor, position: record.position, time: record.time,
          reply: reply, media: media))
    case .unsaid(let message):
      unsaid[message] = record.position
    case .read(let message):
      read(message, record)
    }
  }

  /// Nothing that happens elsewhere concerns a chat.
  package mutating func observe(_ record: Record) {}

  private mutating func join(_ user: UserID, at position: Position) {
    guard memberIndex(user) == nil else { return }
    var member = ChatMember(user: user, joined: position)
    if let former = formers[user], let left = former.left {
      member = former
      member.earlier.append(ChatStay(joined: former.joined, left: left))
      member.joined = position
      member.left = nil
      formers[user] = nil
    }
    members.append(member)
  }

  private mutating func leave(_ user: UserID, at position: Position) {
    guard let index = memberIndex(user) else { return }
    let heir = heir(of: user)
    var former = members.remove(at: index)
    former.left = position
    former.isAdmin = false
    formers[user] = former
    if let heir, let index = memberIndex(heir) { members[index].isAdmin = true }
  }

  /// Also puts back what a snapshot holds.
  package mutating func say(_ message: ChatMessage) {
    let index = UInt32(messages.count)
    messages.append(message)
    withPerson(message.author, at: message.position) { $0.said.append(index) }
  }

  private mutating func read(_ message: MessageID, _ record: Record) {
    guard let index = index(of: message) else {
      preconditionFailure("position \(record.position) reads a message that was never said")
    }
    withPerson(record.actor, at: record.position) {
      $0.readThrough = message
      $0.readCount = index + 1
    }
  }

  private mutating func withPerson(
    _ user: UserID, at position: Position, _ body: (inout ChatMember) -> Void
  ) {
    if let index = memberIndex(user) { return body(&members[index]) }
    guard var former = formers[user] else {
      preconditionFailure("position \(position) is by \(user), who never was a member")
    }
    body(&former)
    formers[user] = former
  }
}
