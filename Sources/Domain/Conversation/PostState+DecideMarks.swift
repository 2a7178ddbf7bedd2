/// What people do to a post that is published: each once, each to be taken back but votes and
/// views.
extension PostState {
  func decideMark(
    _ command: PostCommand, _ actor: UserID, _ now: Instant
  ) throws(Rejection) -> Decision {
    let facts = try live(for: actor, at: now)
    let author = facts.author
    switch command {
    case .like:
      return counted(
        own.likes.contains(actor) ? nil : .liked(author: author), own.likes.count, 1)
    case .unlike:
      return counted(
        own.likes.contains(actor) ? .unliked(author: author) : nil, own.likes.count, -1)
    case .share(let share, let authorIsPrivate):
      return try decideShare(share, authorIsPrivate, facts, actor)
    case .unshare:
      let event = own.shares[actor].map { PostEvent.unshared($0.payload, author: author) }
      return counted(event, own.shares.count, -1)
    case .react(let emoji):
      try validateEmoji(emoji)
      let reactions = own.extras.value.reactions
      let old = reactions[actor]?.payload
      return counted(
        old == emoji ? nil : .reacted(emoji, author: author), reactions.count, old == nil ? 1 : 0)
    case .unreact:
      let reactions = own.extras.value.reactions
      return counted(
        reactions.contains(actor) ? .unreacted(author: author) : nil, reactions.count, -1)
    case .publish, .draft, .release, .discard, .edit, .delete, .vote, .closePoll, .view, .moderate:
      preconditionFailure("\(command) is no mark on a post")
    }
  }

  private func counted(_ event: PostEvent?, _ count: Int, _ change: Int) -> Decision {
    guard let event else { return Decision([], .count(count)) }
    return Decision([Draft(.post(event))], .count(count + change))
  }

  /// Authors may share whatever they wrote: a share shows a post only to who may see it anyway.
  private func decideShare(
    _ share: ShareID, _ authorIsPrivate: Bool, _ facts: PostFacts, _ actor: UserID
  ) throws(Rejection) -> Decision {
    if own.shares.contains(actor) { return counted(nil, own.shares.count, 0) }
    if facts.isStory { throw Rejection(.invalid, "a story cannot be shared") }
    let isOpen = facts.visibility == .public && !authorIsPrivate
    guard isOpen || facts.author == actor else {
      throw Rejection(.denied, "only public posts can be shared")
    }
    return counted(.shared(share, author: facts.author), own.shares.count, 1)
  }

  func decideVote(
    _ options: [Int], _ actor: UserID, _ now: Instant
  ) throws(Rejection) -> Decision {
    let facts = try live(for: actor, at: now)
    guard let poll = facts.poll else { throw Rejection(.invalid, "this post has no poll") }
    guard !options.isEmpty, options.allSatisfy({ (0..<poll.optionCount).contains($0) }),
      let choice = PollChoice(options)
    else {
      throw Rejection(.invalid, "the poll's options are 0 to \(poll.optionCount - 1)")
    }
    guard poll.isMultiple || choice.options.count == 1 else {
      throw Rejection(.invalid, "this poll takes one option")
    }
    if let earlier = own.extras.value.votes[actor] {
      if earlier.payload == choice { return Decision([], .ok) }
      throw Rejection(.conflict, "you have voted already")
    }
    guard facts.author != actor else {
      throw Rejection(.denied, "nobody votes in their own poll")
    }
    if let closes = pollCloses, now >= closes { throw Rejection(.denied, "this poll is closed") }
    let event = PostEvent.voted(choice.options, author: facts.author)
    return Decision([Draft(.post(event))], .ok)
  }

  /// Comes again after a crash; then there is nothing to do.
  func decideClosePoll(_ actor: UserID, _ now: Instant) throws(Rejection) -> Decision {
    guard actor == .system, let facts = own.facts, own.stage == .published,
      let closes = pollCloses, now >= closes
    else { throw .noSuchPost }
    if own.extras.value.isPollClosed { return Decision([], .ok) }
    return Decision([Draft(.post(.pollClosed(author: facts.author)))], .ok)
  }

  /// Answers 1 for a first view, 0 for every other and the author's own.
  func decideView(_ actor: UserID, _ now: Instant) throws(Rejection) -> Decision {
    let facts = try live(for: actor, at: now)
    if facts.author == actor || own.extras.value.viewers.contains(actor) {
      return Decision([], .count(0))
    }
    return Decision([Draft(.post(.viewed(author: facts.author)))], .count(1))
  }
}
