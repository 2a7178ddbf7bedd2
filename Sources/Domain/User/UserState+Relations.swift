/// What the person's own entity can say about them and another.
extension UserState {
  package var isSignedUp: Bool { own.username != nil }

  /// The position of the newest password hash; nil for who cannot log in.
  package var credentialPosition: Position? {
    own.texts.passwordHash == .zero ? nil : own.texts.passwordHash
  }

  /// Of this person towards another.
  package func followState(towards other: UserID) -> FollowState {
    FollowRelation(claim: own.claim(towards: other), verdict: observed.verdicts[other]).state
  }

  package func isFollowing(_ other: UserID) -> Bool { followState(towards: other) == .following }

  /// Whether another waits for this person's answer to a request to follow.
  package func isRequested(by other: UserID) -> Bool {
    guard let position = observed.requests[other] else { return false }
    let relation = FollowRelation(claim: .requested(position), verdict: own.verdicts[other])
    return relation.state == .requested
  }

  package func isBlocking(_ other: UserID) -> Bool { own.verdicts[other]?.kind == .blocked }
  package func isBlocked(by other: UserID) -> Bool { observed.verdicts[other]?.kind == .blocked }
  package func isMuting(_ other: UserID) -> Bool { own.mutes.contains(other) }

  /// Those whom this person follows, ascending. O(follows).
  package func forEachFollowing(_ body: (UserID) -> Void) {
    // Almost always there is no verdict of others, and no need to look.
    if observed.verdicts.isEmpty {
      own.follows.forEach { other, _ in body(other) }
      return
    }
    var following: [UserID] = []
    let collect = { (other: UserID, _: Position) in
      if isFollowing(other) { following.append(other) }
    }
    own.follows.forEach(collect)
    own.requests.forEach(collect)
    following.sort()
    following.forEach(body)
  }

  /// How many this person follows. O(verdicts of others), so O(1) for nearly all.
  package var followingCount: Int {
    var count = own.follows.count
    for entry in observed.verdicts.entries {
      switch own.claim(towards: entry.key) {
      case .none: break
      case .followed: if !isFollowing(entry.key) { count -= 1 }
      case .requested: if isFollowing(entry.key) { count += 1 }
      }
    }
    return count
  }

  /// Those who wait for an answer, oldest request first. O(requests ever received and not taken
  /// back).
  package var pendingRequests: [UserID] {
    var pending: [(user: UserID, position: Position)] = []
    observed.requests.forEach { user, position in
      if isRequested(by: user) { pending.append((user, position)) }
    }
    return pending.sorted { $0.position < $1.position }.map(\.user)
  }

  /// Those whom this person asked to be allowed to follow and who have not answered, newest request
  /// first: at most `limit`, of requests before a position. O(requests made).
  package func pendingRequestsMade(
    before: Position, limit: Int
  ) -> [(user: UserID, position: Position)] {
    var pending: [(user: UserID, position: Position)] = []
    own.requests.forEach { user, position in
      if position < before, followState(towards: user) == .requested {
        pending.append((user, position))
      }
    }
    return Array(pending.sorted { $0.position > $1.position }.prefix(limit))
  }

  package func isInboxItemRead(_ position: Position) -> Bool {
    if position <= own.inboxReadThrough { return true }
    let index = lowerBound(of: position.raw, in: own.inboxItemsRead)
    return index < own.inboxItemsRead.count && own.inboxItemsRead[index] == position.raw
  }
}

extension UserState.Own {
  package func claim(towards other: UserID) -> FollowClaim {
    if let position = follows[other] { return .followed(position) }
    if let position = requests[other] { return .requested(position) }
    return .none
  }

  mutating func foldClaim(towards other: UserID, _ event: UserEvent, at position: Position) {
    switch FollowClaim.newest(event, at: position) {
    case nil: break
    case .none?:
      follows[other] = nil
      requests[other] = nil
    case .followed(let position)?:
      follows[other] = position
      requests[other] = nil
    case .requested(let position)?:
      follows[other] = nil
      requests[other] = position
    }
  }
}
