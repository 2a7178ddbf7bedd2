extension PostState {
  package mutating func apply(_ record: Record) {
    precondition(record.entity == .post(id), "an event of \(record.entity) applied to post:\(id)")
    precondition(
      record.sequence == own.sequence + 1,
      "post:\(id) has \(own.sequence) events, the next cannot be number \(record.sequence)")
    guard case .post(let event) = record.event else {
      preconditionFailure("position \(record.position) is owned by a post but is no post's event")
    }
    own.sequence = record.sequence
    own.apply(event, record)
  }

  package mutating func observe(_ record: Record) {
    guard case .post(let event) = record.event, case .post(let other) = record.entity else {
      return
    }
    switch event {
    case .published(let facts), .released(let facts):
      if facts.reply?.parent == id { observed.replies.append(other) }
      observed.count(facts, of: id, 1)
    case .deleted(let facts):
      observed.count(facts, of: id, -1)
    case .moderated(let facts, let from, let to):
      observed.count(facts, of: id, from.isHidden ? 1 : 0)
      observed.count(facts, of: id, to.isHidden ? -1 : 0)
    case .liked, .unliked, .shared, .unshared, .drafted, .redrafted, .discarded, .edited, .reacted,
      .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }
}

extension PostState.Own {
  fileprivate mutating func apply(_ event: PostEvent, _ record: Record) {
    switch event {
    case .published(let facts):
      write(facts, .published, record)
    case .drafted(let facts, let scheduled):
      write(facts, .draft, record)
      if scheduled != nil { extras.value.scheduled = scheduled }
    case .redrafted(let facts, let scheduled):
      self.facts = facts
      textPosition = record.position
      if extras.value.scheduled != scheduled { extras.value.scheduled = scheduled }
    case .released(let facts):
      self.facts = facts
      stage = .published
      publishedAt = record.time
      if extras.value.scheduled != nil { extras.value.scheduled = nil }
    case .discarded:
      stage = .none
      extras = Rare()
    case .deleted:
      stage = .deleted
      likes = ActorLog()
      shares = ActorLog()
      extras = Rare()
    case .edited(let facts, _):
      let since = extras.value.editedAt ?? publishedAt
      extras.value.versions.append(PostVersion(position: textPosition, time: since))
      extras.value.editedAt = record.time
      self.facts = facts
      textPosition = record.position
    case .liked:
      likes.append(record.actor, at: record.position)
    case .unliked:
      likes.remove(record.actor)
    case .shared(let share, _):
      shares.append(record.actor, at: record.position, share)
    case .unshared:
      shares.remove(record.actor)
    case .reacted, .unreacted, .voted, .pollClosed, .viewed, .moderated:
      extras.value.apply(event, record)
    }
  }

  private mutating func write(
    _ facts: PostFacts, _ stage: PostState.Stage, _ record: Record
  ) {
    self.facts = facts
    self.stage = stage
    publishedAt = record.time
    textPosition = record.position
  }
}

extension PostExtras {
  fileprivate mutating func apply(_ event: PostEvent, _ record: Record) {
    switch event {
    case .reacted(let emoji, _):
      react(record.actor, at: record.position, emoji)
    case .unreacted:
      unreact(record.actor)
    case .voted(let options, _):
      if let choice = PollChoice(options) { vote(record.actor, at: record.position, choice) }
    case .pollClosed:
      isPollClosed = true
    case .viewed:
      viewers.append(record.actor, at: record.position)
    case .moderated(_, _, let to):
      moderation = to
    case .published, .drafted, .redrafted, .released, .discarded, .deleted, .edited, .liked,
      .unliked, .shared, .unshared:
      break
    }
  }
}

extension PostState.Observed {
  fileprivate mutating func count(_ facts: PostFacts, of id: PostID, _ change: Int) {
    if facts.reply?.parent == id { replyCount += change }
    if facts.quote?.post == id { quoteCount += change }
  }
}

extension Moderation {
  /// Whether only the author and moderators see the post.
  package var isHidden: Bool { self != .none }
}
