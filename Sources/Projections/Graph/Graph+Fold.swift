internal import Domain
internal import Journal

extension Graph {
  /// What a record changed that other projections need.
  struct Change {
    /// Whether a following began; one of both people is local.
    var hasBegun = false
    /// The one who began to follow, if local: there are older posts that their ring does not hold.
    var newFollower: PersonIndex?
    /// `follower` follows `followed` no longer; one of them is local.
    var ended: [(follower: PersonIndex, followed: PersonIndex)] = []
    /// `person` no longer waits for the answer of `owner`, who is local.
    var endedRequests: [(person: PersonIndex, owner: PersonIndex)] = []
  }

  mutating func fold(_ record: Record, _ cast: Cast, people: People) -> Change {
    grow(toHold: people)
    defer { position = record.position }
    guard case .user(let event) = record.event else { return Change() }
    guard let other = cast.other else {
      if people.isLocal(cast.actor) { foldTags(event, of: cast.actor) }
      return Change()
    }
    return fold(event, by: cast.actor, other, people)
  }

  private mutating func fold(
    _ event: UserEvent, by actor: PersonIndex, _ other: PersonIndex, _ people: People
  ) -> Change {
    var change = Change()
    let here = people.isLocal(actor)
    let there = people.isLocal(other)
    switch event {
    case .followed:
      extendReach(of: other)
      guard here || there, !isBlocked(actor, by: other, there) else { break }
      endRequest(actor, other, here, there, &change)
      change.hasBegun =
        Mutation.followedOnOtherSide.isPlanted
        ? addFollow(other, actor, there, here) : addFollow(actor, other, here, there)
      if change.hasBegun, here { change.newFollower = actor }
    case .followRequested:
      guard here || there, !isBlocked(actor, by: other, there) else { break }
      endFollow(actor, other, here, there, &change)
      if here { restrict(actor) { $0.requestsMade.append(other) } }
      if there { restrict(other) { $0.requestsReceived.append(actor) } }
    case .unfollowed, .followRequestWithdrawn:
      if reach[other.row].count > 0, case .unfollowed = event { reach[other.row].count -= 1 }
      endFollow(actor, other, here, there, &change)
      endRequest(actor, other, here, there, &change)
    case .followAccepted:
      extendReach(of: actor)
      guard here || there, isRequested(other, actor, here) else { break }
      endRequest(other, actor, there, here, &change)
      change.hasBegun = addFollow(other, actor, there, here)
      if change.hasBegun, there { change.newFollower = other }
    case .followRejected:
      endRequest(other, actor, there, here, &change)
    case .blocked:
      endFollow(actor, other, here, there, &change)
      endFollow(other, actor, there, here, &change)
      endRequest(actor, other, here, there, &change)
      endRequest(other, actor, there, here, &change)
      if here { restrict(actor) { $0.blocks.append(other) } }
      if there { restrict(other) { $0.blockedBy.append(actor) } }
    case .unblocked:
      if here { restrictIfAny(actor) { $0.blocks.remove(other) } }
      if there { restrictIfAny(other) { $0.blockedBy.remove(actor) } }
    case .muted:
      if here { restrict(actor) { $0.mutes.append(other) } }
    case .unmuted:
      if here { restrictIfAny(actor) { $0.mutes.remove(other) } }
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .inboxRead,
      .inboxItemRead, .requestAnswered:
      break
    case .erased, .verified: break
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: break
    case .tagFollowed, .tagUnfollowed, .listMade, .listDropped, .listAdded, .listRemoved: break
    case .reported, .reportClosed: break
    }
    return change
  }

  private mutating func foldTags(_ event: UserEvent, of person: PersonIndex) {
    switch event {
    case .tagFollowed(let tag): follow(tag, by: person)
    case .tagUnfollowed(let tag): unfollow(tag, by: person)
    case .erased:
      // As in the person's own state: relations stay, for others rest on them; this goes.
      for tag in followedTags(of: person).all { unfollow(tag, by: person) }
    case .followed, .followRequested, .unfollowed, .followRequestWithdrawn, .followAccepted,
      .followRejected, .blocked, .unblocked, .muted, .unmuted, .signedUp, .passwordChanged,
      .profileChanged, .tokenIssued, .tokenRevoked, .inboxRead, .inboxItemRead, .requestAnswered,
      .verified, .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded, .listMade,
      .listDropped, .listAdded, .listRemoved, .reported, .reportClosed:
      break
    }
  }

  mutating func follow(_ tag: Tag, by person: PersonIndex) {
    restrict(person) { $0.tags.append(tag) }
    tagFollowers[tag, default: []].insert(person)
  }

  private mutating func unfollow(_ tag: Tag, by person: PersonIndex) {
    restrictIfAny(person) { $0.tags.remove(tag) }
    tagFollowers[tag]?.remove(person)
    if tagFollowers[tag]?.isEmpty ?? false { tagFollowers[tag] = nil }
  }

  private mutating func extendReach(of person: PersonIndex) {
    reach[person.row].count += 1
    if reach[person.row].count > celebrityFollowersMax { celebrities[person] = true }
  }

  /// `isOtherLocal`: what each of the two keeps says the same, and the other's row is at hand.
  private func isBlocked(
    _ person: PersonIndex, by other: PersonIndex, _ isOtherLocal: Bool
  ) -> Bool {
    isOtherLocal
      ? restrictions(of: other)?.blocks.contains(person) ?? false
      : restrictions(of: person)?.blockedBy.contains(other) ?? false
  }

  private func isRequested(
    _ person: PersonIndex, _ other: PersonIndex, _ isOtherLocal: Bool
  ) -> Bool {
    isOtherLocal
      ? restrictions(of: other)?.requestsReceived.contains(person) ?? false
      : restrictions(of: person)?.requestsMade.contains(other) ?? false
  }

  private mutating func addFollow(
    _ person: PersonIndex, _ other: PersonIndex, _ here: Bool, _ there: Bool
  ) -> Bool {
    var isNew = false
    if here {
      isNew = following.append(other, of: person)
      if isNew, placement.shardCount > 1 { localFollowers.appendNew(person, of: other) }
    }
    if there, here {
      // The two lists agree: who was not in the one is not in the other.
      if isNew { followers.appendNew(person, of: other) }
    } else if there {
      isNew = followers.append(person, of: other)
    }
    return isNew
  }

  private mutating func endFollow(
    _ person: PersonIndex, _ other: PersonIndex, _ here: Bool, _ there: Bool,
    _ change: inout Change
  ) {
    var existed = false
    if here {
      existed = following.remove(other, of: person)
      if existed, placement.shardCount > 1 { localFollowers.remove(person, of: other) }
    }
    if there, existed || !here { existed = followers.remove(person, of: other) }
    if existed { change.ended.append((person, other)) }
  }

  private mutating func endRequest(
    _ person: PersonIndex, _ other: PersonIndex, _ here: Bool, _ there: Bool,
    _ change: inout Change
  ) {
    guard isRequested(person, other, there) else { return }
    if here { restrictIfAny(person) { $0.requestsMade.remove(other) } }
    if there {
      restrictIfAny(other) { $0.requestsReceived.remove(person) }
      change.endedRequests.append((person, other))
    }
  }
}
