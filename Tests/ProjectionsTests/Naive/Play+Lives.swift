import Domain

/// What becomes of posts besides being published, deleted, liked and shared.
extension Play {
  mutating func live(by actor: UserID) {
    switch Int.random(in: 0..<24, using: &random) {
    case 0..<4: draft(by: actor)
    case 4..<6: redraft(by: actor)
    case 6..<9: release(by: actor)
    case 9: discard(by: actor)
    case 10..<14: edit(by: actor)
    case 14..<16: tellStory(by: actor)
    case 16..<18: moderate(by: actor)
    case 18..<20: react(by: actor)
    case 20..<22: vote(by: actor)
    case 22: closePoll()
    default: view(by: actor)
    }
  }

  // MARK: Writing

  /// Whatever a post may be, stories and polls included.
  private mutating func anyFacts(by actor: UserID) -> PostFacts {
    var facts = facts(by: actor)
    if random.once(in: 3) {
      facts.poll = PollFacts(optionCount: 3, isMultiple: true, secondsOpen: 3_600)
    }
    if random.once(in: 4), facts.reply == nil { facts.isStory = true }
    return facts
  }

  private mutating func draft(by actor: UserID) {
    let facts = anyFacts(by: actor)
    let scheduled = random.once(in: 2) ? Instant(ms: now + 3_600_000) : nil
    emit(.post(.drafted(facts, scheduled: scheduled)), by: actor, .post(PostID(newID())))
  }

  private mutating func ownDraft(of actor: UserID) -> NaiveTown.Post? {
    random.pick(town.drafts(actor)).flatMap { town.post($0) }
  }

  private mutating func redraft(by actor: UserID) {
    guard let draft = ownDraft(of: actor) else { return }
    let facts = rewritten(draft.facts, by: actor)
    emit(.post(.redrafted(facts, scheduled: nil)), by: actor, .post(draft.id))
  }

  private mutating func release(by actor: UserID) {
    guard let draft = ownDraft(of: actor) else { return }
    var facts = draft.facts
    facts.order = ShareID(newID())
    let isDue = draft.status == .scheduled && random.once(in: 2)
    emit(.post(.released(facts)), by: isDue ? .system : actor, .post(draft.id))
  }

  private mutating func discard(by actor: UserID) {
    guard let draft = ownDraft(of: actor) else { return }
    emit(.post(.discarded), by: actor, .post(draft.id))
  }

  /// With other hashtags and mentions.
  private mutating func rewritten(_ facts: PostFacts, by actor: UserID) -> PostFacts {
    let other = self.facts(by: actor)
    var facts = facts
    facts.tags = other.tags
    facts.mentions = other.mentions
    return facts
  }

  private mutating func edit(by actor: UserID) {
    let own = town.posts.filter { $0.facts.author == actor && $0.status == .published }
    guard let post = random.pick(own) else { return }
    let facts = rewritten(post.facts, by: actor)
    let revision = PostRevision(from: post.facts, to: facts)
    emit(.post(.edited(facts, revision)), by: actor, .post(post.id))
  }

  private mutating func tellStory(by actor: UserID) {
    var facts = anyFacts(by: actor)
    facts.reply = nil
    facts.isStory = true
    emit(.post(.published(facts)), by: actor, .post(PostID(newID())))
  }

  // MARK: What others do

  private mutating func moderate(by actor: UserID) {
    let old: [PostStatus: Moderation] = [
      .published: .none, .underReview: .underReview, .removed: .removed,
    ]
    let hidden = town.posts.filter { $0.status == .underReview || $0.status == .removed }
    let some = random.once(in: 2) ? hidden : Array(town.posts.suffix(30))
    guard let post = random.pick(some), let from = old[post.status],
      let to = random.pick(Moderation.allCases.filter { $0 != from })
    else { return }
    emit(.post(.moderated(post.facts, from: from, to: to)), by: actor, .post(post.id))
  }

  private mutating func markablePost(
    for viewer: UserID, where isFit: (NaiveTown.Post) -> Bool = { _ in true }
  ) -> NaiveTown.Post? {
    let seen = town.posts.suffix(60).filter {
      $0.status == .published && town.canSee(viewer, $0.facts) && isFit($0)
    }
    return random.pick(seen)
  }

  private mutating func react(by actor: UserID) {
    let recent = Set(town.posts.suffix(60).map(\.id))
    let marks = town.reactions.filter { recent.contains($0.post) }.sorted {
      ($0.post, $0.person) < ($1.post, $1.person)
    }
    if random.once(in: 3), let mark = marks.randomElement(using: &random) {
      guard let post = markablePost(for: mark.person, where: { $0.id == mark.post }) else { return }
      let event = PostEvent.unreacted(author: post.facts.author)
      return emit(.post(event), by: mark.person, .post(post.id))
    }
    // A new emoji in the place of an old one, too.
    guard let post = markablePost(for: actor, where: { _ in true }) else { return }
    emit(.post(.reacted("🎉", author: post.facts.author)), by: actor, .post(post.id))
  }

  private mutating func vote(by actor: UserID) {
    let town = town
    let post = markablePost(for: actor) { post in
      let mark = NaiveTown.Mark(post: post.id, person: actor)
      return post.facts.poll != nil && post.facts.author != actor
        && !town.votes.contains(mark) && !town.closedPolls.contains(post.id)
    }
    guard let post else { return }
    emit(.post(.voted([0, 2], author: post.facts.author)), by: actor, .post(post.id))
  }

  /// Hidden or not.
  private mutating func closePoll() {
    let open = town.posts.filter {
      [.published, .underReview, .removed].contains($0.status) && $0.facts.poll != nil
        && !town.closedPolls.contains($0.id)
    }
    guard let post = random.pick(open) else { return }
    emit(.post(.pollClosed(author: post.facts.author)), by: .system, .post(post.id))
  }

  private mutating func view(by actor: UserID) {
    let town = town
    let post = markablePost(for: actor) { post in
      post.facts.author != actor
        && !town.views.contains(NaiveTown.Mark(post: post.id, person: actor))
    }
    guard let post else { return }
    emit(.post(.viewed(author: post.facts.author)), by: actor, .post(post.id))
  }
}
