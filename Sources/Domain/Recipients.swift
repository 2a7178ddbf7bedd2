/// Calls `body` with every entity that an event concerns besides its owner, each once.
///
/// The one place that says so: live delivery, replay and rebuild go through it.
package func forEachRecipient(of record: Record, _ body: (EntityKey) -> Void) {
  switch record.event {
  case .user(let event):
    forEachRecipient(of: event, body)
  case .post(let event):
    forEachRecipient(of: event, by: record.actor, body)
  case .chat, .tag:
    break
  }
}

private func forEachRecipient(of event: UserEvent, _ body: (EntityKey) -> Void) {
  switch event {
  case .followed(let other), .unfollowed(let other), .followRequested(let other),
    .followRequestWithdrawn(let other), .followAccepted(let other), .followRejected(let other),
    .blocked(let other), .unblocked(let other):
    body(.user(other))
  case .tagFollowed(let tag), .tagUnfollowed(let tag):
    body(.tag(tag))
  case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .muted, .unmuted,
    .inboxRead, .inboxItemRead, .requestAnswered, .erased, .verified, .bookmarked, .unbookmarked,
    .pinned, .unpinned, .mediaAdded, .listMade, .listDropped, .listAdded, .listRemoved, .reported,
    .reportClosed:
    break
  }
}

private func forEachRecipient(
  of event: PostEvent, by actor: UserID, _ body: (EntityKey) -> Void
) {
  switch event {
  case .published(let facts), .released(let facts), .deleted(let facts),
    .moderated(let facts, _, _):
    body(.user(facts.author))
    if let reply = facts.reply { body(.post(reply.parent)) }
    if let quote = facts.quote, quote.post != facts.reply?.parent { body(.post(quote.post)) }
    for mention in facts.mentions where mention != facts.author { body(.user(mention)) }
    for tag in facts.tags { body(.tag(tag)) }
  case .edited(_, let revision):
    for tag in revision.addedTags + revision.removedTags { body(.tag(tag)) }
  case .liked(let author), .unliked(let author), .shared(_, let author), .unshared(_, let author),
    .reacted(_, let author), .unreacted(let author), .voted(_, let author), .pollClosed(let author),
    .viewed(let author):
    body(.user(author))
  case .drafted, .redrafted, .discarded:
    break
  }
}
