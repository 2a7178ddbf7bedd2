import Domain

extension NaiveModel {
  /// Where two ways of getting here do not agree, in a sentence; nil if they do.
  func difference(from other: NaiveModel) -> String? {
    if position != other.position { return "position \(other.position) instead of \(position)" }
    let pairs = [
      ("followings", follows, other.follows), ("requests", requests, other.requests),
      ("blocks", blocks, other.blocks), ("mutes", mutes, other.mutes),
      ("answers to requests", answered, other.answered),
    ]
    for (title, ours, theirs) in pairs where ours != theirs { return "other \(title)" }
    let differences: [String?] = [
      Self.difference(people, other.people), Self.difference(posts, other.posts),
      Self.difference(chats, other.chats), Self.difference(reports, other.reports),
      postOrder == other.postOrder ? nil : "posts in another order",
      chatOrder == other.chatOrder ? nil : "chats in another order",
      denied == other.denied ? nil : "other denied hashtags",
    ]
    return differences.compactMap { $0 }.first ?? inboxDifference(from: other)
  }

  private func inboxDifference(from other: NaiveModel) -> String? {
    for person in everybody {
      let ours = causes[person] ?? []
      let theirs = other.causes[person] ?? []
      if let difference = Self.difference(ours, theirs) {
        return "\(name(person)) is told \(difference)"
      }
      if itemsRead[person] ?? [] != other.itemsRead[person] ?? [] {
        return "\(name(person)) has read other items"
      }
    }
    return nil
  }

  private static func difference<Element: Equatable>(
    _ ours: [UInt64: Element], _ theirs: [UInt64: Element]
  ) -> String? {
    if ours == theirs { return nil }
    for key in Set(ours.keys).union(theirs.keys).sorted() where ours[key] != theirs[key] {
      let (our, their) = (ours[key].map { "\($0)" }, theirs[key].map { "\($0)" })
      return "\(key): \(their ?? "nothing")\n  instead of\n  \(our ?? "nothing")"
    }
    return nil
  }

  private static func difference<Element: Equatable>(
    _ ours: [Element], _ theirs: [Element]
  ) -> String? {
    if ours == theirs { return nil }
    for (our, their) in zip(ours, theirs) where our != their {
      return "\(their) instead of \(our)"
    }
    return "\(theirs.count) instead of \(ours.count) of \(Element.self)"
  }

  /// Takes over what no reply shows: what shares and published drafts are ordered by, the chats
  /// that messages open, and between which of several events of one command something lies.
  mutating func learn(from folded: NaiveModel, after call: Call, by me: UInt64) {
    newestOrder = folded.newestOrder
    switch call {
    case .post(.act(.share, let id)):
      guard let index = posts[id]?.shares.lastIndex(where: { $0.person == me }),
        let known = folded.posts[id]?.shares.last(where: { $0.person == me })
      else { return }
      posts[id]!.shares[index].order = known.order
    case .post(.act(.publish, let id)):
      if let order = folded.posts[id]?.order { posts[id]?.order = order }
    case .chat(.message(let name, _)): learnDirectChat(from: folded, me, names[name] ?? 0)
    case .chat(.leave(let id)), .chat(.remove(let id, _)):
      if let known = folded.chats[id] { chats[id]?.stays = known.stays }
    case .own(.newToken): learnExpiry(from: folded, me)
    case .own(.readInbox): itemsRead[me] = folded.itemsRead[me]
    case .own(.erase):
      for id in chatOrder { if let known = folded.chats[id] { chats[id]?.stays = known.stays } }
    case .inPlaceOf(_, let call): learn(from: folded, after: call, by: me)
    case .signUp, .authenticate, .present, .relate, .post, .own, .chat, .moderate, .read, .page:
      break
    }
  }

  /// A token's time begins when it is asked for: a moment before its event.
  private mutating func learnExpiry(from folded: NaiveModel, _ me: UInt64) {
    guard let ours = people[me]?.tokens.last, let known = folded.people[me]?.tokens.last,
      let expires = ours.expires, let other = known.expires, abs(expires - other) <= 2
    else { return }
    change(me) { $0.tokens[$0.tokens.count - 1].expires = other }
  }

  private mutating func learnDirectChat(from folded: NaiveModel, _ me: UInt64, _ other: UInt64) {
    guard let id = directChats[[me, other]], let known = folded.directChat(me, other),
      known.id != id, var chat = chats.removeValue(forKey: id)
    else { return }
    chat.id = known.id
    chat.opened = known.opened
    chats[known.id] = chat
    directChats[[me, other]] = known.id
    chatOrder = chatOrder.map { $0 == id ? known.id : $0 }
  }
}
