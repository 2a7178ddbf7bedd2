/// Whether one person follows another, from the events of both: the ordered pair `a → b`.
///
/// Each of the two writes one half, and neither writes the other's:
///
/// - The **claim** is a's newest word in the matter: followed, asked to follow, or nothing.
///   A following, a request, an unfollowing, a withdrawal or a block *by a* replaces it.
/// - The **verdict** is b's newest word: accepted, rejected, blocked or unblocked. Each of these
///   *by b* replaces it.
///
/// The state is a function of both and of their positions:
///
/// 1. While b blocks a there is none, whatever a claims and whenever a claimed it.
/// 2. A claim older than the end of b's newest block is void for ever: either the block ended it,
///    or it was decided while the block was on its way. To follow after that takes a new event, and
///    `decide` makes one although the own half holds an older claim.
/// 3. A following that is not void holds.
/// 4. A request that is not void holds as a following from b's acceptance on, if that came after
///    the request; ends with b's rejection, if that came after it; and is pending otherwise.
///
/// Because each half is a fold of one owner's events in that owner's order, and the state looks
/// only at what the halves hold, it makes no difference in which order the two streams were
/// interleaved: live (own events at once, the other's after commit), replayed and rebuilt states
/// agree. In the order of positions the rules are the familiar ones: a following during a block
/// is void, a block by either side ends what was, an acceptance without a pending request means
/// nothing.
///
/// What b's `decide` ensures, and the rules rely on: an acceptance or a rejection is written only
/// for a request that b has seen and that is younger than b's own newest verdict; an unblocking
/// only where b blocks.
package struct FollowRelation: Equatable, Sendable {
  package var claim: FollowClaim
  package var verdict: FollowVerdict?

  package init(claim: FollowClaim = .none, verdict: FollowVerdict? = nil) {
    self.claim = claim
    self.verdict = verdict
  }

  package var state: FollowState {
    switch claim {
    case .none: .none
    case .followed(let position): isVoid(position) ? .none : .following
    case .requested(let position): stateOfRequest(at: position)
    }
  }

  /// Folds an event that `a` or `b` owns, in the order of its owner; others change nothing.
  package mutating func fold(_ record: Record, from a: UserID, to b: UserID) {
    guard case .user(let event) = record.event, let other = event.other else { return }
    if record.entity == .user(a), other == b {
      claim.fold(event, at: record.position)
    } else if record.entity == .user(b), other == a {
      FollowVerdict.fold(event, at: record.position, into: &verdict)
    }
  }

  private func isVoid(_ position: Position) -> Bool {
    guard let verdict else { return false }
    return switch verdict.kind {
    case .blocked: true
    case .unblocked: position < verdict.position
    case .accepted, .rejected: false
    }
  }

  private func stateOfRequest(at position: Position) -> FollowState {
    guard let verdict else { return .requested }
    return switch verdict.kind {
    case .blocked: .none
    case .unblocked, .rejected: verdict.position > position ? .none : .requested
    case .accepted: verdict.position > position ? .following : .requested
    }
  }
}

/// What a relation comes to.
package enum FollowState: Equatable, Sendable, CaseIterable {
  case none
  case requested
  case following
}

/// The follower's half of a relation.
package enum FollowClaim: Equatable, Sendable {
  case none
  case requested(Position)
  case followed(Position)

  /// Folds an event of the follower that names the followed.
  package mutating func fold(_ event: UserEvent, at position: Position) {
    if let newest = Self.newest(event, at: position) { self = newest }
  }

  /// What such an event puts in the place of any claim; nil if it leaves it as it was.
  package static func newest(_ event: UserEvent, at position: Position) -> FollowClaim? {
    switch event {
    case .followed: .followed(position)
    case .followRequested: .requested(position)
    case .unfollowed, .followRequestWithdrawn, .blocked: FollowClaim.none
    case .followAccepted, .followRejected, .unblocked, .muted, .unmuted, .signedUp,
      .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .inboxRead, .inboxItemRead,
      .requestAnswered:
      nil
    case .erased, .verified: nil
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: nil
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: nil
    case .reported, .reportClosed: nil
    }
  }
}

/// The followed's half of a relation, in 8 bytes.
package struct FollowVerdict: Equatable, Sendable {
  package enum Kind: UInt64, Sendable, CaseIterable {
    case accepted = 0
    case rejected = 1
    case blocked = 2
    case unblocked = 3
  }

  private let packed: UInt64

  package init(_ kind: Kind, at position: Position) {
    precondition(position.raw < 1 << 62, "a position beyond 2^62")
    packed = position.raw << 2 | kind.rawValue
  }

  package var position: Position { Position(packed >> 2) }

  package var kind: Kind {
    switch packed & 3 {
    case 0: .accepted
    case 1: .rejected
    case 2: .blocked
    default: .unblocked
    }
  }

  /// Folds an event of the followed that names the follower.
  package static func fold(
    _ event: UserEvent, at position: Position, into verdict: inout FollowVerdict?
  ) {
    switch event {
    case .followAccepted: verdict = FollowVerdict(.accepted, at: position)
    case .followRejected: verdict = FollowVerdict(.rejected, at: position)
    case .blocked: verdict = FollowVerdict(.blocked, at: position)
    case .unblocked: verdict = FollowVerdict(.unblocked, at: position)
    case .followed, .unfollowed, .followRequested, .followRequestWithdrawn, .muted, .unmuted,
      .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .inboxRead,
      .inboxItemRead, .requestAnswered:
      break
    case .erased, .verified: break
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: break
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: break
    case .reported, .reportClosed: break
    }
  }
}

extension UserEvent {
  /// The other person whom the event is about; nil if it is about the owner alone.
  package var other: UserID? {
    switch self {
    case .followed(let other), .unfollowed(let other), .followRequested(let other),
      .followRequestWithdrawn(let other), .followAccepted(let other), .followRejected(let other),
      .blocked(let other), .unblocked(let other), .muted(let other), .unmuted(let other):
      other
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .inboxRead,
      .inboxItemRead, .requestAnswered:
      nil
    case .erased, .verified: nil
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: nil
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: nil
    case .reported, .reportClosed: nil
    }
  }
}
