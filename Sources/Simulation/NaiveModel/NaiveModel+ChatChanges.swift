import Domain

/// What happens in chats.
extension NaiveModel {
  mutating func open(
    _ id: UInt64, _ isDirect: Bool, _ members: [UInt64], _ title: String?, _ time: Int64
  ) {
    var chat = Chat(
      id: id, isDirect: isDirect, title: title, titleAuthor: title == nil ? 0 : members[0],
      opened: time,
      position: position, members: members)
    if !isDirect { chat.admins = [members[0]] }
    chat.stays = members.map { Stay(person: $0, from: position) }
    chats[id] = chat
    chatOrder.append(id)
    if isDirect {
      directChats[Set(members)] = id
      return
    }
    for member in members.dropFirst() { notify(member, "invite", id, by: members[0], time) }
  }

  mutating func join(_ chat: UInt64, _ people: [UInt64], by me: UInt64, _ time: Int64) {
    for person in people where !isMember(chat, person) {
      chats[chat]?.members.append(person)
      chats[chat]?.stays.append(Stay(person: person, from: position))
      notify(person, "invite", chat, by: me, time)
    }
  }

  /// By themself or taken out; somebody stays admin, as long as somebody stays.
  mutating func leave(_ chat: UInt64, _ person: UInt64) {
    guard chats[chat] != nil, isMember(chat, person) else { return }
    for index in chats[chat]!.stays.indices
    where chats[chat]!.stays[index].person == person && chats[chat]!.stays[index].through == .max {
      chats[chat]!.stays[index].through = position
      chats[chat]!.stays[index].title = chats[chat]!.title
      chats[chat]!.stays[index].titleAuthor = chats[chat]!.titleAuthor
    }
    chats[chat]!.members.removeAll { $0 == person }
    chats[chat]!.admins.removeAll { $0 == person }
    if chats[chat]!.admins.isEmpty { chats[chat]!.admins = Array(chats[chat]!.members.prefix(1)) }
    withdraw(person, "invite", chat)
  }

  mutating func setRole(_ chat: UInt64, _ person: UInt64, isAdmin: Bool) {
    chats[chat]?.admins.removeAll { $0 == person }
    if isAdmin { chats[chat]?.admins.append(person) }
  }

  mutating func say(_ message: Message, in chat: UInt64) { chats[chat]?.messages.append(message) }

  mutating func unsay(_ chat: UInt64, _ message: UInt64) {
    guard let index = chats[chat]?.messages.firstIndex(where: { $0.id == message }) else { return }
    chats[chat]!.messages[index].isUnsaid = true
    chats[chat]!.messages[index].media = []
  }

  // MARK: Asking

  func isMember(_ chat: UInt64, _ person: UInt64) -> Bool {
    chats[chat]?.members.contains(person) ?? false
  }

  /// Whether the person was ever a member; whoever left still reads what was said till then.
  func knows(_ chat: UInt64, _ person: UInt64) -> Bool {
    chats[chat]?.stays.contains { $0.person == person } ?? false
  }

  func directChat(_ one: UInt64, _ other: UInt64) -> Chat? {
    directChats[[one, other]].flatMap { chats[$0] }
  }

  /// Oldest first.
  func visibleMessages(_ chat: Chat, _ person: UInt64) -> [Message] {
    let stays = chat.stays.filter { $0.person == person }
    return chat.messages.filter { message in
      stays.contains { $0.from < message.position && message.position <= $0.through }
    }
  }

  func unread(_ chat: Chat, _ person: UInt64) -> Int {
    let mark = chat.readMarks[person] ?? 0
    return visibleMessages(chat, person).count { $0.author != person && $0.id > mark }
  }
}
