extension TagState {
  package mutating func apply(_ record: Record) {
    precondition(record.entity == .tag(tag), "an event of \(record.entity) applied to tag:\(tag)")
    precondition(
      record.sequence == own.sequence + 1,
      "tag:\(tag) has \(own.sequence) events, the next cannot be number \(record.sequence)")
    guard case .tag(let event) = record.event else {
      preconditionFailure("position \(record.position) is owned by a tag but is no tag's event")
    }
    own.sequence = record.sequence
    switch event {
    case .reviewed(let trendingAllowed): own.trendingAllowed = trendingAllowed
    }
  }

  package mutating func observe(_ record: Record) {
    if case .user(let event) = record.event { return observe(event) }
    guard case .post(let event) = record.event, case .post(let post) = record.entity else {
      return
    }
    switch event {
    case .published(let facts), .released(let facts):
      if facts.tags.contains(tag) { use(in: post, facts, record) }
    case .edited(let facts, let revision):
      if revision.addedTags.contains(tag) { use(in: post, facts, record) }
      if revision.removedTags.contains(tag) { retract(from: post, facts) }
    case .deleted(let facts):
      if facts.tags.contains(tag) { retract(from: post, facts) }
    case .moderated(let facts, let from, let to):
      guard facts.tags.contains(tag), from.isHidden != to.isHidden else { return }
      if to.isHidden { retract(from: post, facts) } else { use(in: post, facts, record) }
    case .liked, .unliked, .shared, .unshared, .drafted, .redrafted, .discarded, .reacted,
      .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  private mutating func observe(_ event: UserEvent) {
    switch event {
    case .tagFollowed(let followed):
      if followed == tag { observed.followers += 1 }
    case .tagUnfollowed(let followed):
      if followed == tag { observed.followers -= 1 }
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .followed,
      .unfollowed, .followRequested, .followRequestWithdrawn, .followAccepted, .followRejected,
      .blocked, .unblocked, .muted, .unmuted, .inboxRead, .inboxItemRead, .requestAnswered,
      .erased, .verified, .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded, .listMade,
      .listDropped, .listAdded, .listRemoved, .reported, .reportClosed:
      break
    }
  }

  private mutating func use(in post: PostID, _ facts: PostFacts, _ record: Record) {
    guard !facts.isStory else { return }
    observed.add(facts.author, hour(of: post, facts))
    if observed.firstUsed == nil { observed.firstUsed = record.time }
    observed.lastUsed = record.time
  }

  private mutating func retract(from post: PostID, _ facts: PostFacts) {
    if !facts.isStory { observed.retract(facts.author, hour(of: post, facts)) }
  }

  /// The hour of its publication: the same when it is used and when that is taken back.
  private func hour(of post: PostID, _ facts: PostFacts) -> Int64 {
    PostID(facts.orderKey(of: post)).created.ms / TagHour.lengthMs
  }
}

extension TagState.Observed {
  fileprivate mutating func add(_ author: UserID, _ hour: Int64) {
    uses += 1
    accounts[author, default: 0] += 1
    let newest = max(hours.last?.hour ?? hour, hour)
    let oldest = newest - Int64(TagState.hoursMax) + 1
    if let first = hours.first, first.hour < oldest { hours.removeAll { $0.hour < oldest } }
    guard hour >= oldest else { return }
    let index = hours.lastIndex { $0.hour <= hour }
    if let index, hours[index].hour == hour {
      hours[index].uses += 1
    } else {
      hours.insert(TagHour(hour: hour, uses: 1), at: index.map { $0 + 1 } ?? 0)
    }
  }

  fileprivate mutating func retract(_ author: UserID, _ hour: Int64) {
    uses -= 1
    if let count = accounts[author] { accounts[author] = count > 1 ? count - 1 : nil }
    guard let index = hours.lastIndex(where: { $0.hour == hour }) else { return }
    hours[index].uses -= 1
    if hours[index].uses == 0 { hours.remove(at: index) }
  }
}
