package import Domain

/// Reads by ids. Whose read model is asked for is local: the caller goes to the right shard
/// (`EntityKey.stableHash`). Someone unknown has empty lists.
extension ReadModels {
  // MARK: Home

  /// The ring's candidates below `before`, of those whom the viewer still follows, together with
  /// what is never pushed and is kept here. About `limit` of them.
  package func homeFromRing(
    _ viewer: UserID, before: UInt64 = .max, limit: Int
  ) -> HomeSlice {
    guard let person = people.index(of: viewer) else {
      return HomeSlice(
        candidates: [], completeDownTo: 0, unpushed: HomeSources(authors: []))
    }
    let (entries, floor) = home.page(of: person, before: before, limit: limit)
    var completeDownTo = entries.count < limit ? floor : entries.last?.orderKey ?? 0
    // Nothing at or below the floor is in the ring; a floor of 0 was never cut.
    if completeDownTo == floor, floor > 0 { completeDownTo = floor + 1 }
    guard completeDownTo < before else { return .silent(below: before) }
    let pushed = entries.filter { $0.actor == person || graph.follows(person, $0.actor) }
      .map { candidate($0.outbox, by: $0.actor) }
    let (here, elsewhere) = unpushed(to: person)
    var slice = HomeSlice(
      candidates: pushed, completeDownTo: completeDownTo, unpushed: elsewhere)
    slice.join(
      timelines.merged(
        authors: here.authors, before: before, downTo: completeDownTo, limit: limit
      ).map { candidate($0.entry, by: $0.author) }, limit: limit)
    if !here.tags.isEmpty {
      slice.join(
        tags.merged(here.tags, before: before, limit: limit)
          .map { HomeCandidate(entry: $0, sharer: nil) }, limit: limit)
    }
    return slice
  }

  /// The celebrities among whom a local person follows, or is, and the hashtags that they follow:
  /// those whose lists are here, and the others.
  private func unpushed(
    to person: PersonIndex
  ) -> (here: (authors: [PersonIndex], tags: [Tag]), elsewhere: HomeSources) {
    var here: [PersonIndex] = []
    var elsewhere: [UserID] = []
    for other in graph.following.edges(of: person) where graph.isCelebrity(other) {
      if people.isLocal(other) {
        here.append(other)
      } else {
        elsewhere.append(people.id(of: other))
      }
    }
    if graph.isCelebrity(person) { here.append(person) }
    let followed = graph.followedTags(of: person).all
    // With several shards each has some of them.
    let isAlone = shardCount == 1
    return (
      here: (authors: here, tags: isAlone ? followed : []),
      elsewhere: HomeSources(authors: elsewhere, tags: isAlone ? [] : followed)
    )
  }

  private func candidate(_ entry: OutboxEntry, by actor: PersonIndex) -> HomeCandidate {
    HomeCandidate(entry: entry, sharer: entry.kind == .share ? people.id(of: actor) : nil)
  }

  /// Whom the viewer follows, and the viewer, and the hashtags that they follow: what makes up
  /// the home.
  package func homeSources(of viewer: UserID) -> HomeSources {
    guard let person = people.index(of: viewer) else { return HomeSources(authors: []) }
    return HomeSources(
      authors: sources(of: person).map { people.id(of: $0) },
      tags: graph.followedTags(of: person).all)
  }

  private func sources(of person: PersonIndex) -> [PersonIndex] {
    graph.following.edges(of: person) + [person]
  }

  /// In the order of following. O(1).
  package func followedTags(of viewer: UserID) -> [Tag] {
    people.index(of: viewer).map { graph.followedTags(of: $0).all } ?? []
  }

  /// The same as a set. O(1).
  package func followedTagSet(of viewer: UserID) -> Set<Tag> {
    people.index(of: viewer).map { graph.followedTags(of: $0).members } ?? []
  }

  /// At most `limit` entries below `before` of those sources that are local, newest first: what
  /// authors put out, and of hashtags what answers nobody but its author.
  package func homeEntries(
    of sources: HomeSources, before: UInt64 = .max, limit: Int
  ) -> [HomeCandidate] {
    let local = sources.authors.compactMap { people.index(of: $0) }
      .filter { people.isLocal($0) }
    let put = timelines.merged(authors: local, before: before, limit: limit)
      .map { candidate($0.entry, by: $0.author) }
    if sources.tags.isEmpty { return put }
    let tagged = tags.merged(sources.tags, before: before, limit: limit)
      .map { HomeCandidate(entry: $0, sharer: nil) }
    return HomeReader.newest([put, tagged], limit: limit)
  }

