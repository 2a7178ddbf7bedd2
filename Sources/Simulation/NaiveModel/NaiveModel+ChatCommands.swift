import Domain
import Wire

extension NaiveModel {
  mutating func execute(
    _ call: ChatCall, _ me: UInt64, _ answered: Reply, _ time: Int64
  ) -> Reply {
    switch call {
    case .open(let names, let title): return openChat(me, names, title, answered, time)
    case .add, .remove, .role, .title: return administer(call, me, time)
    case .leave(let id):
      guard let chat = chats[id], knows(id, me) else { return .refused(.notFound) }
      if chat.isDirect { return .refused(.invalid) }
      leave(id, me)
      return .ok
    case .say(let chat, let text, let reply, let media):
      return say(chat, me, text, reply, media, answered, time)
    case .message(let name, let text): return message(name, me, text, answered, time)
    case .unsay(let id, let message):
      guard let chat = chats[id],
        let found = visibleMessages(chat, me).first(where: { $0.id == message })
      else { return .refused(.notFound) }
      guard found.author == me || chat.admins.contains(me) else { return .refused(.denied) }
      unsay(id, message)
      return .ok
    case .read(let id, let message):
      guard let chat = chats[id],
        visibleMessages(chat, me).contains(where: { $0.id == message })
      else { return .refused(.notFound) }
      if message > chat.readMarks[me] ?? 0 { chats[id]!.readMarks[me] = message }
      return .ok
    }
  }

  /// Nil if the sender may write to them.
  private func closed(_ other: UInt64, to me: UInt64, sharing chat: Bool) -> Reply? {
    if other == me { return nil }
    if isBlocked(me, other) { return .refused(.notFound) }
    if chat { return nil }
    switch people[other]?.messages ?? .none {
    case .everyone: return nil
    case .following: return follows.contains(other, me) ? nil : .refused(.denied)
    case .none: return .refused(.denied)
    }
  }

  private mutating func openChat(
    _ me: UInt64, _ names: [String], _ title: String?, _ answered: Reply, _ time: Int64
  ) -> Reply {
    var members = [me]
    for name in names {
      switch known(name, to: me) {
      case .refused(let refusal): return refusal
      case .found(let person): if !members.contains(person.id) { members.append(person.id) }
      }
    }
    if title == nil, members.count <= 2 {
      let other = members[members.count - 1]
      let chat = directChat(me, other)
      if let refusal = closed(other, to: me, sharing: chat != nil) { return refusal }
      if let chat { return .id(chat.id) }
      return created(answered) { $0.open($1, true, members, nil, time) }
    }
    for member in members.dropFirst() {
      if let refusal = closed(member, to: me, sharing: false) { return refusal }
    }
    return created(answered) { $0.open($1, false, members, title, time) }
  }

  private mutating func say(
    _ id: UInt64, _ me: UInt64, _ text: String, _ reply: UInt64?, _ media: [UInt64],
    _ answered: Reply, _ time: Int64
  ) -> Reply {
    guard let chat = chats[id], knows(id, me) else { return .refused(.notFound) }
    if chat.isDirect, chat.members.contains(where: { isErased($0) }) { return .refused(.gone) }
    if chat.isDirect, let other = chat.members.first(where: { $0 != me }), isBlocked(me, other) {
      return .refused(.denied)
    }
    if !isMember(id, me) { return .refused(.denied) }
    if let reply, !visibleMessages(chat, me).contains(where: { $0.id == reply }) {
      return .refused(.notFound)
    }
    var shown: [Medium] = []
    for id in media {
      guard let medium = medium(me, id) else { return .refused(.notFound) }
      shown.append(medium)
    }
    return created(answered) { model, message in
      model.say(
        Message(
          id: message, author: me, text: text, reply: reply, media: shown, time: time,
          position: model.position), in: id)
    }
  }

  private mutating func message(
    _ name: String, _ me: UInt64, _ text: String, _ answered: Reply, _ time: Int64
  ) -> Reply {
    let other: UInt64
    switch known(name, to: me) {
    case .refused(let refusal): return refusal
    case .found(let person): other = person.id
    }
    let known = directChat(me, other)
    if let refusal = closed(other, to: me, sharing: known != nil) { return refusal }
    return created(answered) { model, message in
      // The chat's id is not shown here; the journal tells it.
      let id = known?.id ?? UInt64.max - UInt64(model.chats.count)
      if known == nil {
        model.position -= 1
        model.open(id, true, me == other ? [me] : [me, other], nil, time)
        model.position += 1
      }
      model.say(
        Message(
          id: message, author: me, text: text, reply: nil, media: [], time: time,
          position: model.position), in: id)
    }
  }

  // MARK: Groups

  /// What takes an admin of a group.
  private mutating func administer(_ call: ChatCall, _ me: UInt64, _ time: Int64) -> Reply {
    let (id, name): (UInt64, String?)
    switch call {
    case .add(let chat, let person), .remove(let chat, let person), .role(let chat, let person, _):
      (id, name) = (chat, person)
    case .title(let chat, _): (id, name) = (chat, nil)
    case .open, .leave, .say, .message, .unsay, .read: preconditionFailure("needs no admin")
    }
    guard let chat = chats[id], knows(id, me) else { return .refused(.notFound) }
    if chat.isDirect { return .refused(.invalid) }
    if case .remove = call, let name, names[name] == me {
      leave(id, me)
      return .ok
    }
    // Who may not give the command hears nothing of the person.
    guard chat.admins.contains(me) else { return .refused(.denied) }
    var other: UInt64 = 0
    if let name {
      switch known(name, to: me) {
      case .refused(let refusal):
        guard case .remove = call, let erased = names[name] else { return refusal }
        other = erased
      case .found(let person): other = person.id
      }
    }
    switch call {
    case .add:
      if isMember(id, other) { return .ok }
      if let refusal = closed(other, to: me, sharing: false) { return refusal }
      join(id, [other], by: me, time)
    case .remove: leave(id, other)
    case .role(_, _, let isAdmin):
      if !isMember(id, other) { return .refused(.notFound) }
      if !isAdmin, chat.admins == [other] { return .refused(.denied) }
      if chat.admins.contains(other) != isAdmin { setRole(id, other, isAdmin: isAdmin) }
    case .title(_, let title):
      chats[id]!.title = title
      chats[id]!.titleAuthor = title == nil ? 0 : me
    case .open, .leave, .say, .message, .unsay, .read: preconditionFailure("needs no admin")
    }
    return .ok
  }
}
