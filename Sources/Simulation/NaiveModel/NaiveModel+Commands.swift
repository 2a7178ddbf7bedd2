import Domain
import Wire

extension NaiveModel {
  /// Carries out a command and says what it must answer. New ids come from what was answered; where
  /// the journal stands afterwards, from the journal.
  mutating func execute(
    _ call: Call, by caller: UInt64?, answered: Reply, at position: UInt64, time: Int64
  ) -> Reply {
    if position > self.position, firstTime == nil { firstTime = time }
    let before = self.position
    self.position = max(self.position, position)
    if case .signUp(let name, _) = call { return signUp(name, answered, time) }
    guard let me = caller, person(me) != nil else { return .refused(.noAuth) }
    switch call {
    case .signUp(let name, _): return signUp(name, answered, time)
    case .setPrivate(let value):
      change(me) { $0.isPrivate = value }
      return .ok
    case .setMessages(let policy):
      change(me) { $0.messages = policy }
      return .ok
    case .setName(let name):
      change(me) { $0.display = name }
      return .ok
    case .relate(let verb, let name): return relate(verb, me, name, time)
    case .post(let text, let visibility, let parent, let quote):
      for named in [parent, quote].compactMap(\.self) {
        guard let post = post(named), maySee(post, me) else { return .refused(.notFound) }
      }
      return created(answered) {
        $0.publish($1, by: me, text, visibility, parent: parent, quote: quote, time)
      }
    case .act(let verb, let id): return act(verb, me, id, time)
    case .chatNew(let names, let title): return openChat(me, names, title, answered, time)
    case .chatLeave(let chat): return leave(chat, me)
    case .say(let chat, let text, let reply): return say(chat, me, text, reply, answered, time)
    case .dm(let name, let text): return message(name, me, text, answered, time)
    case .readChat(let chat, let message): return read(chat, me, message)
    case .inboxReadAll:
      change(me) { $0.readThrough = before }
      return unreadReply(me)
    case .inboxRead(let ids): return readItems(ids, me)
    case .authenticate, .get, .profile, .relation, .unread, .chatInfo, .trendingTags,
      .trendingPosts, .page:
      preconditionFailure("\(call.words[0]) is no write")
    }
  }

  private func unreadReply(_ me: UInt64) -> Reply {
    .integer(Int64(inbox(me).count { $0["read"] == .integer(0) }))
  }

  /// What was answered, if it is an id; `body` makes the thing.
  mutating func created(
    _ answered: Reply, _ body: (inout NaiveModel, UInt64) -> Void
  ) -> Reply {
    guard let id = answered.textValue.flatMap({ UInt64($0) }) else { return .text("an id") }
    body(&self, id)
    return answered
  }

  private mutating func signUp(_ name: String, _ answered: Reply, _ time: Int64) -> Reply {
    if person(named: name) != nil { return .refused(.conflict) }
    guard let id = answered["id"]?.textValue.flatMap({ UInt64($0) }) else {
      return .text("an id and a username")
    }
    people.append(Person(id: id, name: name, created: time))
    return .map(["id": .text(String(id)), "username": .text(name)])
  }

  // MARK: Relations

  private mutating func relate(
    _ verb: Call.Relating, _ me: UInt64, _ name: String, _ time: Int64
  ) -> Reply {
    guard let other = person(named: name) else { return .refused(.notFound) }
    let pair = Pair(from: me, to: other.id)
    switch verb {
    case .follow: return follow(me, other, time)
    case .unfollow: unfollow(me, other.id)
    case .block:
      if other.id == me { return .refused(.invalid) }
      if !blocks(me, other.id) { block(me, other.id) }
    case .unblock: blocks.removeAll { $0 == pair }
    case .mute:
      if other.id == me { return .refused(.invalid) }
      if !mutes(me, other.id) { mutes.append(pair) }
    case .unmute: mutes.removeAll { $0 == pair }
    case .accept, .reject:
      let isAsked = requests.contains(Pair(from: other.id, to: me))
      guard isAsked || answered.contains(pair) else { return .refused(.notFound) }
      if isAsked { if verb == .accept { accept(me, other.id) } else { reject(me, other.id) } }
    }
    return .ok
  }

  private mutating func follow(_ me: UInt64, _ other: Person, _ time: Int64) -> Reply {
    if other.id == me { return .refused(.invalid) }
    if blocks(other.id, me) { return .refused(.notFound) }
    if blocks(me, other.id) { return .refused(.denied) }
    if follows(me, other.id) { return .text("following") }
    if other.isPrivate {
      request(me, other.id, time)
      return .text("requested")
    }
    follow(me, other.id, time)
    return .text("following")
  }

  // MARK: Posts

  private mutating func act(
    _ verb: Call.Acting, _ me: UInt64, _ id: UInt64, _ time: Int64
  ) -> Reply {
    guard let post = post(id), maySee(post, me) else { return .refused(.notFound) }
    let likes = likes.contains { $0.post == id && $0.person == me }
    let shares = shares.contains { $0.post == id && $0.person == me }
    switch verb {
    case .delete:
      if post.author != me { return .refused(.denied) }
      delete(id)
      return .ok
    case .like: if !likes { like(id, me, time) }
    case .unlike: if likes { unlike(id, me) }
    case .share:
      let isOpen = post.visibility == .public && person(post.author)?.isPrivate == false
      guard shares || isOpen || post.author == me else { return .refused(.denied) }
      // The share's id is not shown; later than everything is all that matters here.
      if !shares { share(id, me, newestID + 1, time) }
    case .unshare: if shares { unshare(id, me) }
    }
    let isLike = verb == .like || verb == .unlike
    let count = (isLike ? self.likes : self.shares).count { $0.post == id }
    return .integer(Int64(count))
  }

  private var newestID: UInt64 {
    max(posts.map(\.id).max() ?? 0, shares.map(\.id).max() ?? 0)
  }

  // MARK: Inbox

  private mutating func readItems(_ ids: [UInt64], _ me: UInt64) -> Reply {
    let shown = inbox(me).compactMap { $0["id"]?.textValue }
    for id in ids where !shown.contains(String(id)) { return .refused(.notFound) }
    for id in ids { readItem(me, causedAt: id) }
    return unreadReply(me)
  }
}
