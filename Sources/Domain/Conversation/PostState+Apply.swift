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
    switch event {
    case .published(let facts):
      own.facts = facts
      own.publishedAt = record.time
      own.textPosition = record.position
    case .deleted:
      own.deletedAt = record.time
      own.likes = ActorLog()
      own.shares = ActorLog()
    case .liked:
      own.likes.append(record.actor, at: record.position, NoPayload())
    case .unliked:
      own.likes.remove(record.actor)
    case .shared(let share, _):
      own.shares.append(record.actor, at: record.position, share)
    case .unshared:
      own.shares.remove(record.actor)
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: break
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: break
    }
  }

  package mutating func observe(_ record: Record) {
    guard case .post(let event) = record.event, case .post(let other) = record.entity else {
      return
    }
    switch event {
    case .published(let facts):
      if facts.reply?.parent == id {
        observed.replyCount += 1
        observed.replies.append(other)
      }
      if facts.quote?.post == id { observed.quoteCount += 1 }
    case .deleted(let facts):
      if facts.reply?.parent == id { observed.replyCount -= 1 }
      if facts.quote?.post == id { observed.quoteCount -= 1 }
    case .liked, .unliked, .shared, .unshared:
      break
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: break
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: break
    }
  }
}
