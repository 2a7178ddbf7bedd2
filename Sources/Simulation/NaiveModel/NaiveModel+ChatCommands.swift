import Domain
import Wire

extension NaiveModel {
  /// Nil if the sender may write to them.
  private func closed(_ other: UInt64, to me: UInt64) -> Reply? {
    if other == me { return nil }
    if isBlocked(me, other) { return .refused(.notFound) }
    if directChat(me, other) != nil { return nil }
    switch person(other)?.messages ?? .none {
    case .everyone: return nil
    case .following: return follows(other, me) ? nil : .refused(.denied)
    case .none: return .refused(.denied)
    }
  }

  mutating func openChat(
    _ me: UInt64, _ names: [String], _ title: String?, _ answered: Reply, _ time: Int64
  ) -> Reply {
    var members = [me]
    for name in names {
      guard let id = person(named: name)?.id else { return .refused(.notFound) }
      if !members.contains(id) { members.append(id) }
    }
    if title == nil, members.count <= 2 {
      let other = members[members.count - 1]
      if let refusal = closed(other, to: me) { return refusal }
      if let chat = directChat(me, other) { return .text(String(chat.id)) }
      return created(answered) { $0.open($1, true, members, nil, time) }
    }
    for member in members.dropFirst() {
      if isBlocked(me, member) { return .refused(.notFound) }
      let policy = person(member)?.messages ?? .none
      let isOpen = policy == .everyone || (policy == .following && follows(member, me))
      if !isOpen { return .refused(.denied) }
    }
    return created(answered) { $0.open($1, false, members, title, time) }
  }

  mutating func leave(_ chat: UInt64, _ me: UInt64) -> Reply {
    guard let found = self.chat(chat), knows(chat, me) else { return .refused(.notFound) }
    if found.isDirect { return .refused(.invalid) }
    if leftAt(chat, me) == nil { left.append((chat, me, position)) }
    return .ok
  }

  mutating func say(
    _ chat: UInt64, _ me: UInt64, _ text: String, _ reply: UInt64?, _ answered: Reply,
    _ time: Int64
  ) -> Reply {
    guard let found = self.chat(chat), knows(chat, me) else { return .refused(.notFound) }
    if found.isDirect, let other = found.members.first(where: { $0 != me }), isBlocked(me, other) {
      return .refused(.denied)
    }
    if leftAt(chat, me) != nil { return .refused(.denied) }
    if let reply, !visibleMessages(chat, me).contains(where: { $0.id == reply }) {
      return .refused(.notFound)
    }
    return created(answered) { $0.say($1, in: chat, by: me, text, reply, time) }
  }

  mutating func message(
    _ name: String, _ me: UInt64, _ text: String, _ answered: Reply, _ time: Int64
  ) -> Reply {
    guard let other = person(named: name)?.id else { return .refused(.notFound) }
    if let refusal = closed(other, to: me) { return refusal }
    // The chat's id is not shown here; `CHATS` tells it later.
    let chat = directChat(me, other)?.id ?? 0
    if chat == 0 { open(0, true, me == other ? [me] : [me, other], nil, time) }
    return created(answered) { $0.say($1, in: chat, by: me, text, nil, time) }
  }

  mutating func read(_ chat: UInt64, _ me: UInt64, _ message: UInt64) -> Reply {
    guard knows(chat, me), visibleMessages(chat, me).contains(where: { $0.id == message }) else {
      return .refused(.notFound)
    }
    if message > readMark(chat, me) ?? 0 { readMarks.append((chat, me, message)) }
    return .ok
  }
}
