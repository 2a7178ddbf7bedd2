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
      if record.hasSecret { titlePosition = record.position }
      self.members = members.map { ChatMember(user: $0, joined: record.position) }
    case .left:
      withMember(record) { $0.left = record.position }
    case .said(let message, let reply, _):
      messages.append(
        ChatMessage(
          id: message, author: record.actor, position: record.position, time: record.time,
          reply: reply))
      withMember(record) { $0.saidCount += 1 }
    case .read(let message):
      applyRead(message, record)
    case .added, .removed, .roleChanged, .titled, .unsaid: break
    }
  }

  /// Nothing that happens elsewhere concerns a chat.
  package mutating func observe(_ record: Record) {}

  private mutating func applyRead(_ message: MessageID, _ record: Record) {
    guard let index = index(of: message) else {
      preconditionFailure("position \(record.position) reads a message that was never said")
    }
    let later = messages[(index + 1)...].count { $0.author == record.actor }
    withMember(record) {
      $0.readThrough = message
      $0.readCount = index + 1
      $0.saidReadCount = $0.saidCount - later
    }
  }

  private mutating func withMember(_ record: Record, _ body: (inout ChatMember) -> Void) {
    guard let index = memberIndex(record.actor) else {
      preconditionFailure("position \(record.position) is by \(record.actor), who is no member")
    }
    body(&members[index])
  }
}
