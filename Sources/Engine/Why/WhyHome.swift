package import Domain
internal import Entities
internal import Journal
internal import Projections

/// Why a post is, or is not, in a home as of a moment.
///
/// The verdict is `homeRefusal`'s, which serves HOME too, on states folded from the events of the
/// post, of the viewer's relations, and of the people involved.
package struct WhyHome {
  private let evidence: Evidence
  private let viewer: UserID
  private let id: PostID
  private let records: [Record]
  private let post: PostState?
  private let relations: Relations

  package init(
    _ index: HistoryIndex, viewer: UserID, post: PostID, at position: Position, _ moment: Instant
  ) throws {
    evidence = Evidence(index, at: position, moment)
    self.viewer = viewer
    id = post
    records = try evidence.records([[.entity(.post(post))]])
    var states = EntityStates()
    for record in records { try states.fold(record, into: .post(post)) }
    self.post = states.posts[post]?.state
    var others: Set<UserID> = []
    if let facts = self.post?.facts {
      others.formUnion([facts.author] + facts.mentions)
      if let reply = facts.reply { others.insert(reply.parentAuthor) }
    }
    self.post?.own.shares.forEach {
      others.insert($0.key)
      return true
    }
    others.remove(viewer)
    relations = try Relations(of: viewer, to: others, evidence)
  }

  package func explain() throws -> Explanation {
    guard let post, let facts = post.facts, let stored = post.status else { return try unwritten() }
    if relations.models.isErased(viewer), let erasure = try evidence.erasure(of: viewer) {
      return try answer(
        false, "viewer_erased", "this account was erased at position \(erasure.position)", facts,
        [erasure])
    }
    let status = stored.effective(
      expires: post.expires, at: evidence.moment,
      authorIsErased: relations.models.isErased(facts.author))
    let basis = relations.basis
    let isPrivate = relations.isPrivate(facts.author)
    func verdict(sharer: UserID?) -> HomeRefusal? {
      homeRefusal(
        of: facts, status: status, authorIsPrivate: isPrivate, sharer: sharer, viewer: viewer,
        basis: basis, relations: relations)
    }
    guard var refusal = verdict(sharer: nil) else { return try itself(facts) }
    var sharer: UserID?
    var hiddenSharer: UserID?
    post.own.shares.forEach { share in
      switch verdict(sharer: share.key) {
      case nil: sharer = share.key
      case .sharerIsNoSource: break
      case .sharerIsHidden: hiddenSharer = hiddenSharer ?? share.key
      // Somebody's share would bring it, but for what is said of the post itself.
      case .some(let other): refusal = other
      }
      return sharer == nil
    }
    if let sharer { return try shared(facts, by: sharer) }
    return try refused(facts, refusal, hiddenSharer: hiddenSharer)
  }

  // MARK: In

  private func itself(_ facts: PostFacts) throws -> Explanation {
    let me = try evidence.name(viewer)
    let author = try evidence.name(facts.author)
    var because: String
    var reason: String
    var support: [Record?] = []
    if facts.author == viewer {
      (reason, because) = ("own", "\(me) wrote it")
    } else if relations.follows(facts.author), !isOnlyTagged(facts) {
      (reason, because) = ("follows", "\(me) follows \(author)")
      support.append(relations.following(of: viewer, to: facts.author))
    } else {
      let tag = facts.tags.first { relations.models.followedTagSet(of: viewer).contains($0) }
      (reason, because) = ("tag", "it is public and \(me) follows \(tag.map { "#\($0)" } ?? "")")
      support.append(tag.flatMap { relations.tag($0) })
    }
    if let reply = facts.reply, reason != "tag" {
      if reply.parentAuthor == viewer {
        because += ", whom it answers"
        if facts.author == viewer { because = "\(me) answers \(me)" }
        if facts.author != viewer { because = "\(me) follows \(author) and it answers \(me)" }
      } else if reply.parentAuthor == facts.author {
        because += ", and it answers a post of the same author"
      } else {
        because += ", and follows \(try evidence.name(reply.parentAuthor)), whom it answers"
        support.append(relations.following(of: viewer, to: reply.parentAuthor))
      }
    }
    return try answer(true, reason, because, facts, support)
  }

  /// Whether only a hashtag brings what the viewer's followings do not.
  private func isOnlyTagged(_ facts: PostFacts) -> Bool {
    guard let answered = facts.reply?.parentAuthor, answered != facts.author else { return false }
    return answered != viewer && !relations.follows(answered)
  }

  private func shared(_ facts: PostFacts, by sharer: UserID) throws -> Explanation {
    let name = try evidence.name(sharer)
    let share = records.last { record in
      if case .post(.shared) = record.event { record.actor == sharer } else { false }
    }
    return try answer(
      true, "shared", "\(try evidence.name(viewer)) follows \(name), who shared it", facts,
      [share, relations.following(of: viewer, to: sharer)])
  }

  // MARK: Not in

  private func unwritten() throws -> Explanation {
    let lack = try evidence.lack(of: id)
    return Explanation(
      question: try question(), position: evidence.position, moment: evidence.moment,
      verdict: false, reason: "unwritten",
      sentence: "post \(id) is not in the home of \(try evidence.name(viewer)), because there is "
        + (lack?.words ?? "no such post"), hasSubject: lack?.isLater ?? false)
  }

  private func refused(
    _ facts: PostFacts, _ refusal: HomeRefusal, hiddenSharer: UserID?
  ) throws -> Explanation {
    let me = try evidence.name(viewer)
    let author = try evidence.name(facts.author)
    switch refusal {
    case .status(let status): return try refused(facts, status)
    case .story:
      return try answer(false, "story", "it is a story, and these are in STORIES", facts)
    case .authorIsMuted:
      return try answer(
        false, "muted", "\(me) mutes \(author)", facts, [relations.mute(facts.author)])
    case .unseen(let refusal): return try refused(facts, refusal)
    case .mentions(let other):
      return try answer(
        false, "mentions_hidden",
        "it mentions \(try evidence.name(other)) and "
          + (try relations.wordsForHiding(other, evidence)),
        facts, relations.hiding(other))
    case .answers(let other):
      let lack = try relations.lackOfFollowing(of: viewer, to: other, evidence)
      return try answer(
        false, "reply",
        "it answers \(try evidence.name(other)) and \(lack)"
          + (try shares(hiddenSharer)), facts,
        [relations.following(of: viewer, to: other)]
          + (hiddenSharer.map { relations.hiding($0) } ?? []))
    case .noSource, .sharerIsNoSource, .sharerIsHidden:
      // What else would keep it out comes first: to follow would not help.
      if relations.isBlocked(facts.author) { return try refused(facts, .blocked) }
      let lack = try relations.lackOfFollowing(of: viewer, to: facts.author, evidence)
      return try answer(
        false, "not_followed", lack + (try shares(hiddenSharer)), facts,
        [relations.following(of: viewer, to: facts.author)]
          + (hiddenSharer.map { relations.hiding($0) } ?? [])
          + facts.tags.map { relations.tag($0) })
    }
  }

  private func shares(_ hidden: UserID?) throws -> String {
    if let hidden {
      return ", and of those whom they follow only \(try evidence.name(hidden)) shared it: "
        + (try relations.wordsForHiding(hidden, evidence))
    }
    return post?.own.shares.isEmpty ?? true
      ? "" : ", and nobody whom they follow shared it"
  }

  private func refused(_ facts: PostFacts, _ status: PostStatus) throws -> Explanation {
    let author = try evidence.name(facts.author)
    var because: String
    var types: [EventType] = []
    switch status {
    case .published, .draft: because = "it is a draft"
    case .scheduled:
      because = "it is a draft"
      if let time = post?.own.extras.value.scheduled {
        because += ", to be published at \(CalendarTime.text(time))"
      }
    case .underReview: (because, types) = ("moderators have it under review", [.postModerated])
    case .removed: (because, types) = ("moderators removed it", [.postModerated])
    case .deleted:
      (because, types) = ("\(author) deleted it", [.postDeleted, .postDiscarded])
    case .expired: because = "it was a story, and its day is over"
    case .erased: because = "its author was erased"
    }
    var support = [records.last { types.contains(EventType($0.event)) && $0.entity == .post(id) }]
    if relations.models.isErased(facts.author) {
      because = "its author was erased"
      support.append(try evidence.erasure(of: facts.author))
    }
    return try answer(false, status.rawValue, because, facts, support)
  }

  private func refused(_ facts: PostFacts, _ refusal: SightRefusal) throws -> Explanation {
    let me = try evidence.name(viewer)
    let author = try evidence.name(facts.author)
    let lack = try relations.lackOfFollowing(of: viewer, to: facts.author, evidence)
    let following = relations.following(of: viewer, to: facts.author)
    switch refusal {
    case .blocked:
      let blocks = relations.blocks(facts.author).filter { EventType($0.event) == .userBlocked }
      return try answer(
        false, "blocked", try relations.wordsForHiding(facts.author, evidence), facts, blocks)
    case .forFollowers:
      return try answer(false, "followers", "it is for followers and \(lack)", facts, [following])
    case .privateAccount:
      let change = try evidence.records([[.identity(facts.author)], [.type(.userProfileChanged)]])
        .last { if case .user(.profileChanged(.some, _, _)) = $0.event { true } else { false } }
      return try answer(
        false, "private", "the account of \(author) is private and \(lack)", facts,
        [change, following])
    case .forFriends:
      let back = try relations.lackOfFollowing(of: facts.author, to: viewer, evidence)
      return try answer(
        false, "friends",
        "it is for friends and \(relations.follows(facts.author) ? back : lack)", facts,
        [following, relations.following(of: facts.author, to: viewer)])
    case .forAuthor:
      return try answer(false, "author", "it is for \(author) alone, not for \(me)", facts)
    }
  }

  // MARK: Together

  private func question() throws -> String { "home:\(try evidence.name(viewer)) \(id)" }

  private func answer(
    _ verdict: Bool, _ reason: String, _ because: String, _ facts: PostFacts,
    _ support: [Record?] = []
  ) throws -> Explanation {
    let written = records.first { $0.entity == .post(id) }
    let published = records.last { record in
      switch record.event {
      case .post(.published), .post(.released): record.entity == .post(id)
      case .user, .post, .chat, .tag: false
      }
    }
    let me = try evidence.name(viewer)
    return Explanation(
      question: try question(), position: evidence.position, moment: evidence.moment,
      verdict: verdict, reason: reason,
      sentence: "post \(id) by \(try evidence.name(facts.author)) is "
        + "\(verdict ? "" : "not ")in the home of \(me), because \(because)",
      steps: try evidence.steps([written, published] + support))
  }
}
