internal import Domain

/// A chat as its members' lists see it.
struct Chat: Sendable {
  struct Member: Sendable {
    let person: PersonIndex
    /// The newest message read; 0 if none.
    var mark: UInt64 = 0
    /// Where they left; 0 while they take part.
    var left: UInt64 = 0
    /// Messages by others above the mark; derived.
    var unread = 0
  }

  struct Message: Sendable {
    let id: UInt64
    let position: UInt64
    let author: PersonIndex
  }

  let isDirect: Bool
  let opened: UInt64
  var members: [Member]
  /// Ids and positions ascend.
  private(set) var messages: [Message] = []

  init(isDirect: Bool, opened: UInt64, members: [Member]) {
    self.isDirect = isDirect
    self.opened = opened
    self.members = members
  }

  /// Where something was last said; before that, where the chat was opened.
  var orderKey: UInt64 { messages.last?.position ?? opened }

  /// Where something was last said when the journal had reached `position`.
  func orderKey(asOf position: UInt64) -> UInt64? {
    let count = count { $0.position <= position }
    if count > 0 { return messages[count - 1].position }
    return opened <= position ? opened : nil
  }

  func member(_ person: PersonIndex) -> Member? { members.first { $0.person == person } }

  mutating func say(_ message: Message) {
    messages.append(message)
    for index in members.indices
    where members[index].left == 0 && members[index].person != message.author
      && message.id > members[index].mark
    {
      members[index].unread += 1
    }
  }

  mutating func read(_ person: PersonIndex, through mark: UInt64) {
    guard let index = members.firstIndex(where: { $0.person == person }),
      mark > members[index].mark
    else { return }
    members[index].mark = mark
    countUnread(of: index)
  }

  mutating func leave(_ person: PersonIndex, at position: UInt64) {
    guard let index = members.firstIndex(where: { $0.person == person }),
      members[index].left == 0
    else { return }
    members[index].left = position
    members[index].unread = 0
  }

  // MARK: Restoring

  mutating func restore(_ message: Message) { messages.append(message) }

  mutating func countUnread() { for index in members.indices { countUnread(of: index) } }

  private mutating func countUnread(of index: Int) {
    let member = members[index]
    let first = count { $0.id <= member.mark }
    members[index].unread =
      member.left > 0 ? 0 : messages[first...].count { $0.author != member.person }
  }

  /// The number of leading messages for which `isBefore` holds.
  private func count(where isBefore: (Message) -> Bool) -> Int {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(messages[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
