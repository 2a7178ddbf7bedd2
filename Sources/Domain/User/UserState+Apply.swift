extension UserState {
  package mutating func apply(_ record: Record) {
    precondition(record.entity == .user(id), "an event of \(record.entity) applied to user:\(id)")
    precondition(
      record.sequence == own.sequence + 1,
      "user:\(id) has \(own.sequence) events, the next cannot be number \(record.sequence)")
    guard case .user(let event) = record.event else {
      preconditionFailure("position \(record.position) is owned by a user but is no user's event")
    }
    own.sequence = record.sequence
    own.apply(event, record)
  }

  package mutating func observe(_ record: Record) {
    switch record.event {
    case .user(let event):
      guard case .user(let owner) = record.entity, event.other == id else { return }
      observed.fold(event, of: owner, at: record.position)
    case .post(.published(let facts)) where facts.author == id,
      .post(.released(let facts)) where facts.author == id:
      observed.count(facts, 1)
    case .post(.deleted(let facts)) where facts.author == id:
      observed.count(facts, -1)
    case .post(.moderated(let facts, let from, let to)) where facts.author == id:
      if from.isHidden != to.isHidden { observed.count(facts, to.isHidden ? -1 : 1) }
    case .post, .chat, .tag:
      break
    }
  }
}

extension UserState.Own {
  fileprivate mutating func apply(_ event: UserEvent, _ record: Record) {
    switch event {
    case .signedUp(let username, let fields):
      self.username = username
      created = record.time
      texts.signUp = record.position
      texts.note(fields, at: record.position)
    case .passwordChanged:
      texts.note(.passwordHash, at: record.position)
    case .profileChanged(let isPrivate, let messages, let fields):
      if let isPrivate { self.isPrivate = isPrivate }
      if let messages { self.messages = messages }
      texts.note(fields, at: record.position)
    case .tokenIssued(let token, let scope, let expires, let hash):
      tokens.removeAll { !$0.isValid(at: record.time) }
      tokens[token] = UserToken(
        scope: scope, expires: expires, hash: hash, issued: record.time,
        labelPosition: record.hasSecret ? record.position : .zero)
    case .tokenRevoked(let token):
      tokens[token] = nil
    case .followed(let other), .unfollowed(let other), .followRequested(let other),
      .followRequestWithdrawn(let other), .followAccepted(let other), .followRejected(let other),
      .blocked(let other), .unblocked(let other):
      foldClaim(towards: other, event, at: record.position)
      foldVerdict(on: other, event, at: record.position)
    case .muted(let other):
      mutes.insert(other)
    case .unmuted(let other):
      mutes.remove(other)
    case .inboxRead(let through):
      readInbox(through: through)
    case .inboxItemRead(let position):
      inboxItemsRead.insert(position.raw, at: lowerBound(of: position.raw, in: inboxItemsRead))
    case .requestAnswered:
      break
    case .erased:
      forget()
    case .verified(let isVerified):
      self.isVerified = isVerified
    case .mediaAdded(let id, let kind):
      media[id] = UserMedium(kind: kind, position: record.position)
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .tagFollowed, .tagUnfollowed, .listMade,
      .listDropped, .listAdded, .listRemoved, .reported, .reportClosed:
      extras.value.apply(event, record)
    }
  }

  private mutating func foldVerdict(on other: UserID, _ event: UserEvent, at position: Position) {
    switch event {
    case .followAccepted, .followRejected, .blocked, .unblocked:
      var verdict = verdicts[other]
      FollowVerdict.fold(event, at: position, into: &verdict)
      verdicts[other] = verdict
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

  /// What is kept of an erased person is what others rest on: the name, which stays taken, and the
  /// relations.
  private mutating func forget() {
    isErased = true
    isVerified = false
    texts = TextPositions()
    tokens = IDMap()
    media = IDMap()
    extras = Rare()
  }

  private mutating func readInbox(through position: Position) {
    inboxReadThrough = position
    let kept = lowerBound(of: position.raw + 1, in: inboxItemsRead)
    inboxItemsRead.removeSubrange(..<kept)
  }
}

extension UserState.Observed {
  fileprivate mutating func fold(_ event: UserEvent, of owner: UserID, at position: Position) {
    switch event {
    case .followRequested:
      requests[owner] = position
    case .followed, .unfollowed, .followRequestWithdrawn:
      requests[owner] = nil
    case .followAccepted, .followRejected, .blocked, .unblocked:
      if case .blocked = event { requests[owner] = nil }
      var verdict = verdicts[owner]
      FollowVerdict.fold(event, at: position, into: &verdict)
      verdicts[owner] = verdict
    case .muted, .unmuted, .signedUp, .passwordChanged, .profileChanged, .tokenIssued,
      .tokenRevoked, .inboxRead, .inboxItemRead, .requestAnswered:
      break
    case .erased, .verified: break
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: break
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: break
    case .reported, .reportClosed: break
    }
  }

  fileprivate mutating func count(_ facts: PostFacts, _ change: Int) {
    if facts.isStory { return }
    if facts.reply == nil { posts += change } else { replies += change }
  }
}
