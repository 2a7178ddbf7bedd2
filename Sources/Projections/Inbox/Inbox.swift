package import Domain

/// What happened to everyone: who followed, asked, mentioned, answered, liked, shared, quoted,
/// reacted, invited; which polls have ended, and what moderators decided.
///
/// - Likes, shares and reactions of one post are one item each, followings are one item.
/// - What is withdrawn is withdrawn here. Done again it is listed again, but notifies nobody again.
/// - One post tells one person one thing: that it answers them, or else quotes, or else mentions.
/// - Nothing comes from oneself, from whom one blocks or mutes at the time, or about a post that
///   one could not see at the time. Blocking someone withdraws what came from them and says so.
/// - An invitation into a group chat is withdrawn when its owner leaves or is removed.
/// - An accepted request leaves no item: the owner did it.
/// - What moderators hide is withdrawn from whom it answered, quoted or mentioned, and does not
///   come back. Its author is told of each decision.
/// - The end of a poll is told to its author and to all who voted, whomever they mute.
package struct Inbox: Projection {
  package static let name = ProjectionName.inbox
  package static let foldVersion: UInt32 = 3
  package static let encodingVersion: UInt32 = 3
  /// How many actors an item shows; its count is exact.
  package static let actorsShownMax = 10

  package internal(set) var position = Position.zero
  /// Everyone's item of followings.
  var followings = SegmentedArray<InboxItem?>(empty: nil)
  /// Everything else: one or none for everyone.
  var inboxes = SegmentedArray<[PersonInbox]>(empty: [])
  /// Local people who voted in a poll that is not deleted.
  var voters = SegmentedMap<PostID, [PersonIndex]>()

  /// The exact number of unread items, O(1), on the owner's shard.
  package func unread(of owner: PersonIndex) -> Int { inbox(of: owner)?.unread ?? 0 }

  func inbox(of owner: PersonIndex) -> WholeInbox? {
    guard owner.row < inboxes.count else { return nil }
    return WholeInbox(followings: followings[owner.row], others: inboxes[owner.row].first)
  }

  /// Makes room for everyone who is named by now.
  mutating func grow(toHold people: People) {
    followings.grow(toHold: people.count - 1)
    inboxes.grow(toHold: people.count - 1)
  }

  /// Makes the inbox if there is none.
  mutating func change(_ owner: PersonIndex, _ body: (inout PersonInbox) -> Void) {
    if inboxes[owner.row].isEmpty { inboxes[owner.row].append(PersonInbox()) }
    body(&inboxes[owner.row][0])
  }

  private mutating func changeIfAny(
    _ owner: PersonIndex, _ body: (inout PersonInbox) -> Void
  ) {
    if !inboxes[owner.row].isEmpty { body(&inboxes[owner.row][0]) }
  }

  private mutating func changeFollowingsIfAny(
    of owner: PersonIndex, _ body: (inout InboxItem) -> Void
  ) {
    if followings[owner.row] != nil { body(&followings[owner.row]!) }
  }

  private mutating func noteFollowing(
    of owner: PersonIndex, by person: PersonIndex, _ record: Record
  ) {
    let position = record.position.raw
    guard followings[owner.row] == nil else {
      _ = followings[owner.row]!.add(person, at: position, record.time)
      return
    }
    let cause = InboxCause(position: position, person: person, isActive: true)
    followings[owner.row] = InboxItem(key: .follows, first: cause, record.time)
  }

  mutating func fold(
    _ record: Record, _ cast: Cast, people: People, graph: Graph, change: Graph.Change
  ) {
    position = record.position
    grow(toHold: people)
    switch record.event {
    case .user(let event): fold(event, record, cast, people, graph, change)
    case .post(let event): fold(event, record, cast, people, graph)
    case .chat(let event): fold(event, record, cast, people, graph)
    case .tag: break
    }
  }

  // MARK: Relations

  private mutating func fold(
    _ event: UserEvent, _ record: Record, _ cast: Cast, _ people: People, _ graph: Graph,
    _ change: Graph.Change
  ) {
    let actor = cast.actor
    if case .inboxRead(let through) = event, people.isLocal(actor) {
      // Also where nothing is: whether something was there once must not matter.
      self.change(actor) { $0.markRead(through: through.raw) }
    }
    if case .inboxItemRead(let cause) = event, people.isLocal(actor) {
      markItemRead(of: actor, causedAt: cause.raw, through: record.position.raw)
    }
    guard let other = cast.other else { return }
    for ended in change.ended where people.isLocal(ended.followed) {
      changeFollowingsIfAny(of: ended.followed) { $0.withdraw(ended.follower) }
    }
    for ended in change.endedRequests {
      changeIfAny(ended.owner) { $0.withdraw(.request(by: ended.person), by: ended.person) }
    }
    switch event {
    case .followed:
      if change.hasBegun, people.isLocal(other), Self.refusal(of: actor, for: other, graph) == nil {
        noteFollowing(of: other, by: actor, record)
      }
    case .followRequested:
      if people.isLocal(other), graph.relation(of: other, to: actor).requestedBy {
        notify(other, .request(by: actor), by: actor, record, people, graph)
      }
    case .blocked:
      if people.isLocal(actor) {
        changeIfAny(actor) { $0.withdrawAll(by: other) }
        changeFollowingsIfAny(of: actor) { $0.withdraw(other) }
      }
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .unfollowed,
      .followRequestWithdrawn, .followAccepted, .followRejected, .unblocked, .muted, .unmuted,
      .inboxRead, .inboxItemRead, .requestAnswered:
      break
    case .erased, .verified: break
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: break
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: break
    case .reported, .reportClosed: break
    }
  }

  private mutating func markItemRead(
    of owner: PersonIndex, causedAt position: UInt64, through: UInt64
  ) {
    if followings[owner.row]?.hasCause(at: position) ?? false {
      changeFollowingsIfAny(of: owner) { $0.readThrough = max($0.readThrough, through) }
    } else {
      changeIfAny(owner) { $0.markItemRead(causedAt: position, through: through) }
    }
  }

  // MARK: Posts

  private mutating func fold(
    _ event: PostEvent, _ record: Record, _ cast: Cast, _ people: People, _ graph: Graph
  ) {
    guard case .post(let post) = record.entity, let author = cast.other else { return }
    let actor = cast.actor
    switch event {
    case .published(let facts), .released(let facts):
      Self.forEachAddressee(of: facts, people) { owner, kind in
        guard people.isLocal(owner), Self.maySee(facts, author, owner, people, graph) else {
          return
        }
        let key = InboxKey(kind: kind, object: post.raw)
        notify(owner, key, by: author, record, people, graph)
      }
    case .edited(let facts, let revision):
      fold(revision, of: facts, post, by: author, record, people, graph)
    case .moderated(let facts, _, let to):
      if to.isHidden { withdraw(facts, post, people) }
      let key = InboxKey(kind: .moderation, object: post.raw)
      remove(key, from: author, people)
      tell(author, key, by: actor, record, people)
    case .deleted(let facts):
      withdraw(facts, post, people)
      for kind in [InboxKind.like, .share, .reaction, .poll, .moderation] {
        remove(InboxKey(kind: kind, object: post.raw), from: author, people)
      }
      for voter in voters[post] ?? [] {
        remove(InboxKey(kind: .poll, object: post.raw), from: voter, people)
      }
      voters[post] = nil
    case .liked:
      notify(author, InboxKey(kind: .like, object: post.raw), by: actor, record, people, graph)
    case .shared:
      notify(author, InboxKey(kind: .share, object: post.raw), by: actor, record, people, graph)
    case .unliked:
      withdraw(author, InboxKey(kind: .like, object: post.raw), by: actor, people)
    case .unshared:
      withdraw(author, InboxKey(kind: .share, object: post.raw), by: actor, people)
    case .reacted:
      notify(author, InboxKey(kind: .reaction, object: post.raw), by: actor, record, people, graph)
    case .unreacted:
      withdraw(author, InboxKey(kind: .reaction, object: post.raw), by: actor, people)
    case .voted:
      if people.isLocal(actor) { voters[post, default: []].append(actor) }
    case .pollClosed:
      let key = InboxKey(kind: .poll, object: post.raw)
      tell(author, key, by: actor, record, people)
      for voter in voters[post] ?? [] { tell(voter, key, by: actor, record, people) }
    case .drafted, .redrafted, .discarded, .viewed: break
    }
  }

  private mutating func fold(
    _ revision: PostRevision, of facts: PostFacts, _ post: PostID, by author: PersonIndex,
    _ record: Record, _ people: People, _ graph: Graph
  ) {
    let key = InboxKey(kind: .mention, object: post.raw)
    for mention in revision.removedMentions {
      if let owner = people.index(of: mention) { remove(key, from: owner, people) }
    }
    Self.forEachAddressee(of: facts, people) { owner, kind in
      guard kind == .mention, revision.addedMentions.contains(people.id(of: owner)),
        people.isLocal(owner), Self.maySee(facts, author, owner, people, graph)
      else { return }
      notify(owner, key, by: author, record, people, graph)
    }
  }

  /// What a post told others, taken back.
  private mutating func withdraw(_ facts: PostFacts, _ post: PostID, _ people: People) {
    Self.forEachAddressee(of: facts, people) { owner, kind in
      remove(InboxKey(kind: kind, object: post.raw), from: owner, people)
    }
  }

  private mutating func remove(_ key: InboxKey, from owner: PersonIndex, _ people: People) {
    if people.isLocal(owner) { changeIfAny(owner) { $0.remove(key) } }
  }

  /// Each once, with the weightiest reason.
  private static func forEachAddressee(
    of facts: PostFacts, _ people: People, _ body: (PersonIndex, InboxKind) -> Void
  ) {
    if facts.reply == nil, facts.quote == nil, facts.mentions.isEmpty { return }
    var told: [UserID] = [facts.author]
    func tell(_ user: UserID, _ kind: InboxKind) {
      guard !told.contains(user), let owner = people.index(of: user) else { return }
      told.append(user)
      body(owner, kind)
    }
    if let reply = facts.reply { tell(reply.parentAuthor, .reply) }
    if let quote = facts.quote { tell(quote.author, .quote) }
    for mention in facts.mentions { tell(mention, .mention) }
  }

  private static func maySee(
    _ facts: PostFacts, _ author: PersonIndex, _ owner: PersonIndex, _ people: People,
    _ graph: Graph
  ) -> Bool {
    sightRefusal(of: facts, author, owner, people, graph) == nil
  }

  /// Why the owner cannot see a published post; nil if they can.
  static func sightRefusal(
    of facts: PostFacts, _ author: PersonIndex, _ owner: PersonIndex, _ people: People,
    _ graph: Graph
  ) -> SightRefusal? {
    let viewer = Viewer(graph.relation(of: owner, to: author))
    return Domain.sightRefusal(of: facts, people.isPrivate(author), viewer)
  }

  // MARK: Chats

  private mutating func fold(
    _ event: ChatEvent, _ record: Record, _ cast: Cast, _ people: People, _ graph: Graph
  ) {
    guard case .chat(let chat) = record.entity else { return }
    let key = InboxKey(kind: .invite, object: chat.raw)
    switch event {
    case .opened(isDirect: false, let members), .added(let members):
      for owner in members.compactMap({ people.index(of: $0) }) {
        notify(owner, key, by: cast.actor, record, people, graph)
      }
    case .left:
      withdraw(cast.actor, key, people)
    case .removed(let member):
      if let owner = people.index(of: member) { withdraw(owner, key, people) }
    case .opened, .said, .read, .roleChanged, .titled, .unsaid:
      break
    }
  }

  private mutating func withdraw(_ owner: PersonIndex, _ key: InboxKey, _ people: People) {
    if people.isLocal(owner) { changeIfAny(owner) { $0.withdraw(key) } }
  }

  private mutating func notify(
    _ owner: PersonIndex, _ key: InboxKey, by actor: PersonIndex, _ record: Record,
    _ people: People, _ graph: Graph
  ) {
    guard people.isLocal(owner), Self.refusal(of: actor, for: owner, graph) == nil else { return }
    change(owner) { $0.add(key, by: actor, at: record.position.raw, record.time) }
  }

  /// Why the owner wants to hear nothing of what somebody does; nil if they do. On their shard.
  static func refusal(
    of actor: PersonIndex, for owner: PersonIndex, _ graph: Graph
  ) -> InboxRefusal? {
    if owner == actor { return .ownAct }
    guard let own = graph.restrictions(of: owner) else { return nil }
    if own.blocks.contains(actor) { return .blocked }
    return own.mutes.contains(actor) ? .muted : nil
  }

  /// What nobody can silence.
  private mutating func tell(
    _ owner: PersonIndex, _ key: InboxKey, by actor: PersonIndex, _ record: Record,
    _ people: People
  ) {
    guard people.isLocal(owner) else { return }
    change(owner) { $0.add(key, by: actor, at: record.position.raw, record.time) }
  }

  private mutating func withdraw(
    _ owner: PersonIndex, _ key: InboxKey, by actor: PersonIndex, _ people: People
  ) {
    guard people.isLocal(owner) else { return }
    changeIfAny(owner) { $0.withdraw(key, by: actor) }
  }
}

extension InboxKey {
  static let follows = InboxKey(kind: .follow, object: 0)
  static func request(by person: PersonIndex) -> InboxKey {
    InboxKey(kind: .request, object: UInt64(person.raw))
  }
}
