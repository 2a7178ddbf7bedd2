import Domain
import Engine
import Entities
import Projections

/// A viewer's relations to the people whose posts are about to be shown, as of one moment.
struct Eyes: HomeRelations, Sendable {
  var viewer: UserID?
  var relations: RelationTable
  /// Accounts among them whose posts are for followers.
  var privateAccounts: Set<UserID> = []
  var erasedAccounts: Set<UserID> = []
  /// When they look: stories expire by the clock.
  var now: Instant
  /// What their home is made of; matters to `admitsHome` alone.
  var basis = HomeBasis.following(tags: [])
  /// Whether they look as a moderator.
  var isModerator = false

  /// The one rule, for every path on which a post is shown.
  func sight(of post: PostReading) -> Sight {
    sight(of: post.facts, status: status(of: post))
  }

  func sight(of facts: PostFacts, status: PostStatus) -> Sight {
    Domain.sight(
      of: facts, status: status, authorIsPrivate: isPrivate(facts.author),
      viewer: eye(on: facts.author))
  }

  /// What the post's status comes to now.
  func status(of post: PostReading) -> PostStatus {
    post.status.effective(
      expires: post.expires, at: now, authorIsErased: erasedAccounts.contains(post.facts.author))
  }

  func maySee(_ post: PostReading) -> Bool { sight(of: post) == .seen }

  func maySee(_ facts: PostFacts, status: PostStatus) -> Bool {
    sight(of: facts, status: status) == .seen
  }

  /// Whether the viewer finds the post in lists.
  func mayList(_ post: PostReading) -> Bool {
    isListed(post.facts, status: status(of: post)) && maySee(post)
  }

  func isPrivate(_ id: UserID) -> Bool { privateAccounts.contains(id) }

  func eye(on author: UserID) -> Viewer {
    guard let viewer else { return .anonymous }
    if viewer == author { return .author }
    return Viewer(relations[author], isModerator: isModerator)
  }

  func follows(_ other: UserID) -> Bool { relations[other].follows }
  func isFollowed(by other: UserID) -> Bool { relations[other].followedBy }
  func isBlocked(_ other: UserID) -> Bool { relations[other].isBlockedEitherWay }
  func isMuted(_ other: UserID) -> Bool { relations[other].mutes }
}

/// One person's relations to some others. A page asks about a few dozen, some times each: a sorted
/// array beats a dictionary, which hashes at every look.
struct RelationTable: Sendable {
  /// Ascending, each once.
  private(set) var people: [UserID]
  fileprivate(set) var relations: [GraphRelation]

  /// Of strangers to all of these.
  init(_ people: some Collection<UserID>) {
    var sorted = Array(people)
    sorted.sort { $0.raw < $1.raw }
    self.people = []
    self.people.reserveCapacity(sorted.count)
    for person in sorted where self.people.last != person { self.people.append(person) }
    relations = []
  }

  /// Of who is not in it, as of a stranger. O(log people).
  subscript(person: UserID) -> GraphRelation {
    guard !relations.isEmpty, let index = people.sortedIndex(of: person) else {
      return GraphRelation()
    }
    return relations[index]
  }
}

extension Service {
  /// The viewer's relations to these people, read in one turn on the viewer's shard.
  ///
  /// `content` is the position of what they decide about. The relations are no older: otherwise
  /// somebody would be shown what came after they had been shut out, by what held before. Costs an
  /// atomic load; waits where the shard has not folded so far, as the reply would for the disk.
  /// `.zero` where nothing is shown: by what has been folded.
  ///
  /// Whether they follow back decides about what is for friends, and is not asked where there is
  /// nothing such.
  func eyes(
    of viewer: UserID?, on others: some Collection<UserID>, since content: Position,
    showingFriends: Bool = true
  ) async -> Eyes {
    let others = RelationTable(others)
    let anchor = viewer ?? others.people.first ?? .system
    await shard(of: .user(anchor)).fold.reach(content)
    let now = clock.now
    return await models(of: .user(anchor)).read {
      $0.eyes(of: viewer, on: others, at: now, knowingReturn: showingFriends)
    }
  }

  /// The same for several viewers, in their order: one turn on each shard that has some of them.
  func eyes(of viewers: [UserID?], on others: some Collection<UserID>) async -> [Eyes] {
    let others = RelationTable(others)
    let now = clock.now
    var places: [ShardIndex: [Int]] = [:]
    for (place, viewer) in viewers.enumerated() {
      let anchor = viewer ?? others.people.first ?? .system
      places[engine.sharding.shard(of: .user(anchor)), default: []].append(place)
    }
    var eyes = viewers.map { Eyes(viewer: $0, relations: others, now: now) }
    for shard in places.keys.sorted() {
      let local = places[shard] ?? []
      let found = await engine.partitions[shard.raw].read { models in
        local.map { models.eyes(of: viewers[$0], on: others, at: now) }
      }
      for (place, eye) in zip(local, found) { eyes[place] = eye }
    }
    return eyes
  }

  /// `content` as in `eyes(of:on:since:)`.
  func relation(
    of viewer: UserID, to other: UserID, since content: Position
  ) async -> GraphRelation {
    await shard(of: .user(viewer)).fold.reach(content)
    return await models(of: .user(viewer)).read { $0.relation(of: viewer, to: other) }
  }

  /// Who has the name, for one who wants to look at them: whom an erased person blocked is told, as
  /// before, that there is no such user.
  func userID(_ name: Username?, shownTo viewer: UserID?) async throws -> UserID {
    let id = try userID(name, orErased: true)
    guard engine.names.isErased(id) else { return id }
    if let viewer, await relation(of: viewer, to: id, since: .zero).blockedBy {
      throw Rejection.noSuchUser
    }
    throw Rejection.erasedUser
  }

  /// Whether lists of a private account's people and posts are open to the viewer; whoever is
  /// blocked is told that there is no such user. `content` as in `eyes(of:on:since:)`.
  func checkProfileIsOpen(
    _ id: UserID, to viewer: UserID?, since content: Position
  ) async throws {
    if viewer == id { return }
    let eyes = await eyes(of: viewer, on: [id], since: content)
    let eye = eyes.eye(on: id)
    if eye.isBlocked { throw Rejection.noSuchUser }
    let follows = eye.relation == .follower || eye.relation == .friend
    if eyes.isPrivate(id), !follows {
      throw Rejection(.denied, "this account is private")
    }
  }
}

extension ReadModels {
  /// A local viewer's relations to these people; of an anonymous one, on any shard.
  fileprivate func eyes(
    of viewer: UserID?, on others: RelationTable, at now: Instant, knowingReturn: Bool = true
  ) -> Eyes {
    var eyes = Eyes(viewer: viewer, relations: others, now: now)
    if let viewer { eyes.basis = .following(tags: followedTagSet(of: viewer)) }
    let found = acquaintances(of: viewer, with: others.people, knowsReturn: knowingReturn)
    eyes.relations.relations = found.map(\.relation)
    for (other, acquaintance) in zip(others.people, found) {
      if acquaintance.isPrivate { eyes.privateAccounts.insert(other) }
      if acquaintance.isErased { eyes.erasedAccounts.insert(other) }
    }
    return eyes
  }
}
