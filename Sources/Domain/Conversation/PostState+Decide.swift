extension PostState {
  package func decide(
    _ command: PostCommand, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision {
    switch command {
    case .publish(let facts, let secret):
      return try decidePublish(facts, secret, actor)
    case .delete:
      let facts = try published()
      guard facts.author == actor else { throw Rejection(.denied, "that is another's post") }
      return Decision([Draft(.post(.deleted(facts)))], .ok)
    case .like:
      let facts = try published()
      let event = PostEvent.liked(author: facts.author)
      return counted(own.likes.contains(actor) ? nil : event, own.likes.count, 1)
    case .unlike:
      let facts = try published()
      let event = PostEvent.unliked(author: facts.author)
      return counted(own.likes.contains(actor) ? event : nil, own.likes.count, -1)
    case .share(let share, let authorIsPrivate):
      return try decideShare(share, authorIsPrivate, actor)
    case .unshare:
      let facts = try published()
      let event = own.shares[actor].map {
        PostEvent.unshared($0.payload, author: facts.author)
      }
      return counted(event, own.shares.count, -1)
    }
  }

  private func published() throws(Rejection) -> PostFacts {
    guard let facts = own.facts, own.deletedAt == nil else { throw .noSuchPost }
    return facts
  }

  private func counted(_ event: PostEvent?, _ count: Int, _ change: Int) -> Decision {
    guard let event else { return Decision([], .count(count)) }
    return Decision([Draft(.post(event))], .count(count + change))
  }

  private func decidePublish(
    _ facts: PostFacts, _ secret: Secret, _ actor: UserID
  ) throws(Rejection) -> Decision {
    guard own.facts == nil else { throw Rejection(.conflict, "this post exists already") }
    guard facts.author == actor else {
      throw Rejection(.denied, "nobody can post in another's name")
    }
    try secret.validatePost()
    guard facts.mentions.count <= TextScanner.mentionsMax else { throw .tooManyMentions }
    guard facts.tags.count <= TextScanner.tagsMax else {
      throw Rejection(.invalid, "at most \(TextScanner.tagsMax) hashtags")
    }
    guard facts.reply?.parent != id, facts.quote?.post != id else {
      throw Rejection(.invalid, "a post cannot answer or quote itself")
    }
    return Decision([Draft(.post(.published(facts)), secret: secret)], .id(id.raw))
  }

  /// Authors may share whatever they wrote: a share shows a post only to who may see it anyway.
  private func decideShare(
    _ share: ShareID, _ authorIsPrivate: Bool, _ actor: UserID
  ) throws(Rejection) -> Decision {
    let facts = try published()
    if own.shares.contains(actor) { return counted(nil, own.shares.count, 0) }
    let isOpen = facts.visibility == .public && !authorIsPrivate
    guard isOpen || facts.author == actor else {
      throw Rejection(.denied, "only public posts can be shared")
    }
    return counted(.shared(share, author: facts.author), own.shares.count, 1)
  }
}