  /// Whether a person asked to be forgotten; known on every shard.
  package func isErased(_ user: UserID) -> Bool {
    people.index(of: user).map { people.isErased($0) } ?? false
  }

  // MARK: Timelines

  /// About `limit` entries of an author's timeline below `before`, newest first.
  package func timeline(
    of author: UserID, includesReplies: Bool, before: UInt64 = .max, limit: Int
  ) -> PageSlice<OutboxEntry> {
    guard let person = people.index(of: author) else {
      return PageSlice(candidates: [], continueBefore: nil)
    }
    return timelines.page(
      of: person, includesReplies: includesReplies, before: before, limit: limit)
  }

  /// At most `limit` drafts of an author with ids below `before`, newest first.
  package func drafts(of author: UserID, before: UInt64 = .max, limit: Int) -> [PostID] {
    people.index(of: author).map { drafts.page(of: $0, before: before, limit: limit) } ?? []
  }

  /// Those of some authors who are local and have stories, in no order; `asOf` is the position at
  /// which the first page was read.
  package func storyTellers(
    among authors: [UserID], asOf: Position, at now: Instant
  ) -> [StoryTeller] {
    let local = authors.compactMap { people.index(of: $0) }.filter { people.isLocal($0) }
    return stories.tellers(among: local, asOf: asOf, at: now, people: people)
  }

  // MARK: Graph

  /// Whose shares come into a local viewer's home: whom they follow, without those whom they mute
  /// or block or who block them.
  package func homeSharers(of viewer: UserID) -> [UserID] {
    guard let person = people.index(of: viewer) else { return [] }
    let followed = graph.following.edges(of: person)
    guard let own = graph.restrictions(of: person) else {
      return followed.map { people.id(of: $0) }
    }
    return followed.filter { !own.hides($0) }.map { people.id(of: $0) }
  }

  /// What a local viewer's shard knows of these people, in their order; of an anonymous viewer, any
  /// shard. Whom the journal does not name is a stranger.
  ///
  /// `knowsReturn`: also whether they follow back or ask to, which is the dearest to tell.
  package func acquaintances(
    of viewer: UserID?, with others: [UserID], knowsReturn: Bool = true
  ) -> [Acquaintance] {
    let viewer = viewer.flatMap { people.index(of: $0) }
    let own = viewer.flatMap { graph.restrictions(of: $0) }
    return others.map {
      acquaintance(of: viewer, restrictedBy: own, with: $0, knowsReturn: knowsReturn)
    }
  }

  /// The same of one.
  func acquaintance(of viewer: UserID, with other: UserID) -> Acquaintance {
    let viewer = people.index(of: viewer)
    let own = viewer.flatMap { graph.restrictions(of: $0) }
    return acquaintance(of: viewer, restrictedBy: own, with: other)
  }

  private func acquaintance(
    of viewer: PersonIndex?, restrictedBy own: Graph.Restrictions?, with other: UserID,
    knowsReturn: Bool = true
  ) -> Acquaintance {
    var acquaintance = Acquaintance()
    guard let other = people.index(of: other) else { return acquaintance }
    acquaintance.isPrivate = people.isPrivate(other)
    acquaintance.isErased = people.isErased(other)
    if let viewer {
      acquaintance.relation =
        knowsReturn
        ? graph.relation(of: viewer, to: other, restrictedBy: own)
        : graph.outlook(of: viewer, on: other, restrictedBy: own)
    }
    return acquaintance
  }

  /// A local viewer's relation to somebody, but for what the other decides of it: whether they
  /// follow back or ask to.
  package func outlook(of viewer: UserID, on other: UserID) -> GraphRelation {
    guard let viewer = people.index(of: viewer), let other = people.index(of: other) else {
      return GraphRelation()
    }
    return graph.outlook(of: viewer, on: other, restrictedBy: graph.restrictions(of: viewer))
  }

