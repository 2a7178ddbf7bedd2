internal import Domain
internal import Journal
internal import Projections

/// What there was between one person and some others as of a moment: folded by the projections that
/// serve, from the events between them.
struct Relations: HomeRelations {
  /// Every kind of event between two people that the graph is folded from.
  private static let types: [EventType] = [
    .userFollowed, .userUnfollowed, .userFollowRequested, .userFollowRequestWithdrawn,
    .userFollowAccepted, .userFollowRejected, .userBlocked, .userUnblocked, .userMuted,
    .userUnmuted, .userTagFollowed, .userTagUnfollowed,
  ]

  /// By whom follows, and by whom is followed: what changes whether one follows the other.
  private static let claims: Set<EventType> = [
    .userFollowed, .userUnfollowed, .userFollowRequested, .userFollowRequestWithdrawn, .userBlocked,
  ]
  private static let verdicts: Set<EventType> = [
    .userFollowAccepted, .userFollowRejected, .userBlocked,
  ]

  let viewer: UserID
  let models: ReadModels
  /// Between the viewer and the others, and the viewer's followings of hashtags, in order.
  let records: [Record]

  init(of viewer: UserID, to others: Set<UserID>, _ evidence: Evidence) throws {
    self.viewer = viewer
    let query: [[HistoryTerm]] = [[.entity(.user(viewer))], Self.types.map { .type($0) }]
    records = try evidence.records(query).filter { record in
      switch record.event {
      case .user(.tagFollowed), .user(.tagUnfollowed): true
      case .user(let event):
        event.other.map { others.contains($0) || others.contains(record.actor) } ?? false
      case .post, .chat, .tag: false
      }
    }
    let identities = try evidence.index.identities(
      of: others.union([viewer]), through: evidence.position)
    models = try evidence.past.models(of: identities + records.map(\.position))
  }

  func follows(_ other: UserID) -> Bool { models.relation(of: viewer, to: other).follows }
  func isFollowed(by other: UserID) -> Bool { models.relation(of: viewer, to: other).followedBy }
  func isMuted(_ other: UserID) -> Bool { models.relation(of: viewer, to: other).mutes }
  func isBlocked(_ other: UserID) -> Bool {
    models.relation(of: viewer, to: other).isBlockedEitherWay
  }

  func isPrivate(_ other: UserID) -> Bool {
    models.people.index(of: other).map { models.people.isPrivate($0) } ?? false
  }

  var basis: HomeBasis { .following(tags: models.followedTagSet(of: viewer)) }

  // MARK: Events

  /// The newest event that decides whether one follows the other.
  func following(of one: UserID, to other: UserID) -> Record? {
    records.last { record in
      guard case .user(let event) = record.event else { return false }
      let type = EventType(record.event)
      if record.actor == one, event.other == other { return Self.claims.contains(type) }
      if record.actor == other, event.other == one { return Self.verdicts.contains(type) }
      return false
    }
  }

  /// The newest events by which either began or ended to block the other.
  func blocks(_ other: UserID) -> [Record] {
    [(viewer, other), (other, viewer)].compactMap { one, other in
      last([.userBlocked, .userUnblocked], by: one, on: other)
    }
  }

  func mute(_ other: UserID) -> Record? { last([.userMuted, .userUnmuted], by: viewer, on: other) }

  /// What hides somebody from the viewer, if something does.
  func hiding(_ other: UserID) -> [Record] { blocks(other) + [mute(other)].compactMap { $0 } }

  func tag(_ tag: Tag) -> Record? {
    records.last { record in
      switch record.event {
      case .user(.tagFollowed(let other)), .user(.tagUnfollowed(let other)): other == tag
      case .user, .post, .chat, .tag: false
      }
    }
  }

  private func last(_ types: [EventType], by one: UserID, on other: UserID) -> Record? {
    records.last { record in
      guard case .user(let event) = record.event else { return false }
      return record.actor == one && event.other == other
        && types.contains(EventType(record.event))
    }
  }

  // MARK: Words

  /// `alice has never followed bob`, or what there is instead.
  func lackOfFollowing(of one: UserID, to other: UserID, _ evidence: Evidence) throws -> String {
    let (one, other, last) = (
      try evidence.name(one), try evidence.name(other), following(of: one, to: other)
    )
    let type = last.map { EventType($0.event) }
    if type == .userUnfollowed { return "\(one) follows \(other) no longer" }
    if type == .userFollowRequested { return "\(other) has not let \(one) follow yet" }
    if type == .userFollowRejected { return "\(other) did not let \(one) follow" }
    if type == .userBlocked { return "a block has ended that \(one) followed \(other)" }
    return "\(one) does not follow \(other)"
  }

  /// `alice mutes bob`; for somebody who is hidden.
  func wordsForHiding(_ other: UserID, _ evidence: Evidence) throws -> String {
    let relation = models.relation(of: viewer, to: other)
    let (me, them) = (try evidence.name(viewer), try evidence.name(other))
    if relation.blocks { return "\(me) blocks \(them)" }
    if relation.blockedBy { return "\(them) blocks \(me)" }
    return "\(me) mutes \(them)"
  }
}
