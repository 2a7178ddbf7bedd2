import Domain
import Wire

extension NaiveModel {
  /// What a reading command answers, whole: for a page, all items.
  enum Answer {
    case reply(Reply)
    case items([Reply])
  }

  func answer(_ call: Call, by viewer: UInt64?, at now: Int64) -> Answer {
    if case .page(let list) = call { return answer(list, by: viewer) }
    return .reply(reply(call, by: viewer, at: now))
  }

  private func reply(_ call: Call, by viewer: UInt64?, at now: Int64) -> Reply {
    let me = viewer ?? 0
    switch call {
    case .get(let id):
      guard let post = post(id), maySee(post, viewer) else { return .refused(.notFound) }
      return describe(post, viewer)
    case .profile(let name): return profile(name, viewer)
    case .trendingTags: return .array(trendingTags(at: now))
    case .trendingPosts: return .array(trendingPosts(at: now, viewer))
    case .relation(let name): return relation(name, me)
    case .unread: return .integer(Int64(inbox(me).count { $0["read"] == .integer(0) }))
    case .chatInfo(let chat): return chatInfo(chat, me)
    case .signUp, .authenticate, .setPrivate, .setMessages, .setName, .relate, .post, .act,
      .chatNew, .chatLeave, .say, .dm, .readChat, .inboxReadAll, .inboxRead, .page:
      preconditionFailure("\(call.words[0]) is no read of one value")
    }
  }

  private func answer(_ list: Call.List, by viewer: UInt64?) -> Answer {
    let me = viewer ?? 0
    switch list {
    case .home: return .items(home(me))
    case .everybody:
      let open = posts.filter { post in
        post.visibility == .public
          && (post.parent == nil || self.post(post.parent ?? 0)?.author == post.author)
      }
      return .items(newest(open.filter { maySee($0, viewer) }).map { describe($0, viewer) })
    case .tag(let tag):
      let tagged = posts.filter { $0.visibility == .public && $0.tags.contains(tag) }
      return .items(newest(tagged.filter { maySee($0, viewer) }).map { describe($0, viewer) })
    case .timeline(let name, let replies): return timeline(name, replies, viewer)
    case .thread(let id): return thread(id, viewer)
    case .followers(let name):
      return edges(name, viewer) { id in follows.filter { $0.to == id }.map(\.from) }
    case .following(let name):
      return edges(name, viewer) { id in follows.filter { $0.from == id }.map(\.to) }
    case .inbox(let unread):
      return .items(inbox(me).filter { !unread || $0["read"] == .integer(0) })
    case .chats: return .items(chatList(me))
    case .requests:
      let mine = requests.filter { $0.to == me }
      return .items(mine.reversed().map { .text(self.name($0.from)) })
    case .history(let chat):
      return history(chat, me).map { .items($0) } ?? .reply(.refused(.notFound))
    }
  }

  private func newest(_ posts: [Post]) -> [Post] { posts.sorted { $0.id > $1.id } }

  // MARK: People

  /// Nil where the profile's lists are open to the viewer.
  private func closed(_ person: Person?, to viewer: UInt64?) -> Reply? {
    guard let person else { return .refused(.notFound) }
    if person.id == viewer { return nil }
    if let viewer, isBlocked(viewer, person.id) { return .refused(.notFound) }
    if person.isPrivate, !(viewer.map { follows($0, person.id) } ?? false) {
      return .refused(.denied)
    }
    return nil
  }

  private func edges(
    _ name: String, _ viewer: UInt64?, _ list: (UInt64) -> [UInt64]
  ) -> Answer {
    let person = person(named: name)
    if let refusal = closed(person, to: viewer) { return .reply(refusal) }
    return .items(list(person?.id ?? 0).reversed().map { .text(self.name($0)) })
  }

  private func relation(_ name: String, _ me: UInt64) -> Reply {
    guard let other = person(named: name)?.id else { return .refused(.notFound) }
    func flag(_ value: Bool) -> Reply { .integer(value ? 1 : 0) }
    return .map([
      "following": flag(follows(me, other)), "followed_by": flag(follows(other, me)),
      "requested": flag(requests.contains(Pair(from: me, to: other))),
      "blocking": flag(blocks(me, other)), "blocked_by": flag(false),
      "muting": flag(mutes(me, other)),
    ])
  }

