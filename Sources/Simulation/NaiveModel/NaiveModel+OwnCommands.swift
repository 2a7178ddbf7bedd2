import Domain
import Wire

/// What somebody does to their account and to what they keep.
extension NaiveModel {
  mutating func execute(
    _ call: OwnCall, _ viewer: Viewer, _ me: UInt64, _ answered: Reply, _ time: Int64
  ) -> Reply {
    switch call {
    case .set(let field, let value):
      set(field, value, of: me)
      return .ok
    case .addMedia(let kind, let url, let alt):
      return created(answered) { model, id in
        model.change(me) { $0.media.append(Medium(id: id, kind: kind, url: url, alt: alt)) }
      }
    case .followTag(let tag, let isOn):
      change(me) { person in
        if !isOn { person.tags.removeAll { $0 == tag } }
        if isOn, !person.tags.contains(tag) { person.tags.append(tag) }
      }
      return .ok
    case .makeList(let title):
      return created(answered) { model, id in
        model.change(me) { $0.lists.append(PeopleList(id: id, title: title)) }
      }
    case .changeList(let list, let name, let isAdding): return changeList(list, name, isAdding, me)
    case .dropList(let list):
      guard people[me]?.lists.contains(where: { $0.id == list }) ?? false else {
        return .refused(.notFound)
      }
      change(me) { $0.lists.removeAll { $0.id == list } }
      return .ok
    case .readInbox(let ids):
      let shown = inbox(me).compactMap { $0["id"]?.textValue }
      for id in ids where !shown.contains(String(id)) { return .refused(.notFound) }
      for id in ids { readItem(me, causedAt: id) }
      return .count(unreadCount(me))
    case .newToken(let scope, let label, let seconds):
      return newToken(scope, label, seconds, viewer, me, answered, time)
    case .revokeToken(let id):
      let token = people[me]?.tokens.first { $0.id == id }
      guard let token, token.expires.map({ time < $0 }) ?? true else {
        return .refused(.notFound)
      }
      change(me) { $0.tokens.removeAll { $0.id == id } }
      return .ok
    case .password(let old, _):
      guard old == passwords[me] else { return .refused(.denied) }
      change(me) { person in
        person.tokens.removeAll { token in
          token.id != viewer.token && (token.expires.map { time < $0 } ?? true)
        }
      }
      return .ok
    case .erase(let password):
      guard password == passwords[me] else { return .refused(.denied) }
      for chat in chatOrder where !(chats[chat]?.isDirect ?? true) { leave(chat, me) }
      erase(me)
      return .ok
    case .readAllInbox: preconditionFailure("carried out where the position before is known")
    }
  }

  private mutating func set(_ field: OwnCall.Field, _ value: String, of me: UInt64) {
    change(me) { person in
      switch field {
      case .name: person.display = value
      case .bio: person.bio = value
      case .avatar: person.avatar = value
      case .email: break
      case .private: person.isPrivate = value == "on"
      case .messages:
        person.messages = MessagePolicy.allCases.first { "\($0)" == value } ?? person.messages
      }
    }
  }

  private mutating func changeList(
    _ list: UInt64, _ name: String, _ isAdding: Bool, _ me: UInt64
  ) -> Reply {
    if case .refused(let refusal) = known(name, to: me), isAdding || names[name] == nil {
      return refusal
    }
    let other = names[name] ?? 0
    guard let found = people[me]?.lists.first(where: { $0.id == list }) else {
      return .refused(.notFound)
    }
    if !isAdding {
      // A block hides who made it, but from a list that names them already.
      let isMember = found.members.contains(other)
      if !isMember, blocks.contains(other, me) { return .refused(.notFound) }
      changeList(list, of: me) { $0.members.removeAll { $0 == other } }
      return .ok
    }
    if blocks.contains(other, me) { return .refused(.notFound) }
    if blocks.contains(me, other) { return .refused(.denied) }
    changeList(list, of: me) { if !$0.members.contains(other) { $0.members.append(other) } }
    return .ok
  }

  private mutating func newToken(
    _ scope: Scope, _ label: String?, _ seconds: Int64?, _ viewer: Viewer, _ me: UInt64,
    _ answered: Reply, _ time: Int64
  ) -> Reply {
    let isForAll = scope == .read || scope == .write
    if !isForAll, viewer.scope != .admin { return .refused(.denied) }
    // The text is shown once: who asks again with the same key is told the id alone.
    guard let id = answered["id"]?.textValue.flatMap({ UInt64($0) }),
      let text = answered["token"], text == .null || text.textValue != nil
    else { return .text("an id and a token") }
    let expires = seconds.map { time + $0 * 1_000 }
    issue(Token(id: id, scope: scope, label: label, created: time, expires: expires), to: me)
    return .map(["id": .id(id), "token": text])
  }
}
