import Domain

extension NaiveModel {
  /// What one journal record changes, with its text where it has one.
  mutating func fold(_ record: Record, _ secret: Secret?) {
    position = record.position.raw
    if firstTime == nil { firstTime = record.time.ms }
    let actor = record.actor.raw
    let time = record.time.ms
    switch (record.event, record.entity) {
    case (.user(let event), .user(let owner)): fold(event, owner.raw, secret, time, by: actor)
    case (.post(let event), .post(let id)): fold(event, id.raw, actor, secret, time)
    case (.chat(let event), .chat(let id)): fold(event, id.raw, actor, secret, time)
    case (.tag(.reviewed(let isAllowed)), .tag(let tag)):
      if isAllowed { denied.remove(tag.text) } else { denied.insert(tag.text) }
    case (.user, _), (.post, _), (.chat, _), (.tag, _): break
    }
  }

  // MARK: People

  private mutating func fold(
    _ event: UserEvent, _ me: UInt64, _ secret: Secret?, _ time: Int64, by actor: UInt64
  ) {
    switch event {
    case .signedUp(let name, _): signUp(me, name.text, secret?[.name], time)
    case .profileChanged(let isPrivate, let policy, _):
      change(me) {
        if let isPrivate { $0.isPrivate = isPrivate }
        if let policy { $0.messages = policy }
        if let name = secret?[.name] { $0.display = name }
        if let bio = secret?[.bio] { $0.bio = bio }
        if let avatar = secret?[.avatar] { $0.avatar = avatar }
      }
    case .followed(let other): follow(me, other.raw, time)
    case .unfollowed(let other), .followRequestWithdrawn(let other): unfollow(me, other.raw)
    case .followRequested(let other): request(me, other.raw, time)
    case .followAccepted(let other): accept(me, other.raw)
    case .followRejected(let other): reject(me, other.raw)
    case .blocked(let other): block(me, other.raw)
    case .unblocked(let other): blocks.remove(me, other.raw)
    case .muted(let other): mutes.append(me, other.raw)
    case .unmuted(let other): mutes.remove(me, other.raw)
    case .inboxRead(let through): change(me) { $0.readThrough = max($0.readThrough, through.raw) }
    case .inboxItemRead(let cause): readItem(me, causedAt: cause.raw)
    case .passwordChanged, .requestAnswered: break
    case .tokenIssued(let id, let scope, let expires, _):
      issue(
        Token(
          id: id.raw, scope: scope, label: secret?[.label], created: time, expires: expires?.ms),
        to: me)
    case .tokenRevoked(let id): change(me) { $0.tokens.removeAll { $0.id == id.raw } }
    case .erased: erase(me)
    case .verified(let value): change(me) { $0.isVerified = value }
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded, .tagFollowed, .tagUnfollowed,
      .listMade, .listDropped, .listAdded, .listRemoved:
      foldKept(event, me, secret)
    case .reported(let id, let person, let post):
      reports.append(
        Report(
          id: id.raw, reporter: me, person: person.raw, post: post?.raw,
          reason: secret?[.text] ?? "", time: time))
    case .reportClosed(let id):
      for index in reports.indices where reports[index].id == id.raw {
        reports[index].isClosed = true
      }
    }
  }

  /// What a person keeps for themself.
  private mutating func foldKept(_ event: UserEvent, _ me: UInt64, _ secret: Secret?) {
    switch event {
    case .bookmarked(let post): change(me) { $0.bookmarks.append(post.raw) }
    case .unbookmarked(let post): change(me) { $0.bookmarks.removeAll { $0 == post.raw } }
    case .pinned(let post): change(me) { $0.pins.append(post.raw) }
    case .unpinned(let post): change(me) { $0.pins.removeAll { $0 == post.raw } }
    case .mediaAdded(let id, let kind):
      let medium = Medium(id: id.raw, kind: kind, url: secret?[.link] ?? "", alt: secret?[.alt])
      change(me) { $0.media.append(medium) }
    case .tagFollowed(let tag): change(me) { $0.tags.append(tag.text) }
    case .tagUnfollowed(let tag): change(me) { $0.tags.removeAll { $0 == tag.text } }
    case .listMade(let id):
      change(me) { $0.lists.append(PeopleList(id: id.raw, title: secret?[.title] ?? "")) }
    case .listDropped(let id): change(me) { $0.lists.removeAll { $0.id == id.raw } }
    case .listAdded(let id, let other): changeList(id.raw, of: me) { $0.members.append(other.raw) }
    case .listRemoved(let id, let other):
      changeList(id.raw, of: me) { $0.members.removeAll { $0 == other.raw } }
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .followed,
      .unfollowed, .followRequested, .followRequestWithdrawn, .followAccepted, .followRejected,
      .blocked, .unblocked, .muted, .unmuted, .inboxRead, .inboxItemRead, .requestAnswered, .erased,
      .verified, .reported, .reportClosed:
      break
    }
  }

