extension ChatState {
  /// Anyone who takes part or once did.
  package func member(_ user: UserID) -> ChatMember? {
    memberIndex(user).map { members[$0] } ?? formers[user]
  }

  /// Who takes part now.
  package func isMember(_ user: UserID) -> Bool { memberIndex(user) != nil }

  package func isAdmin(_ user: UserID) -> Bool {
    memberIndex(user).map { members[$0].isAdmin } ?? false
  }

  /// Whether the person took part when the event at this position happened: those of joining and
  /// leaving themselves included.
  package func tookPart(_ user: UserID, at position: Position) -> Bool {
    member(user)?.tookPart(at: position) ?? false
  }

  /// Everyone who took part when the event at this position happened. O(all who ever did).
  package func participants(at position: Position) -> [UserID] {
    var users = members.filter { $0.tookPart(at: position) }.map(\.user)
    for entry in formers.entries where entry.value.tookPart(at: position) {
      users.append(entry.key)
    }
    return users
  }

  /// Where the title is sealed that this person sees: the present one, or the one there was when
  /// they left. `Position.zero` if there was none.
  package func titlePosition(for user: UserID) -> Position {
    let end = member(user)?.left
    let title = titles.last { title in end.map { title.position <= $0 } ?? true }
    return title.map { $0.isNone ? .zero : $0.position } ?? .zero
  }

  // MARK: Messages

  /// The indices into `messages` of what this person may read, oldest first: what was said while
  /// they took part. None for others. O(log n).
  package func visibleRanges(_ user: UserID) -> [Range<Int>] {
    guard let member = member(user) else { return [] }
    var ranges = member.earlier.map { range($0.joined, $0.left) }
    ranges.append(range(member.joined, member.left))
    return ranges
  }

  /// What this person may read, newest first: at most `limit` messages with ids below `before`.
  /// O(log n + limit).
  package func history(
    of user: UserID, before: UInt64 = .max, limit: Int
  ) -> [ChatMessage] {
    let end = firstIndex { $0.id.raw >= before }
    var page: [ChatMessage] = []
    for range in visibleRanges(user).reversed() {
      for index in range.clamped(to: 0..<end).reversed() {
        if page.count == limit { return page }
        page.append(messages[index])
      }
    }
    return page
  }

  /// Whether the message was said, and while this person took part. O(log n).
  package func isVisible(_ message: MessageID, to user: UserID) -> Bool {
    visibleIndex(of: message, to: user) != nil
  }

  func visibleIndex(of message: MessageID, to user: UserID) -> Int? {
    guard let index = index(of: message) else { return nil }
    return visibleRanges(user).contains { $0.contains(index) } ? index : nil
  }

  /// Messages of others that this person may read and that lie after their read mark. O(log n).
  package func unreadCount(of user: UserID) -> Int {
    guard let member = member(user) else { return 0 }
    var unread = 0
    for range in visibleRanges(user) {
      unread += max(0, range.upperBound - max(range.lowerBound, member.readCount))
    }
    // What somebody said, they said while they took part: it is all among these.
    return unread - member.saidCount(from: member.readCount)
  }

  /// O(log n).
  package func index(of message: MessageID) -> Int? {
    let index = firstIndex { $0.id >= message }
    return index < messages.count && messages[index].id == message ? index : nil
  }

  func memberIndex(_ user: UserID) -> Int? { members.firstIndex { $0.user == user } }

  /// Who becomes admin when this person goes: the member who joined first, if no admin is left.
  func heir(of user: UserID) -> UserID? {
    guard isAdmin(user) else { return nil }
    let others = members.lazy.filter { $0.user != user }
    return others.contains { $0.isAdmin } ? nil : others.first?.user
  }

  private func range(_ joined: Position, _ left: Position?) -> Range<Int> {
    let start = firstIndex { $0.position > joined }
    let end = left.map { left in firstIndex { $0.position > left } } ?? messages.count
    return start..<end
  }

  /// Of the messages for which `isAfter` holds, which come after all others.
  private func firstIndex(where isAfter: (ChatMessage) -> Bool) -> Int {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if isAfter(messages[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension ChatMember {
  fileprivate func tookPart(at position: Position) -> Bool {
    if joined <= position { return left.map { position <= $0 } ?? true }
    return earlier.contains { $0.joined <= position && position <= $0.left }
  }

  /// How many of the messages from an index on this person said.
  fileprivate func saidCount(from index: Int) -> Int {
    var low = 0
    var high = said.count
    while low < high {
      let middle = (low + high) / 2
      if said[middle] < index { low = middle + 1 } else { high = middle }
    }
    return said.count - low
  }
}
