import Domain

extension NaiveModel {
  /// What one journal record changes, with its text where it has one.
  mutating func fold(_ record: Record, _ secret: Secret?) {
    position = record.position.raw
    if firstTime == nil { firstTime = record.time.ms }
    let actor = record.actor.raw
    let time = record.time.ms
    switch (record.event, record.entity) {
    case (.user(let event), _): fold(event, actor, secret, time)
    case (.post(let event), .post(let id)): fold(event, id.raw, actor, secret, time)
    case (.chat(let event), .chat(let id)): fold(event, id.raw, actor, secret, time)
    case (.post, _), (.chat, _), (.tag, _): break
    }
  }

  // MARK: People

  private mutating func fold(
    _ event: UserEvent, _ me: UInt64, _ secret: Secret?, _ time: Int64
  ) {
    switch event {
    case .signedUp(let name, _):
      people.append(Person(id: me, name: name.text, created: time, display: secret?[.name]))
    case .profileChanged(let isPrivate, let policy, _):
      change(me) {
        if let isPrivate { $0.isPrivate = isPrivate }
        if let policy { $0.messages = policy }
        if let name = secret?[.name] { $0.display = name }
      }
    case .followed(let other): follow(me, other.raw, time)
    case .unfollowed(let other), .followRequestWithdrawn(let other): unfollow(me, other.raw)
    case .followRequested(let other): request(me, other.raw, time)
    case .followAccepted(let other): accept(me, other.raw)
    case .followRejected(let other): reject(me, other.raw)
    case .blocked(let other): block(me, other.raw)
    case .unblocked(let other): blocks.removeAll { $0 == Pair(from: me, to: other.raw) }
    case .muted(let other): mutes.append(Pair(from: me, to: other.raw))
    case .unmuted(let other): mutes.removeAll { $0 == Pair(from: me, to: other.raw) }
    case .inboxRead(let through): change(me) { $0.readThrough = max($0.readThrough, through.raw) }
    case .inboxItemRead(let cause): readItem(me, causedAt: cause.raw)
    case .passwordChanged, .tokenIssued, .tokenRevoked, .requestAnswered: break
    case .erased, .verified: break
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: break
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: break
    case .reported, .reportClosed: break
    }
  }

  mutating func change(_ id: UInt64, _ body: (inout Person) -> Void) {
    if let index = people.firstIndex(where: { $0.id == id }) { body(&people[index]) }
  }

  mutating func follow(_ me: UInt64, _ other: UInt64, _ time: Int64) {
    // Whoever was blocked while their following was on its way does not follow.
    if blocks(other, me) { return }
    endRequest(me, other)
    if follows(me, other) { return }
    follows.append(Pair(from: me, to: other))
    notify(other, "follow", 0, by: me, time)
  }

  mutating func unfollow(_ me: UInt64, _ other: UInt64) {
    endFollow(me, other)
    endRequest(me, other)
  }

  mutating func request(_ me: UInt64, _ other: UInt64, _ time: Int64) {
    if blocks(other, me) { return }
    endFollow(me, other)
    if requests.contains(Pair(from: me, to: other)) { return }
    requests.append(Pair(from: me, to: other))
    notify(other, "request", me, by: me, time)
  }

  mutating func accept(_ me: UInt64, _ other: UInt64) {
    answered.append(Pair(from: me, to: other))
    guard requests.contains(Pair(from: other, to: me)) else { return }
    endRequest(other, me)
    follows.append(Pair(from: other, to: me))
  }

  mutating func reject(_ me: UInt64, _ other: UInt64) {
    answered.append(Pair(from: me, to: other))
    endRequest(other, me)
  }

  mutating func block(_ me: UInt64, _ other: UInt64) {
    unfollow(me, other)
    unfollow(other, me)
    answered.removeAll { $0 == Pair(from: me, to: other) }
    blocks.append(Pair(from: me, to: other))
    for index in causes.indices where causes[index].owner == me && causes[index].actor == other {
      causes[index].isActive = false
    }
  }

