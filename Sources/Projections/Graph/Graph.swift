package import Domain

/// Who follows, asks to follow, blocks and mutes whom, and who follows which hashtags.
///
/// Folded in the order of positions, where the rules of `FollowRelation` are the familiar ones: a
/// following or a request during a block of the followed is void, a block by either side ends what
/// was, an acceptance without a pending request means nothing.
///
/// Kept for local people in full; for everyone: their local followers (so that a fan-out stays on
/// its shard) and their reach. A follow costs 4 bytes at each end, and with several shards 4 more
/// for the fan-out, and a tenth for growth.
package struct Graph: Projection {
  package static let name = ProjectionName.graph
  package static let foldVersion: UInt32 = 3
  package static let encodingVersion: UInt32 = 3

  /// What few people have; in a map, so that nobody else pays.
  struct Restrictions: Sendable {
    var blocks = EdgeList()
    var blockedBy = EdgeList()
    var mutes = EdgeList()
    /// Those who wait for this person's answer.
    var requestsReceived = EdgeList()
    var requestsMade = EdgeList()
    var tags = FollowedTags()

    /// Whether this person wants to see nothing of the other, or they of this person.
    func hides(_ other: PersonIndex) -> Bool {
      blocks.contains(other) || blockedBy.contains(other) || mutes.contains(other)
    }
  }

  /// Followings gained minus unfollowings, by events alone, so that every shard agrees. Blocks do
  /// not lower it.
  struct Reach: Equatable, Sendable {
    var count: UInt32 = 0
    /// Whether the entry belongs to this shard.
    var isLocal = false
    /// Whether there may be restrictions: spares everyone else a look-up in their map.
    var isRestricted = false
  }

  package internal(set) var position = Position.zero
  let placement: Placement
  let celebrityFollowersMax: Int
  var following = EdgeTable()
  var followers = EdgeTable()
  /// Only used with several shards; with one, `followers` is the same.
  var localFollowers = EdgeTable()
  var reach = SegmentedArray(empty: Reach())
  /// From the moment their reach passed the limit on, for ever: the rings lack later posts. Every
  /// home asks it of everybody who is followed.
  var celebrities = RowBits()
  private(set) var restrictions = SegmentedMap<PersonIndex, Restrictions>()
  /// Local people by the hashtags that they follow; nobody is left out of `Restrictions.tags`.
  var tagFollowers = SegmentedMap<Tag, Set<PersonIndex>>()

  init(placement: Placement, celebrityFollowersMax: Int) {
    self.placement = placement
    self.celebrityFollowersMax = celebrityFollowersMax
  }

  /// Makes room for everyone who is named by now.
  mutating func grow(toHold people: People) {
    let known = following.count
    guard people.count > known else { return }
    let last = people.count - 1
    following.grow(toHold: last)
    followers.grow(toHold: last)
    if placement.shardCount > 1 { localFollowers.grow(toHold: last) }
    reach.grow(toHold: last)
    celebrities.grow(toHold: last)
    for row in known...last { reach[row].isLocal = people.isLocal(PersonIndex(UInt32(row))) }
  }

  /// Changes what the person restricts, and makes it if there is nothing yet.
  mutating func restrict(_ person: PersonIndex, _ body: (inout Restrictions) -> Void) {
    reach[person.row].isRestricted = true
    body(&restrictions[person, default: Restrictions()])
  }

  /// Changes what the person restricts, if there is anything.
  mutating func restrictIfAny(_ person: PersonIndex, _ body: (inout Restrictions) -> Void) {
    if reach[person.row].isRestricted { restrict(person, body) }
  }

  /// What the person restricts; nil for nearly everyone.
  func restrictions(of person: PersonIndex) -> Restrictions? {
    reach[person.row].isRestricted ? restrictions[person] : nil
  }

  // MARK: Reading

  package func followersCount(of person: PersonIndex) -> Int { followers.count(of: person) }
  package func followingCount(of person: PersonIndex) -> Int { following.count(of: person) }

  /// On the shard of `person`.
  package func follows(_ person: PersonIndex, _ other: PersonIndex) -> Bool {
    following.contains(other, of: person)
  }

  /// Whether the person's posts are merged into homes when these are read, instead of pushed.
  package func isCelebrity(_ person: PersonIndex) -> Bool { celebrities[person] }

  /// On the shard of `viewer`.
  package func relation(of viewer: PersonIndex, to other: PersonIndex) -> GraphRelation {
    relation(of: viewer, to: other, restrictedBy: restrictions(of: viewer))
  }

  /// The same for who has looked up `restrictions(of: viewer)`.
  func relation(
    of viewer: PersonIndex, to other: PersonIndex, restrictedBy own: Restrictions?
  ) -> GraphRelation {
    var relation = outlook(of: viewer, on: other, restrictedBy: own)
    relation.followedBy = isFollowed(viewer, by: other)
    guard let own else { return relation }
    relation.requested = own.requestsMade.contains(other)
    relation.requestedBy = own.requestsReceived.contains(other)
    return relation
  }

  /// The same without requests and without whether they follow back, which is the dearest to tell.
  func outlook(
    of viewer: PersonIndex, on other: PersonIndex, restrictedBy own: Restrictions?
  ) -> GraphRelation {
    var relation = GraphRelation()
    relation.follows = following.contains(other, of: viewer)
    guard let own else { return relation }
    relation.blocks = own.blocks.contains(other)
    relation.blockedBy = own.blockedBy.contains(other)
    relation.mutes = own.mutes.contains(other)
    return relation
  }

  /// On the shard of `person`. Asks the shorter list, if it is here.
  func isFollowed(_ person: PersonIndex, by other: PersonIndex) -> Bool {
    reach[other.row].isLocal
      ? following.contains(person, of: other) : followers.contains(other, of: person)
  }

  /// On the shard of `person`.
  func followedTags(of person: PersonIndex) -> FollowedTags {
    restrictions(of: person)?.tags ?? FollowedTags()
  }

  /// At most `limit` people, newest edge first, on the shard of `person`; `key` is the page key of
  /// the last one.
  package func page(
    _ list: List, of person: PersonIndex, before: UInt64 = .max, limit: Int
  ) -> [(key: UInt64, person: PersonIndex)] {
    let own = restrictions(of: person)
    let page =
      switch list {
      case .following: following.page(of: person, before: before, limit: limit)
      case .followers: followers.page(of: person, before: before, limit: limit)
      case .blocks: own?.blocks.page(before: before, limit: limit)
      case .mutes: own?.mutes.page(before: before, limit: limit)
      case .requestsReceived: own?.requestsReceived.page(before: before, limit: limit)
      }
    return (page ?? []).map { (UInt64($0.ordinal), $0.person) }
  }

  package enum List: Sendable, CaseIterable {
    case following
    case followers
    case blocks
    case mutes
    case requestsReceived
  }

  /// Those followers of an author whose rings are here.
  func fanOut(of author: PersonIndex) -> ArraySlice<PersonIndex> {
    placement.shardCount == 1 ? followers.edges(of: author) : localFollowers.edges(of: author)
  }
}

/// What one person is to another. Both directions of following and asking, since both shards know.
package struct GraphRelation: Hashable, Sendable {
  package var follows = false
  package var followedBy = false
  /// Asked to follow and waits for an answer.
  package var requested = false
  package var requestedBy = false
  package var blocks = false
  package var blockedBy = false
  package var mutes = false

  package init() {}

  /// Whether either blocks the other.
  package var isBlockedEitherWay: Bool { blocks || blockedBy }
}

extension Viewer {
  /// Somebody logged in who is not the author, by their relation to the author.
  package init(_ relation: GraphRelation, isModerator: Bool = false) {
    self.init(
      follows: relation.follows, isFollowed: relation.followedBy,
      isBlocked: relation.isBlockedEitherWay, isModerator: isModerator)
  }
}
