import Domain
import Wire

/// What is done with posts.
extension NaiveModel {
  static let yearMs: Int64 = 366 * 86_400_000

  mutating func execute(
    _ call: PostCall, _ me: UInt64, _ answered: Reply, _ time: Int64
  ) -> Reply {
    switch call {
    case .write(let draft): return write(draft, me, answered, time)
    case .edit(let id, let text, let warning, let link):
      switch changeable(id, me, time) {
      case .refused(let refusal): return refusal
      case .found(let post):
        if post.moderation != .none { return .refused(.denied) }
        if post.versions.count >= 100 { return .refused(.denied) }
        var facts = post.facts
        facts.text = text
        if let warning { facts.warning = warning }
        if let link { facts.link = link }
        (facts.tags, facts.mentions) = found(in: text)
        edit(id, facts, time)
        return .ok
      }
    case .act(let verb, let id): return act(verb, me, id, time)
    case .react(let id, let emoji):
      return withLive(id, me, time) { model, post in
        if post.reactions.first(where: { $0.person == me })?.emoji != emoji {
          model.react(id, me, emoji, time)
        }
        return .count(model.posts[id]?.reactions.count ?? 0)
      }
    case .vote(let id, let options):
      return withLive(id, me, time) { $0.vote($1, me, options, time) }
    case .view(let ids): return view(ids, me, time)
    }
  }

  /// What is published and seen can be acted upon; nothing else.
  func live(_ id: UInt64, _ me: UInt64, _ time: Int64) -> Found<Post> {
    guard case .found(let post) = seen(id, me, at: time) else { return seen(id, me, at: time) }
    if post.stage == .draft { return .refused(.refused(.invalid)) }
    if post.moderation != .none { return .refused(.refused(.denied)) }
    return .found(post)
  }

  private mutating func withLive(
    _ id: UInt64, _ me: UInt64, _ time: Int64, _ body: (inout NaiveModel, Post) -> Reply
  ) -> Reply {
    switch live(id, me, time) {
    case .refused(let refusal): return refusal
    case .found(let post): return body(&self, post)
    }
  }

  /// One's own post, a draft or published.
  func changeable(_ id: UInt64, _ me: UInt64, _ time: Int64) -> Found<Post> {
    guard case .found(let post) = seen(id, me, at: time) else { return seen(id, me, at: time) }
    return post.author == me ? .found(post) : .refused(.refused(.denied))
  }

  private mutating func write(
    _ draft: PostDraft, _ me: UInt64, _ answered: Reply, _ time: Int64
  ) -> Reply {
    for named in [draft.reply, draft.quote].compactMap(\.self) {
      switch seen(named, me, at: time) {
      case .refused(let refusal): return refusal
      case .found(let post):
        if post.facts.isStory || status(post, at: time) != "published" {
          return .refused(.invalid)
        }
      }
    }
    var media: [Medium] = []
    for id in draft.media {
      guard let medium = medium(me, id) else { return .refused(.notFound) }
      media.append(medium)
    }
    if draft.isStory, draft.reply != nil { return .refused(.invalid) }
    if let at = draft.at, at <= time || at > time + Self.yearMs { return .refused(.invalid) }
    let (tags, mentions) = found(in: draft.text)
    let facts = Facts(
      text: draft.text, visibility: draft.visibility, warning: draft.warning, link: draft.link,
      parent: draft.reply, quote: draft.quote, tags: tags, mentions: mentions, media: media,
      poll: draft.poll, isStory: draft.isStory, scheduled: draft.at)
    return created(answered) {
      $0.write($1, by: me, facts, isDraft: draft.isDraft || draft.at != nil, time)
    }
  }

  private mutating func act(
    _ verb: PostCall.Acting, _ me: UInt64, _ id: UInt64, _ time: Int64
  ) -> Reply {
    switch verb {
    case .delete: return delete(id, me, time)
    case .publish: return publish(id, me, time)
    case .like, .unlike, .share, .unshare, .unreact:
      return withLive(id, me, time) { $0.mark(verb, $1, me, time) }
    case .bookmark:
      return withLive(id, me, time) { model, _ in
        model.change(me) { if !$0.bookmarks.contains(id) { $0.bookmarks.append(id) } }
        return .ok
      }
    case .unbookmark:
      change(me) { $0.bookmarks.removeAll { $0 == id } }
      return .ok
    case .pin: return pin(id, me, time)
    case .unpin:
      change(me) { $0.pins.removeAll { $0 == id } }
      return .ok
    }
  }

  private mutating func mark(
    _ verb: PostCall.Acting, _ post: Post, _ me: UInt64, _ time: Int64
  ) -> Reply {
    let id = post.id
    let isLiked = post.likes.contains { $0.person == me }
    let isShared = post.shares.contains { $0.person == me }
    switch verb {
    case .like: if !isLiked { like(id, me, time) }
    case .unlike: if isLiked { unlike(id, me) }
    case .share:
      if !isShared {
        if post.facts.isStory { return .refused(.invalid) }
        let isOpen = post.facts.visibility == .public && !isPrivate(post.author)
        if !isOpen, post.author != me { return .refused(.denied) }
        // The share's id is not shown; later than everything is all that matters here.
        share(id, me, newestOrder + 1, time)
      }
    case .unshare: if isShared { unshare(id, me) }
    case .unreact:
      unreact(id, me)
      return .count(posts[id]?.reactions.count ?? 0)
    case .delete, .publish, .bookmark, .unbookmark, .pin, .unpin:
      preconditionFailure("\(verb) marks nothing")
    }
    let isLike = verb == .like || verb == .unlike
    return .count((isLike ? posts[id]?.likes : posts[id]?.shares)?.count ?? 0)
  }

  private mutating func delete(_ id: UInt64, _ me: UInt64, _ time: Int64) -> Reply {
    switch changeable(id, me, time) {
    case .refused(let refusal): return refusal
    case .found(let post):
      if post.moderation != .none { return .refused(.denied) }
      if post.stage == .draft { discard(id) } else { delete(id) }
      return .ok
    }
  }

  private mutating func publish(_ id: UInt64, _ me: UInt64, _ time: Int64) -> Reply {
    switch changeable(id, me, time) {
    case .refused(let refusal): return refusal
    case .found(let post):
      // Behind a block that came since it was begun there is nobody to answer or quote; also of
      // what is published already.
      let others = [post.facts.parent, post.facts.quote].compactMap { $0.flatMap { posts[$0] } }
      if others.contains(where: { isBlocked(me, $0.author) }) {
        return .refused(.notFound)
      }
      // What a draft is ordered by is not shown either.
      if post.stage == .draft { release(id, order: newestOrder + 1, time) }
      return .id(id)
    }
  }
}