  package func relation(of viewer: UserID, to other: UserID) -> GraphRelation {
    guard let viewer = people.index(of: viewer), let other = people.index(of: other) else {
      return GraphRelation()
    }
    return graph.relation(of: viewer, to: other)
  }

  /// At most `limit` people of one of someone's lists, newest first, each with its page key.
  package func page(
    _ list: Graph.List, of user: UserID, before: UInt64 = .max, limit: Int
  ) -> [KeyedItem<UserID>] {
    guard let person = people.index(of: user) else { return [] }
    return graph.page(list, of: person, before: before, limit: limit)
      .map { KeyedItem(pageKey: $0.key, item: people.id(of: $0.person)) }
  }

  package func followersCount(of user: UserID) -> Int {
    people.index(of: user).map { graph.followersCount(of: $0) } ?? 0
  }

  package func followingCount(of user: UserID) -> Int {
    people.index(of: user).map { graph.followingCount(of: $0) } ?? 0
  }

  // MARK: Inbox and chats

  /// The exact number of unread inbox items, O(1).
  package func unread(of owner: UserID) -> Int {
    people.index(of: owner).map { inbox.unread(of: $0) } ?? 0
  }

  /// At most `limit` inbox items, newest cause first as of `asOf`: the position at which the first
  /// page was read.
  package func inboxPage(
    of owner: UserID, before: UInt64 = .max, asOf: Position, limit: Int, unreadOnly: Bool = false
  ) -> [KeyedItem<InboxEntry>] {
    guard let person = people.index(of: owner) else { return [] }
    return inbox.page(
      of: person, before: before, asOf: asOf, limit: limit, unreadOnly: unreadOnly, people: people
    ).map { KeyedItem(pageKey: $0.key, item: $0.entry) }
  }

  /// Where the newest causes of some of a person's inbox items are, in the order of their ids; nil
  /// for what is none. O(items + ids).
  package func newestCauses(of ids: [Position], owner: UserID) -> [Position?] {
    guard let person = people.index(of: owner) else { return ids.map { _ in nil } }
    return inbox.newestCauses(of: ids, owner: person)
  }

  package func inboxEntry(_ id: Position, of owner: UserID) -> InboxEntry? {
    people.index(of: owner).flatMap { inbox.entry(id, of: $0, people: people) }
  }

  /// At most `limit` chats, last message first as of `asOf`: the position at which the first page
  /// was read.
  package func chatsPage(
    of user: UserID, before: UInt64 = .max, asOf: Position, limit: Int
  ) -> [KeyedItem<ChatSummary>] {
    guard let person = people.index(of: user) else { return [] }
    return chats.page(of: person, before: before, asOf: asOf, limit: limit)
      .map { KeyedItem(pageKey: $0.key, item: ChatSummary(chat: $0.chat, unread: $0.unread)) }
  }
}

/// An item with the key by which its page is ordered.
package struct KeyedItem<Item: Hashable & Sendable>: PageCandidate, Hashable {
  package var pageKey: UInt64
  package var item: Item

  package init(pageKey: UInt64, item: Item) {
    self.pageKey = pageKey
    self.item = item
  }
}

/// Another person, as a viewer's shard knows them.
package struct Acquaintance: Hashable, Sendable {
  package var relation = GraphRelation()
  /// Whether their posts are for followers.
  package var isPrivate = false
  /// Whether they asked to be forgotten.
  package var isErased = false

  package init() {}
}

/// A line of someone's list of chats.
package struct ChatSummary: Hashable, Sendable {
  package var chat: ChatID
  /// Messages by others since the own read mark.
  package var unread: Int

  package init(chat: ChatID, unread: Int) {
    self.chat = chat
    self.unread = unread
  }
}

extension OutboxEntry: PageCandidate {
  package var pageKey: UInt64 { orderKey }
}

extension PostID: PageCandidate {
  package var pageKey: UInt64 { raw }
}

extension ReadModels {
  /// Calls `body` with everybody whom this shard owns: the username, nil for who has not signed up,
  /// and whether they asked to be forgotten.
  package func forEachLocalPerson(_ body: (UserID, Username?, _ isErased: Bool) -> Void) {
    for row in 0..<people.count {
      let person = PersonIndex(UInt32(row))
      guard people.isLocal(person) else { continue }
      body(people.id(of: person), people.username(of: person), people.isErased(person))
    }
  }
}
