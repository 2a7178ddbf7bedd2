import Domain

/// What becomes of posts, and what it tells people and adds to trends.
extension NaiveTown {
  mutating func apply(_ event: PostEvent, _ id: PostID, by actor: UserID, _ record: Record) {
    switch event {
    case .published(let facts):
      posts.append(Post(id: id, facts: facts))
      publish(id, record)
    case .drafted(let facts, let scheduled):
      posts.append(Post(id: id, facts: facts, status: scheduled == nil ? .draft : .scheduled))
    case .redrafted(let facts, _):
      change(id) { $0.facts = facts }
    case .released(let facts):
      change(id) { $0.facts = facts }
      publish(id, record)
    case .discarded:
      change(id) { $0.status = .deleted }
    case .edited(let facts, let revision):
      change(id) { $0.facts = facts }
      edit(id, facts, revision, record)
    case .moderated(let facts, let from, let to):
      moderate(id, facts, from, to, record)
    case .deleted:
      change(id) { $0.status = .deleted }
      notices.removeAll { $0.object == id.raw && Self.postKinds.contains($0.kind) }
      uses.removeAll { $0.source == "post:\(id)" || $0.subject == "post:\(id)" }
    case .liked, .unliked, .shared, .unshared, .reacted, .unreacted, .voted, .pollClosed, .viewed:
      mark(event, id, by: actor, record)
    }
  }

  /// Kinds of notices whose object is a post.
  private static let postKinds = [
    "mention", "reply", "like", "share", "quote", "reaction", "poll", "moderation",
  ]

  private mutating func change(_ id: PostID, _ body: (inout Post) -> Void) {
    for index in posts.indices where posts[index].id == id { body(&posts[index]) }
  }

  private mutating func publish(_ id: PostID, _ record: Record) {
    change(id) {
      $0.status = .published
      $0.publication = (record.position.raw, record.time.ms)
    }
    guard let facts = post(id)?.facts else { return }
    for (owner, kind) in addressees(facts) where canSee(owner, facts) {
      notify(owner, kind, id.raw, facts.author, record.position.raw)
    }
    contribute(id, facts, record)
  }

  private mutating func contribute(_ id: PostID, _ facts: PostFacts, _ record: Record) {
    if let reply = facts.reply { use("post:\(reply.parent)", by: id, facts, record) }
    for tag in facts.tags { use("tag:\(tag)", by: id, facts, record) }
  }

  /// What everybody may see adds to trends, but for stories.
  private mutating func use(
    _ subject: String, by id: PostID, _ facts: PostFacts, _ record: Record
  ) {
    guard facts.visibility == .public, !facts.isStory, !privates.contains(facts.author),
      !erased.contains(facts.author)
    else { return }
    use(subject, "post:\(id)", facts.author, record.time.ms)
  }

  private mutating func use(
    _ subject: String, _ source: String, _ account: UserID, _ time: Int64
  ) {
    uses.append(Use(subject: subject, source: source, account: account, time: time))
  }

  private mutating func edit(
    _ id: PostID, _ facts: PostFacts, _ revision: PostRevision, _ record: Record
  ) {
    notices.removeAll {
      $0.kind == "mention" && $0.object == id.raw && revision.removedMentions.contains($0.owner)
    }
    for (owner, kind) in addressees(facts)
    where kind == "mention" && revision.addedMentions.contains(owner) && canSee(owner, facts) {
      notify(owner, kind, id.raw, facts.author, record.position.raw)
    }
    for tag in revision.removedTags {
      uses.removeAll { $0.subject == "tag:\(tag)" && $0.source == "post:\(id)" }
    }
    for tag in revision.addedTags { use("tag:\(tag)", by: id, facts, record) }
  }

  private mutating func moderate(
    _ id: PostID, _ facts: PostFacts, _ from: Moderation, _ to: Moderation, _ record: Record
  ) {
    change(id) { post in
      switch to {
      case .none: post.status = .published
      case .underReview: post.status = .underReview
      case .removed: post.status = .removed
      }
    }
    if to == .none {
      contribute(id, facts, record)
    } else {
      uses.removeAll { $0.source == "post:\(id)" }
    }
    notices.removeAll { notice in
      notice.object == id.raw
        && (notice.kind == "moderation"
          || (to != .none && ["reply", "quote", "mention"].contains(notice.kind)))
    }
    tell(facts.author, "moderation", id, record)
  }

