extension PostState {
  package func decide(
    _ command: PostCommand, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision {
    switch command {
    case .publish(let facts, let secret):
      try checkNew(facts, secret, actor)
      return Decision([Draft(.post(.published(facts)), secret: secret)], .id(id.raw))
    case .draft(let facts, let scheduled, let secret):
      try checkNew(facts, secret, actor)
      try checkSchedule(scheduled, now)
      let event = PostEvent.drafted(facts, scheduled: scheduled)
      return Decision([Draft(.post(event), secret: secret)], .id(id.raw))
    case .release(let order):
      return try decideRelease(order, actor, now)
    case .discard:
      guard actor == .system else { throw .noSuchPost }
      return Decision(own.stage == .draft ? [Draft(.post(.discarded))] : [], .ok)
    case .edit(let tags, let mentions, let base, let secret):
      return try decideEdit(tags, mentions, base, secret, actor, now)
    case .delete:
      return try decideDelete(actor)
    case .like, .unlike, .share, .unshare, .react, .unreact:
      return try decideMark(command, actor, now)
    case .vote(let options):
      return try decideVote(options, actor, now)
    case .closePoll:
      return try decideClosePoll(actor, now)
    case .view:
      return try decideView(actor, now)
    case .moderate(let moderation, let secret):
      return try decideModerate(moderation, secret)
    }
  }

  /// What is published and not over; everything else is refused in the words for it.
  package func live(for actor: UserID, at now: Instant) throws(Rejection) -> PostFacts {
    guard let facts = own.facts, let status else { throw .noSuchPost }
    switch status.effective(expires: expires, at: now, authorIsErased: false) {
    case .published: return facts
    case .deleted, .erased: throw .noSuchPost
    case .expired: throw .expiredStory
    case .draft, .scheduled:
      throw facts.author == actor ? Rejection.notPublished : .noSuchPost
    case .underReview, .removed:
      throw facts.author == actor ? Rejection.hiddenByModerators : .noSuchPost
    }
  }

  private func checkNew(
    _ facts: PostFacts, _ secret: Secret, _ actor: UserID
  ) throws(Rejection) {
    guard own.facts == nil else { throw Rejection(.conflict, "this post exists already") }
    guard facts.author == actor else {
      throw Rejection(.denied, "nobody can post in another's name")
    }
    try facts.validate()
    try secret.validatePost(facts)
    guard facts.reply?.parent != id, facts.quote?.post != id else {
      throw Rejection(.invalid, "a post cannot answer or quote itself")
    }
  }

  private func checkSchedule(_ scheduled: Instant?, _ now: Instant) throws(Rejection) {
    guard let scheduled else { return }
    guard scheduled > now else { throw Rejection(.invalid, "this time has passed") }
    guard scheduled <= now.adding(ms: Self.scheduleAheadMsMax) else {
      throw Rejection(.invalid, "a post can be scheduled a year ahead at most")
    }
  }

  /// The system's turn comes again after a crash, and after the author's: then there is nothing to
  /// do.
  private func decideRelease(
    _ order: ShareID, _ actor: UserID, _ now: Instant
  ) throws(Rejection) -> Decision {
    guard var facts = own.facts, own.stage != .none, own.stage != .deleted else {
      throw .noSuchPost
    }
    let isDue = own.extras.value.scheduled.map { $0 <= now } ?? false
    guard facts.author == actor || (actor == .system && (isDue || own.stage == .published)) else {
      throw .noSuchPost
    }
    if own.stage == .published { return Decision([], .id(id.raw)) }
    facts.order = order
    return Decision([Draft(.post(.released(facts)))], .id(id.raw))
  }

  private func decideEdit(
    _ tags: [Tag], _ mentions: [UserID], _ base: Position, _ secret: Secret, _ actor: UserID,
    _ now: Instant
  ) throws(Rejection) -> Decision {
    guard let old = own.facts, own.stage != .none, own.stage != .deleted else { throw .noSuchPost }
    guard old.author == actor else { throw Rejection(.denied, "that is another's post") }
    var facts = old
    facts.tags = tags
    facts.mentions = mentions
    facts.hasLink = secret[.link] != nil
    try facts.validate()
    try secret.validatePost(facts)
    guard base == own.textPosition else {
      throw .editedMeanwhile
    }
    if own.stage == .draft {
      let event = PostEvent.redrafted(facts, scheduled: own.extras.value.scheduled)
      return Decision([Draft(.post(event), secret: secret)], .ok)
    }
    _ = try live(for: actor, at: now)
    guard own.extras.value.versions.count < Self.editsMax else {
      throw Rejection(.denied, "a post can be edited \(Self.editsMax) times")
    }
    let event = PostEvent.edited(facts, PostRevision(from: old, to: facts))
    return Decision([Draft(.post(event), secret: secret)], .ok)
  }

  /// What moderators have hidden stays for them to look at.
  private func decideDelete(_ actor: UserID) throws(Rejection) -> Decision {
    guard let facts = own.facts, let status else { throw .noSuchPost }
    switch status {
    case .deleted, .erased: throw .noSuchPost
    case .draft, .scheduled, .published, .expired, .underReview, .removed: break
    }
    guard facts.author == actor else { throw Rejection(.denied, "that is another's post") }
    switch status {
    case .draft, .scheduled: return Decision([Draft(.post(.discarded))], .ok)
    case .underReview, .removed: throw .hiddenByModerators
    case .published, .expired, .deleted, .erased:
      return Decision([Draft(.post(.deleted(facts)))], .ok)
    }
  }

  private func decideModerate(
    _ moderation: Moderation, _ secret: Secret?
  ) throws(Rejection) -> Decision {
    guard let facts = own.facts, own.stage == .published else { throw .noSuchPost }
    try secret?.validateReason()
    let now = own.extras.value.moderation
    if now == moderation { return Decision([], .ok) }
    let event = PostEvent.moderated(facts, from: now, to: moderation)
    return Decision([Draft(.post(event), secret: secret)], .ok)
  }
}

extension Rejection {
  package static let expiredStory = Rejection(.gone, "this story has expired")
  package static let erasedPost = Rejection(.gone, "this post was erased with its author")
  static let notPublished = Rejection(.invalid, "this post is not published")
  static let hiddenByModerators = Rejection(.denied, "moderators have hidden this post")
}
