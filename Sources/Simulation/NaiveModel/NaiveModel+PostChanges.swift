import Domain

/// What happens to posts.
extension NaiveModel {
  /// Tags and mentions as they stand in a text, each once.
  func found(in text: String) -> (tags: [String], mentions: [UInt64]) {
    let words = text.split(separator: " ")
    let tags = words.filter { $0.first == "#" }.map { $0.dropFirst().lowercased() }
    let mentioned = words.filter { $0.first == "@" }.map { String($0.dropFirst()) }
    return (Self.once(tags), Self.once(mentioned.compactMap { names[$0] }.filter { !isErased($0) }))
  }

  static func once<Element: Equatable>(_ elements: [Element]) -> [Element] {
    elements.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  mutating func write(
    _ id: UInt64, by me: UInt64, _ facts: Facts, isDraft: Bool, _ time: Int64
  ) {
    var post = Post(id: id, author: me, facts: facts, time: time, order: id)
    if isDraft { post.stage = .draft }
    posts[id] = post
    postOrder.append(id)
    newestOrder = max(newestOrder, id)
    if !isDraft { published(id, time) }
  }

  mutating func release(_ id: UInt64, order: UInt64, _ time: Int64) {
    guard posts[id]?.stage == .draft else { return }
    posts[id]!.stage = .published
    posts[id]!.time = time
    posts[id]!.order = order
    posts[id]!.facts.scheduled = nil
    newestOrder = max(newestOrder, order)
    published(id, time)
  }

  private mutating func published(_ id: UInt64, _ time: Int64) {
    guard let post = posts[id] else { return }
    if let parent = post.facts.parent { posts[parent]?.answers.append(id) }
    if let quote = post.facts.quote { posts[quote]?.quotes.append(id) }
    contribute(id, tags: post.facts.tags, isReply: true, time)
    forEachAddressee(of: post) { model, owner, kind in
      model.tellOfPost(owner, kind, post, time)
    }
  }

  private mutating func tellOfPost(_ owner: UInt64, _ kind: String, _ post: Post, _ time: Int64) {
    if admits(post, owner) { notify(owner, kind, post.id, by: post.author, time) }
  }

  /// One post tells one person one thing.
  private mutating func forEachAddressee(
    of post: Post, _ body: (inout NaiveModel, UInt64, String) -> Void
  ) {
    var told = [post.author]
    func addressees() -> [(UInt64, String)] {
      var all: [(UInt64, String)] = []
      if let parent = post.facts.parent, let author = posts[parent]?.author {
        all.append((author, "reply"))
      }
      if let quote = post.facts.quote, let author = posts[quote]?.author {
        all.append((author, "quote"))
      }
      return all + post.facts.mentions.map { ($0, "mention") }
    }
    for (owner, kind) in addressees() where !told.contains(owner) {
      told.append(owner)
      body(&self, owner, kind)
    }
  }

  mutating func edit(_ id: UInt64, _ facts: Facts, _ time: Int64) {
    guard let old = posts[id] else { return }
    posts[id]!.facts = facts
    if old.stage == .draft { return }
    posts[id]!.versions.append(
      Version(
        text: old.facts.text, warning: old.facts.warning, link: old.facts.link,
        time: old.editedAt ?? old.time))
    posts[id]!.editedAt = time
    posts[id]!.tagUses.removeAll { !facts.tags.contains($0.tag) }
    contribute(
      id, tags: facts.tags.filter { !old.facts.tags.contains($0) }, isReply: false, time)
    for mention in old.facts.mentions where !facts.mentions.contains(mention) {
      forget(mention, "mention", id)
    }
    forEachAddressee(of: posts[id]!) { model, owner, kind in
      if kind == "mention", !old.facts.mentions.contains(owner) {
        model.tellOfPost(owner, kind, model.posts[id]!, time)
      }
    }
  }

  mutating func discard(_ id: UInt64) { posts[id]?.stage = .ended }

  mutating func delete(_ id: UInt64) {
    guard let post = posts[id] else { return }
    posts[id]!.stage = .ended
    posts[id]!.likes = []
    posts[id]!.shares = []
    posts[id]!.tagUses = []
    posts[id]!.replyUse = nil
    forEachAddressee(of: post) { model, owner, kind in model.forget(owner, kind, id) }
    for kind in ["like", "share", "reaction", "poll", "moderation"] {
      forget(post.author, kind, id)
    }
    for vote in post.votes { forget(vote.person, "poll", id) }
  }

  mutating func moderate(_ id: UInt64, _ to: Moderation, by moderator: UInt64, _ time: Int64) {
    guard let post = posts[id], post.moderation != to else { return }
    posts[id]!.moderation = to
    if to != .none {
      forEachAddressee(of: post) { model, owner, kind in model.forget(owner, kind, id) }
      posts[id]!.tagUses = []
      posts[id]!.replyUse = nil
    } else {
      contribute(id, tags: post.facts.tags, isReply: true, time)
    }
    forget(post.author, "moderation", id)
    tell(post.author, "moderation", id, by: moderator, time)
  }

  /// Trends: what everybody may see, at the moment of being said.
  private mutating func contribute(
    _ id: UInt64, tags: [String], isReply: Bool, _ time: Int64
  ) {
    guard let post = posts[id], post.facts.visibility == .public, !post.facts.isStory,
      !isPrivate(post.author)
    else { return }
    posts[id]!.tagUses += tags.map { TagUse(tag: $0, time: time) }
    if isReply, post.facts.parent != nil { posts[id]!.replyUse = time }
  }

  // MARK: What others do to it

  mutating func like(_ id: UInt64, _ me: UInt64, _ time: Int64) {
    guard let author = posts[id]?.author else { return }
    posts[id]!.likes.append(Mark(person: me, time: time))
    notify(author, "like", id, by: me, time)
  }

  mutating func unlike(_ id: UInt64, _ me: UInt64) {
    guard let author = posts[id]?.author else { return }
    posts[id]!.likes.removeAll { $0.person == me }
    withdraw(author, "like", id, by: me)
  }

  mutating func share(_ id: UInt64, _ me: UInt64, _ order: UInt64, _ time: Int64) {
    guard let author = posts[id]?.author else { return }
    newestOrder = max(newestOrder, order)
    posts[id]!.shares.append(Mark(person: me, time: time, order: order))
    notify(author, "share", id, by: me, time)
  }

  mutating func unshare(_ id: UInt64, _ me: UInt64) {
    guard let author = posts[id]?.author else { return }
    posts[id]!.shares.removeAll { $0.person == me }
    withdraw(author, "share", id, by: me)
  }

  mutating func react(_ id: UInt64, _ me: UInt64, _ emoji: String, _ time: Int64) {
    guard let author = posts[id]?.author else { return }
    posts[id]!.reactions.removeAll { $0.person == me }
    posts[id]!.reactions.append(Reaction(person: me, emoji: emoji))
    notify(author, "reaction", id, by: me, time)
  }

  mutating func unreact(_ id: UInt64, _ me: UInt64) {
    guard let author = posts[id]?.author else { return }
    posts[id]!.reactions.removeAll { $0.person == me }
    withdraw(author, "reaction", id, by: me)
  }

  mutating func closePoll(_ id: UInt64, _ time: Int64) {
    guard let post = posts[id] else { return }
    posts[id]!.isPollClosed = true
    for owner in [post.author] + post.votes.map(\.person) {
      tell(owner, "poll", id, by: UserID.system.raw, time)
    }
  }
}
