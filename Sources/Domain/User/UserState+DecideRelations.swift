/// The rules are explained at `FollowRelation`.
extension UserState {
  func decideFollow(_ other: UserID, _ targetIsPrivate: Bool) throws(Rejection) -> Decision {
    guard other != id else { throw Rejection(.invalid, "nobody can follow themself") }
    guard !isBlocked(by: other) else { throw .noSuchUser }
    guard !isBlocking(other) else {
      throw Rejection(.denied, "you block this person; unblock them first")
    }
    switch followState(towards: other) {
    case .following:
      return Decision([], .word("following"))
    case .requested where targetIsPrivate:
      return Decision([], .word("requested"))
    case .none, .requested:
      guard own.follows.count + own.requests.count < Self.followsMax else {
        throw Rejection(.denied, "at most \(Self.followsMax) follows")
      }
      let event = targetIsPrivate ? UserEvent.followRequested(other) : .followed(other)
      let word = targetIsPrivate ? "requested" : "following"
      return Decision([Draft(.user(event))], .word(word))
    }
  }

  /// What ends following another or asking to; nil where there is nothing to end.
  func ending(_ other: UserID) -> UserEvent? {
    switch followState(towards: other) {
    case .none: nil
    case .requested: .followRequestWithdrawn(other)
    case .following: .unfollowed(other)
    }
  }

  /// Repeating an answer is fine; answering who never asked is not.
  func decideAnswer(_ other: UserID, _ event: UserEvent) throws(Rejection) -> Decision {
    if isRequested(by: other) { return Decision([Draft(.user(event))], .ok) }
    switch own.verdicts[other]?.kind {
    case .accepted, .rejected:
      return Decision([], .ok)
    case .blocked, .unblocked, nil:
      throw Rejection(.notFound, "no follow request from this person")
    }
  }

  /// One decision ends the own following and begins the block; the block itself ends the other's.
  func decideBlock(_ other: UserID) throws(Rejection) -> Decision {
    guard other != id else { throw Rejection(.invalid, "nobody can block themself") }
    if isBlocking(other) { return Decision([], .ok) }
    let blocks = own.verdicts.entries.count { $0.value.kind == .blocked }
    guard blocks < Self.blocksMax else {
      throw Rejection(.denied, "at most \(Self.blocksMax) blocks")
    }
    let events = [ending(other), .blocked(other)].compactMap { $0 }
    return Decision(events.map { Draft(.user($0)) }, .ok)
  }

  func decideMute(_ other: UserID) throws(Rejection) -> Decision {
    guard other != id else { throw Rejection(.invalid, "nobody can mute themself") }
    if isMuting(other) { return Decision([], .ok) }
    guard own.mutes.count < Self.mutesMax else {
      throw Rejection(.denied, "at most \(Self.mutesMax) mutes")
    }
    return Decision([Draft(.user(.muted(other)))], .ok)
  }

  /// That the items exist and are this person's is the inbox's to know.
  func decideReadItems(_ positions: [Position]) throws(Rejection) -> Decision {
    var unread: [Position] = []
    for position in Set(positions).sorted() where !isInboxItemRead(position) {
      unread.append(position)
    }
    guard own.inboxItemsRead.count + unread.count <= Self.inboxItemsReadMax else {
      throw Rejection(.denied, "too many items read one by one; read all")
    }
    return Decision(unread.map { Draft(.user(.inboxItemRead($0))) }, .ok)
  }
}
