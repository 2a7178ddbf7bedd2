import Domain
import Wire

extension NaiveModel {
  mutating func fold(
    _ event: ChatEvent, _ id: UInt64, _ me: UInt64, _ secret: Secret?, _ time: Int64
  ) {
    switch event {
    case .opened(let isDirect, let members):
      open(id, isDirect, members.map(\.raw), secret?[.title], time)
    case .left: left.append((id, me, position))
    case .said(let message, let reply, _):
      say(message.raw, in: id, by: me, secret?[.text] ?? "", reply?.raw, time)
    case .read(let message): readMarks.append((id, me, message.raw))
    case .added, .removed, .roleChanged, .titled, .unsaid: break
    }
  }

  mutating func open(
    _ id: UInt64, _ isDirect: Bool, _ members: [UInt64], _ title: String?, _ time: Int64
  ) {
    chats.append(
      Chat(
        id: id, isDirect: isDirect, members: members, title: title, opened: time,
        position: position))
  }

  mutating func say(
    _ message: UInt64, in chat: UInt64, by me: UInt64, _ text: String, _ reply: UInt64?,
    _ time: Int64
  ) {
    messages.append(
      Message(
        id: message, chat: chat, author: me, text: text, reply: reply, time: time,
        position: position))
  }

  func directChat(_ one: UInt64, _ other: UInt64) -> Chat? {
    chats.first { $0.isDirect && Set($0.members) == Set([one, other]) }
  }

  /// Whether the person was ever a member; whoever left still reads what was said till then.
  func knows(_ chat: UInt64, _ me: UInt64) -> Bool {
    self.chat(chat)?.members.contains(me) ?? false
  }

  func leftAt(_ chat: UInt64, _ me: UInt64) -> UInt64? {
    left.first { $0.chat == chat && $0.person == me }?.position
  }

  /// Oldest first.
  func visibleMessages(_ chat: UInt64, _ me: UInt64) -> [Message] {
    let end = leftAt(chat, me) ?? .max
    return messages.filter { $0.chat == chat && $0.position <= end }
  }

  func readMark(_ chat: UInt64, _ me: UInt64) -> UInt64? {
    readMarks.filter { $0.chat == chat && $0.person == me }.map(\.message).max()
  }

  func unread(_ chat: UInt64, _ me: UInt64) -> Int {
    let mark = readMark(chat, me) ?? 0
    return visibleMessages(chat, me).count { $0.author != me && $0.id > mark }
  }

  // MARK: Answers

  func chatInfo(_ id: UInt64, _ me: UInt64) -> Reply {
    guard let chat = chat(id), knows(id, me) else { return .refused(.notFound) }
    let members = chat.members.filter { leftAt(id, $0) == nil }.map { member in
      Reply.map([
        "username": .text(name(member)), "role": .text("member"),
        "read": readMark(id, member).map { .text(String($0)) } ?? .null,
      ])
    }
    return .map([
      "id": .text(String(id)), "direct": .integer(chat.isDirect ? 1 : 0),
      "title": chat.title.map { .text($0) } ?? .null, "created_at": .integer(chat.opened),
      "members": .array(members), "unread": .integer(Int64(unread(id, me))),
    ])
  }

  /// By last message; before the first, by when it was opened.
  func chatList(_ me: UInt64) -> [Reply] {
    let mine = chats.filter { $0.members.contains(me) && leftAt($0.id, me) == nil }
    func key(_ chat: Chat) -> UInt64 {
      messages.last { $0.chat == chat.id }?.position ?? chat.position
    }
    return mine.sorted { key($0) > key($1) }.map { describe($0, me) }
  }

  /// A line of somebody's list of chats.
  func describe(_ chat: Chat, _ me: UInt64) -> Reply {
    let members = chat.members.filter { leftAt(chat.id, $0) == nil }
    let last = messages.last { $0.chat == chat.id }
    return .map([
      "id": .text(String(chat.id)), "direct": .integer(chat.isDirect ? 1 : 0),
      "title": chat.title.map { .text($0) } ?? .null,
      "members": .array(members.map { .text(name($0)) }),
      "unread": .integer(Int64(unread(chat.id, me))),
      "last_message": last.map { describe($0) } ?? .null,
    ])
  }

  func history(_ chat: UInt64, _ me: UInt64) -> [Reply]? {
    guard knows(chat, me) else { return nil }
    return visibleMessages(chat, me).reversed().map { describe($0) }
  }

  private func describe(_ message: Message) -> Reply {
    .map([
      "id": .text(String(message.id)), "chat": .text(String(message.chat)),
      "author": .text(name(message.author)), "text": .text(message.text),
      "reply_to": message.reply.map { .text(String($0)) } ?? .null,
      "created_at": .integer(message.time),
    ])
  }
}

extension Reply {
  static func refused(_ code: Rejection.Code) -> Reply {
    .error(code: code.rawValue, message: "")
  }
}