  mutating func issue(_ token: Token, to owner: UInt64) {
    change(owner) { $0.tokens.append(token) }
  }

  /// The text is gone; what it hung on stays.
  mutating func erase(_ me: UInt64) {
    change(me) { person in
      person.isErased = true
      person.isVerified = false
      person.tokens = []
      person.media = []
    }
  }

  // MARK: Posts

  private mutating func fold(
    _ event: PostEvent, _ id: UInt64, _ me: UInt64, _ secret: Secret?, _ time: Int64
  ) {
    switch event {
    case .published(let facts):
      write(id, by: me, Facts(facts, secret, self), isDraft: false, time)
    case .drafted(let facts, let scheduled):
      write(id, by: me, Facts(facts, secret, self, scheduled), isDraft: true, time)
    case .redrafted(let facts, let scheduled):
      edit(id, Facts(facts, secret, self, scheduled), time)
    case .released(let facts): release(id, order: facts.orderKey(of: PostID(id)), time)
    case .discarded: discard(id)
    case .deleted: delete(id)
    case .edited(let facts, _): edit(id, Facts(facts, secret, self), time)
    case .liked: like(id, me, time)
    case .unliked: unlike(id, me)
    case .shared(let share, _): self.share(id, me, share.raw, time)
    case .unshared: unshare(id, me)
    case .reacted(let emoji, _): react(id, me, emoji, time)
    case .unreacted: unreact(id, me)
    case .voted(let options, _): posts[id]?.votes.append(Vote(person: me, options: options))
    case .pollClosed: closePoll(id, time)
    case .viewed: posts[id]?.viewers.append(me)
    case .moderated(_, _, let to): moderate(id, to, by: me, time)
    }
  }

  // MARK: Chats

  private mutating func fold(
    _ event: ChatEvent, _ id: UInt64, _ me: UInt64, _ secret: Secret?, _ time: Int64
  ) {
    switch event {
    case .opened(let isDirect, let members):
      open(id, isDirect, members.map(\.raw), secret?[.title], time)
    case .left: leave(id, me)
    case .said(let message, let reply, let media):
      say(
        Message(
          id: message.raw, author: me, text: secret?[.text] ?? "", reply: reply?.raw,
          media: media.compactMap { medium(me, $0.id.raw) }, time: time, position: position),
        in: id)
    case .read(let message): chats[id]?.readMarks[me] = message.raw
    case .added(let people): join(id, people.map(\.raw), by: me, time)
    case .removed(let person): leave(id, person.raw)
    case .roleChanged(let person, let isAdmin): setRole(id, person.raw, isAdmin: isAdmin)
    case .titled:
      chats[id]?.title = secret?[.title]
      chats[id]?.titleAuthor = secret?[.title] == nil ? 0 : me
    case .unsaid(let message): unsay(id, message.raw)
    }
  }

  func medium(_ owner: UInt64, _ id: UInt64) -> Medium? {
    people[owner]?.media.first { $0.id == id }
  }
}

extension NaiveModel.Facts {
  /// As the journal has them.
  init(
    _ facts: PostFacts, _ secret: Secret?, _ model: NaiveModel, _ scheduled: Instant? = nil
  ) {
    self.init(
      text: secret?[.text] ?? "", visibility: facts.visibility, warning: secret?[.warning],
      link: secret?[.link], parent: facts.reply?.parent.raw, quote: facts.quote?.post.raw,
      tags: facts.tags.map(\.text), mentions: facts.mentions.map(\.raw),
      media: facts.media.compactMap { model.medium(facts.author.raw, $0.id.raw) },
      isStory: facts.isStory, scheduled: scheduled?.ms)
    guard let poll = facts.poll else { return }
    let words = secret?[.options]?.split(separator: "\n").map(String.init) ?? []
    self.poll = NaiveModel.Poll(
      options: words, isMultiple: poll.isMultiple, seconds: poll.secondsOpen)
  }
}
