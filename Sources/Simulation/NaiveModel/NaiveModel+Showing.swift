import Domain
import Wire

/// How things are shown.
extension NaiveModel {
  func describe(
    _ post: Post, _ viewer: UInt64?, at now: Int64, sharedBy sharer: UInt64? = nil
  ) -> Reply {
    let id = post.id
    let isErased = isErased(post.author)
    func own(_ text: String?) -> Reply { isErased ? .null : .words(text) }
    let facts = post.facts
    func isCounted(_ id: UInt64) -> Bool {
      posts[id].map { $0.stage == .published && $0.moderation == .none } ?? false
    }
    var map = ReplyMap([
      ("id", .id(id)), ("author", .text(name(post.author))), ("author_id", .id(post.author)),
      ("kind", .text(isErased ? "text" : kind(facts))), ("text", own(facts.text)),
      ("visibility", .text("\(facts.visibility)")),
      ("status", .words(status(post, at: now))), ("created_at", .integer(post.time)),
      ("edited_at", .number(post.editedAt)), ("expires_at", .number(expires(post))),
      ("reply_to", .id(facts.parent)), ("root", .id(root(of: post))),
      ("quote_of", .id(facts.quote)), ("warning", own(facts.warning)),
      ("tags", .array(isErased ? [] : facts.tags.map { .text($0) })),
      ("mentions", .array(isErased ? [] : facts.mentions.map { .text(name($0)) })),
      ("media", .array(isErased ? [] : facts.media.map { describe($0, isErased: false) })),
      ("poll", isErased ? .null : describePoll(post, viewer, at: now)), ("link", own(facts.link)),
      ("likes", .count(post.likes.count)),
      ("replies", .count(post.answers.count(where: isCounted))),
      ("shares", .count(post.shares.count)),
      ("quotes", .count(post.quotes.count(where: isCounted))),
      ("views", .count(post.viewers.count)), ("reactions", reactions(post)),
    ])
    if post.stage == .draft, let scheduled = facts.scheduled {
      map.append("scheduled_at", .integer(scheduled))
    }
    if let viewer {
      map.append("liked", .flag(post.likes.contains { $0.person == viewer }))
      map.append("shared", .flag(post.shares.contains { $0.person == viewer }))
      map.append("bookmarked", .flag(people[viewer]?.bookmarks.contains(id) ?? false))
      map.append("reacted", .words(post.reactions.first { $0.person == viewer }?.emoji))
    }
    if let sharer { map.append("shared_by", .text(name(sharer))) }
    return .map(map)
  }

  private func kind(_ facts: Facts) -> String {
    if facts.poll != nil { return "poll" }
    if let medium = facts.media.first { return "\(medium.kind)" }
    return facts.link == nil ? "text" : "link"
  }

  func describe(_ medium: Medium, isErased: Bool) -> Reply {
    .map([
      "id": .id(medium.id), "kind": .text("\(medium.kind)"),
      "url": isErased ? .null : .text(medium.url), "alt": isErased ? .null : .words(medium.alt),
    ])
  }

  private func describePoll(_ post: Post, _ viewer: UInt64?, at now: Int64) -> Reply {
    guard let poll = post.facts.poll else { return .null }
    let closes = pollCloses(post)
    let isClosed = closes.map { now >= $0 } ?? false
    let own = viewer.flatMap { viewer in post.votes.first { $0.person == viewer } }
    let isShown = own != nil || isClosed || viewer == post.author
    let options = poll.options.enumerated().map { index, text in
      let votes = post.votes.count { $0.options.contains(index) }
      return Reply.map([
        "text": .text(text), "votes": isShown ? .count(votes) : .null,
      ])
    }
    var map: ReplyMap = [
      "options": .array(options), "multiple": .flag(poll.isMultiple),
      "closes_at": .number(closes), "closed": .flag(isClosed), "voters": .count(post.votes.count),
    ]
    if viewer != nil { map.append("voted", .array((own?.options ?? []).map { .count($0) })) }
    return .map(map)
  }

  /// The most frequent first, at most twenty; of equals, by code point.
  private func reactions(_ post: Post) -> Reply {
    let emojis = Self.once(post.reactions.map(\.emoji))
    let counted = emojis.map { emoji in
      (emoji, post.reactions.count { $0.emoji == emoji })
    }
    let sorted = counted.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
    return .array(sorted.prefix(20).flatMap { [.text($0.0), .count($0.1)] })
  }