  private mutating func mark(
    _ event: PostEvent, _ id: PostID, by actor: UserID, _ record: Record
  ) {
    let position = record.position.raw
    let time = record.time.ms
    switch event {
    case .liked(let author):
      likes.insert(Share(id: ShareID(0), post: id, sharer: actor))
      notify(author, "like", id.raw, actor, position)
      use("post:\(id)", "like:\(actor)", actor, time)
    case .unliked(let author):
      likes.remove(Share(id: ShareID(0), post: id, sharer: actor))
      withdraw(author, "like", id.raw, actor)
      uses.removeAll { $0.subject == "post:\(id)" && $0.source == "like:\(actor)" }
    case .shared(let share, let author):
      shares.append(Share(id: share, post: id, sharer: actor))
      notify(author, "share", id.raw, actor, position)
      use("post:\(id)", "share:\(actor)", actor, time)
    case .unshared(let share, let author):
      shares.removeAll { $0.id == share }
      withdraw(author, "share", id.raw, actor)
      uses.removeAll { $0.subject == "post:\(id)" && $0.source == "share:\(actor)" }
    case .reacted(_, let author):
      reactions.insert(Mark(post: id, person: actor))
      notify(author, "reaction", id.raw, actor, position)
    case .unreacted(let author):
      reactions.remove(Mark(post: id, person: actor))
      withdraw(author, "reaction", id.raw, actor)
    case .voted: votes.insert(Mark(post: id, person: actor))
    case .viewed: views.insert(Mark(post: id, person: actor))
    case .pollClosed(let author):
      closedPolls.insert(id)
      for owner in [author] + votes.filter({ $0.post == id }).map(\.person) {
        tell(owner, "poll", id, record)
      }
    case .published, .deleted, .drafted, .redrafted, .released, .discarded, .edited, .moderated:
      preconditionFailure("\(event) is no mark on a post")
    }
  }

  /// Whom a post tells something, with the weightiest reason.
  private func addressees(_ facts: PostFacts) -> [(owner: UserID, kind: String)] {
    var addressees: [(UserID, String)] = []
    if let reply = facts.reply { addressees.append((reply.parentAuthor, "reply")) }
    if let quote = facts.quote { addressees.append((quote.author, "quote")) }
    addressees += facts.mentions.map { ($0, "mention") }
    var seen: Set<UserID> = [facts.author]
    return addressees.filter { seen.insert($0.0).inserted }
  }

  /// What nobody can silence.
  private mutating func tell(_ owner: UserID, _ kind: String, _ id: PostID, _ record: Record) {
    notices.append(
      Notice(
        owner: owner, kind: kind, object: id.raw,
        causes: [Cause(position: record.position.raw, actor: record.actor)]))
  }

  // MARK: Stories and drafts

  struct StoryLine: Hashable {
    var author: UserID
    var key: UInt64
    var stories: [PostID]
  }

  /// Everybody's, the newest first, as a page sees them whose first was read at `asOf`. What
  /// moderators hide keeps its place: whoever reads looks at the post.
  func stories(asOf: UInt64, at moment: Int64) -> [StoryLine] {
    let told = posts.filter {
      $0.facts.isStory && (1...asOf).contains($0.publication.position)
        && moment < $0.publication.time + 86_400_000
    }.sorted { $0.publication.position < $1.publication.position }
    return people.compactMap { author in
      let mine = told.filter { $0.facts.author == author }
      return mine.map(\.key).max().map { key in
        StoryLine(
          author: author, key: key, stories: mine.filter { $0.status != .deleted }.map(\.id))
      }
    }.sorted { $0.key > $1.key }
  }

  /// Newest first.
  func drafts(_ author: UserID) -> [PostID] {
    posts.filter { $0.facts.author == author && ($0.status == .draft || $0.status == .scheduled) }
      .map(\.id).sorted(by: >)
  }
}
