extension ChatState {
  /// Anyone who takes part or once did.
  package func member(_ user: UserID) -> ChatMember? {
    memberIndex(user).map { members[$0] }
  }

  /// Who takes part now.
  package func isMember(_ user: UserID) -> Bool {
    member(user).map { $0.left == nil } ?? false
  }

  /// What this person may read, oldest first: what was said while they took part. Empty for
  /// others. O(log n).
  package func messages(visibleTo user: UserID) -> Slice<ContiguousArray<ChatMessage>> {
    Slice(base: messages, bounds: visibleRange(user))
  }

  /// The indices into `messages` of what this person may read.
  package func visibleRange(_ user: UserID) -> Range<Int> {
    guard let member = member(user) else { return 0..<0 }
    let start = firstIndex(after: member.joined)
    let end = member.left.map { firstIndex(after: $0) } ?? messages.count
    return start..<end
  }

  /// Messages of others that this person may read and that lie after their read mark. O(log n).
  package func unreadCount(of user: UserID) -> Int {
    guard let member = member(user) else { return 0 }
    let range = visibleRange(user)
    let unread = range.upperBound - max(range.lowerBound, member.readCount)
    return unread - (member.saidCount - member.saidReadCount)
  }

  /// O(log n).
  package func index(of message: MessageID) -> Int? {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].id < message { low = middle + 1 } else { high = middle }
    }
    return low < messages.count && messages[low].id == message ? low : nil
  }

  func memberIndex(_ user: UserID) -> Int? { members.firstIndex { $0.user == user } }

  private func firstIndex(after position: Position) -> Int {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].position <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