  private mutating func endFollow(_ from: UInt64, _ to: UInt64) {
    follows.removeAll { $0 == Pair(from: from, to: to) }
    withdraw(to, "follow", 0, by: from)
  }

  private mutating func endRequest(_ from: UInt64, _ to: UInt64) {
    requests.removeAll { $0 == Pair(from: from, to: to) }
    withdraw(to, "request", from, by: from)
  }

  // MARK: Posts

  private mutating func fold(
    _ event: PostEvent, _ id: UInt64, _ me: UInt64, _ secret: Secret?, _ time: Int64
  ) {
    switch event {
    case .published(let facts):
      publish(
        id, by: me, secret?[.text] ?? "", facts.visibility, parent: facts.reply?.parent.raw,
        quote: facts.quote?.post.raw, mentions: facts.mentions.map(\.raw), time)
    case .deleted: delete(id)
    case .liked: like(id, me, time)
    case .unliked: unlike(id, me)
    case .shared(let share, _): self.share(id, me, share.raw, time)
    case .unshared: unshare(id, me)
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: break
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: break
    }
  }

  mutating func publish(
    _ id: UInt64, by me: UInt64, _ text: String, _ visibility: Visibility, parent: UInt64?,
    quote: UInt64?, mentions known: [UInt64]? = nil, _ time: Int64
  ) {
    let words = text.split(separator: " ")
    let tags = words.filter { $0.first == "#" }.map { $0.dropFirst().lowercased() }
    let names = words.filter { $0.first == "@" }.map { String($0.dropFirst()) }
    // Whoever signed up while this was on its way may or may not have been found.
    let mentions = known ?? names.compactMap { person(named: $0)?.id }
    let post = Post(
      id: id, author: me, text: text, visibility: visibility, parent: parent, quote: quote,
      tags: once(tags), mentions: once(mentions), time: time,
      trends: visibility == .public && person(me)?.isPrivate == false)
    posts.append(post)
    var told = [me]
    func tell(_ owner: UInt64?, _ kind: String) {
      guard let owner, !told.contains(owner) else { return }
      told.append(owner)
      if maySee(post, owner) { notify(owner, kind, id, by: me, time) }
    }
    tell(parent.flatMap { self.post($0)?.author }, "reply")
    tell(quote.flatMap { self.post($0)?.author }, "quote")
    for mention in post.mentions { tell(mention, "mention") }
  }

  mutating func delete(_ id: UInt64) {
    guard let index = posts.firstIndex(where: { $0.id == id }) else { return }
    posts[index].isDeleted = true
    likes.removeAll { $0.post == id }
    shares.removeAll { $0.post == id }
    causes.removeAll { $0.object == id && $0.kind != "request" }
  }

  mutating func like(_ id: UInt64, _ me: UInt64, _ time: Int64) {
    likes.append(Mark(post: id, person: me, time: time))
    if let author = post(id)?.author { notify(author, "like", id, by: me, time) }
  }

  mutating func unlike(_ id: UInt64, _ me: UInt64) {
    likes.removeAll { $0.post == id && $0.person == me }
    if let author = post(id)?.author { withdraw(author, "like", id, by: me) }
  }

  mutating func share(_ id: UInt64, _ me: UInt64, _ share: UInt64, _ time: Int64) {
    shares.append(Mark(post: id, person: me, time: time, id: share))
    if let author = post(id)?.author { notify(author, "share", id, by: me, time) }
  }

  mutating func unshare(_ id: UInt64, _ me: UInt64) {
    shares.removeAll { $0.post == id && $0.person == me }
    if let author = post(id)?.author { withdraw(author, "share", id, by: me) }
  }

  private func once<Element: Equatable>(_ elements: [Element]) -> [Element] {
    elements.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