  func root(of post: Post) -> UInt64 {
    var top = post
    while let parent = top.facts.parent.flatMap({ posts[$0] }) { top = parent }
    return top.id
  }

  // MARK: People

  func profile(_ name: String, _ viewer: UInt64?, at now: Int64) -> Reply {
    let person: Person
    switch known(name, to: viewer) {
    case .refused(let refusal): return refusal
    case .found(let found): person = found
    }
    if let viewer, blocks.contains(person.id, viewer) { return .refused(.notFound) }
    let written = postOrder.count { id in
      posts[id].map {
        $0.author == person.id && $0.stage == .published && !$0.facts.isStory
          && $0.moderation == .none
      } ?? false
    }
    let pinned = person.pins.reversed().compactMap { posts[$0] }
      .filter { mayList($0, viewer, at: now) }
    return .map([
      "id": .id(person.id), "username": .text(person.name), "name": .words(person.display),
      "bio": .words(person.bio), "avatar": .words(person.avatar),
      "verified": .flag(person.isVerified), "private": .flag(person.isPrivate),
      "messages": .text("\(person.messages)"), "created_at": .integer(person.created),
      "followers": .count(follows.to(person.id).count),
      "following": .count(follows.from(person.id).count), "posts": .count(written),
      "pinned": .array(pinned.map { .id($0.id) }),
    ])
  }

  func relation(_ name: String, _ me: UInt64) -> Reply {
    switch known(name, to: me) {
    case .refused(let refusal): return refusal
    case .found(let person):
      let other = person.id
      return .map([
        "following": .flag(follows.contains(me, other)),
        "followed_by": .flag(follows.contains(other, me)),
        "requested": .flag(requests.contains(me, other)),
        "blocking": .flag(blocks.contains(me, other)), "blocked_by": .flag(false),
        "muting": .flag(mutes.contains(me, other)),
      ])
    }
  }

  // MARK: Chats

  func chatInfo(_ id: UInt64, _ me: UInt64) -> Reply {
    guard let chat = chats[id], knows(id, me) else { return .refused(.notFound) }
    let isMember = isMember(id, me)
    let stay = chat.stays.last { $0.person == me }
    let members = (isMember ? chat.members : []).map { member in
      Reply.map([
        "username": .text(name(member)),
        "role": .text(chat.admins.contains(member) ? "admin" : "member"),
        "read": .id(chat.readMarks[member]),
      ])
    }
    return .map([
      "id": .id(id), "direct": .flag(chat.isDirect),
      "title": isMember
        ? title(chat.title, by: chat.titleAuthor)
        : title(stay?.title, by: stay?.titleAuthor ?? 0),
      "created_at": .integer(chat.opened), "members": .array(members),
      "unread": .count(unread(chat, me)),
    ])
  }

  private func title(_ title: String?, by author: UInt64) -> Reply {
    isErased(author) ? .null : .words(title)
  }

  /// By the last message or, if that is newer, by one's own joining.
  func chatList(_ me: UInt64) -> [Reply] {
    let mine = chatOrder.compactMap { chats[$0] }.filter { isMember($0.id, me) }
    func key(_ chat: Chat) -> UInt64 {
      let joined = chat.stays.last { $0.person == me }?.from ?? chat.position
      return max(chat.messages.last?.position ?? 0, joined)
    }
    return mine.map { ($0, key($0)) }.sorted { $0.1 > $1.1 }.map { describe($0.0, me) }
  }

  /// A line of somebody's list of chats.
  func describe(_ chat: Chat, _ me: UInt64) -> Reply {
    .map([
      "id": .id(chat.id), "direct": .flag(chat.isDirect),
      "title": title(chat.title, by: chat.titleAuthor),
      "members": .array(chat.members.map { .text(name($0)) }),
      "unread": .count(unread(chat, me)),
      "last_message": visibleMessages(chat, me).last.map { describe($0, in: chat.id) } ?? .null,
    ])
  }

  func describe(_ message: Message, in chat: UInt64) -> Reply {
    let isErased = isErased(message.author)
    return .map([
      "id": .id(message.id), "chat": .id(chat), "author": .text(name(message.author)),
      "text": message.isUnsaid || isErased ? .null : .text(message.text),
      "reply_to": .id(message.reply), "created_at": .integer(message.time),
      "media": .array(message.media.map { describe($0, isErased: isErased) }),
      "unsaid": .flag(message.isUnsaid),
    ])
  }
}