  private func profile(_ name: String, _ viewer: UInt64?) -> Reply {
    guard let person = person(named: name) else { return .refused(.notFound) }
    if let viewer, blocks(person.id, viewer) { return .refused(.notFound) }
    let written = posts.count { $0.author == person.id && !$0.isDeleted }
    return .map([
      "id": .text(String(person.id)), "username": .text(person.name),
      "name": person.display.map { .text($0) } ?? .null, "bio": .null, "avatar": .null,
      "verified": .integer(0), "private": .integer(person.isPrivate ? 1 : 0),
      "messages": .text("\(person.messages)"), "created_at": .integer(person.created),
      "followers": .integer(Int64(follows.count { $0.to == person.id })),
      "following": .integer(Int64(follows.count { $0.from == person.id })),
      "posts": .integer(Int64(written)),
    ])
  }

  // MARK: Posts

  func describe(_ post: Post, _ viewer: UInt64?, sharedBy sharer: UInt64? = nil) -> Reply {
    let id = post.id
    let replies = posts.count { $0.parent == id && !$0.isDeleted }
    let quotes = posts.count { $0.quote == id && !$0.isDeleted }
    var map = ReplyMap([
      ("id", .text(String(id))), ("author", .text(name(post.author))),
      ("author_id", .text(String(post.author))), ("kind", .text("text")),
      ("text", .text(post.text)), ("visibility", .text("\(post.visibility)")),
      ("status", .text("published")), ("created_at", .integer(post.time)), ("edited_at", .null),
      ("expires_at", .null), ("reply_to", post.parent.map { .text(String($0)) } ?? .null),
      ("root", .text(String(root(of: post)))),
      ("quote_of", post.quote.map { .text(String($0)) } ?? .null), ("warning", .null),
      ("tags", .array(post.tags.map { .text($0) })),
      ("mentions", .array(post.mentions.map { .text(name($0)) })), ("media", .array([])),
      ("poll", .null), ("likes", .integer(Int64(likes.count { $0.post == id }))),
      ("replies", .integer(Int64(replies))),
      ("shares", .integer(Int64(shares.count { $0.post == id }))),
      ("quotes", .integer(Int64(quotes))), ("views", .integer(0)),
    ])
    if let viewer {
      let isLiked = likes.contains { $0.post == id && $0.person == viewer }
      let isShared = shares.contains { $0.post == id && $0.person == viewer }
      map.append("liked", .integer(isLiked ? 1 : 0))
      map.append("shared", .integer(isShared ? 1 : 0))
      map.append("bookmarked", .integer(0))
    }
    if let sharer { map.append("shared_by", .text(name(sharer))) }
    return .map(map)
  }

  private func root(of post: Post) -> UInt64 {
    var top = post
    while let parent = top.parent.flatMap({ self.post($0) }) { top = parent }
    return top.id
  }

  private func timeline(_ name: String, _ replies: Bool, _ viewer: UInt64?) -> Answer {
    let person = person(named: name)
    if let refusal = closed(person, to: viewer) { return .reply(refusal) }
    let author = person?.id ?? 0
    var items: [(key: UInt64, item: Reply)] = []
    for post in posts where post.author == author && maySee(post, viewer) {
      let answers = post.parent.flatMap { self.post($0)?.author }
      guard replies || answers == nil || answers == author else { continue }
      items.append((post.id, describe(post, viewer)))
    }
    for share in shares where share.person == author {
      guard let post = post(share.post), maySee(post, viewer) else { continue }
      items.append((share.id, describe(post, viewer, sharedBy: author)))
    }
    return .items(items.sorted { $0.key > $1.key }.map(\.item))
  }

  private func thread(_ id: UInt64, _ viewer: UInt64?) -> Answer {
    guard let post = post(id), maySee(post, viewer) else { return .reply(.refused(.notFound)) }
    var items: [Reply] = []
    func take(_ post: Post, _ depth: Int) {
      guard maySee(post, viewer), case .map(var map) = describe(post, viewer) else { return }
      map.append("depth", .integer(Int64(depth)))
      items.append(.map(map))
    }
    func descend(_ post: Post, _ depth: Int) {
      take(post, depth)
      for answer in posts where answer.parent == post.id { descend(answer, depth + 1) }
    }
    var ancestors: [Post] = []
    var top = post
    while let parent = top.parent.flatMap({ self.post($0) }) {
      ancestors.append(parent)
      top = parent
    }
    for (index, ancestor) in ancestors.enumerated().reversed() { take(ancestor, -index - 1) }
    descend(post, 0)
    return .items(items)
  }
}
