import Domain

extension NaiveTown {
  mutating func apply(_ record: Record) {
    if firstTime == nil { firstTime = record.time.ms }
    let actor = record.actor
    switch (record.event, record.entity) {
    case (.user(let event), _): apply(event, by: actor, record)
    case (.post(let event), .post(let post)): apply(event, post, by: actor, record)
    case (.chat(let event), .chat(let chat)): apply(event, chat, by: actor, record)
    default: break
    }
  }

  private mutating func apply(_ event: UserEvent, by actor: UserID, _ record: Record) {
    let position = record.position.raw
    switch event {
    case .signedUp: people.append(actor)
    case .profileChanged(let isPrivate?, _, _):
      if isPrivate { privates.insert(actor) } else { privates.remove(actor) }
    case .followed(let other):
      if blocks.contains(Pair(from: other, to: actor)) { return }
      endRequest(actor, other)
      if follows(actor, other) { return }
      follows.append(Pair(from: actor, to: other))
      notify(other, "follow", 0, actor, position)
    case .unfollowed(let other), .followRequestWithdrawn(let other):
      endFollow(actor, other)
      endRequest(actor, other)
    case .followRequested(let other):
      if blocks.contains(Pair(from: other, to: actor)) { return }
      endFollow(actor, other)
      if !requests.contains(Pair(from: actor, to: other)) {
        requests.append(Pair(from: actor, to: other))
      }
      notify(other, "request", actor.raw, actor, position)
    case .followAccepted(let other):
      guard requests.contains(Pair(from: other, to: actor)) else { return }
      endRequest(other, actor)
      if !follows(other, actor) { follows.append(Pair(from: other, to: actor)) }
    case .followRejected(let other): endRequest(other, actor)
    case .blocked(let other):
      for (a, b) in [(actor, other), (other, actor)] {
        endFollow(a, b)
        endRequest(a, b)
      }
      blocks.insert(Pair(from: actor, to: other))
      for index in notices.indices
      where notices[index].owner == actor && notices[index].isSigned {
        withdraw(index, other)
      }
    case .unblocked(let other): blocks.remove(Pair(from: actor, to: other))
    case .muted(let other): mutes.insert(Pair(from: actor, to: other))
    case .unmuted(let other): mutes.remove(Pair(from: actor, to: other))
    case .inboxRead(let through):
      readThrough[actor] = max(readThrough[actor] ?? 0, through.raw)
    case .inboxItemRead(let cause):
      for index in notices.indices
      where notices[index].owner == actor
        && notices[index].causes.contains(where: { $0.position == cause.raw })
      {
        notices[index].readThrough = max(notices[index].readThrough, position)
      }
    case .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .requestAnswered: break
    case .erased: forget(actor)
    case .verified: break
    case .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded: break
    case .tagFollowed(let tag): tagFollows.append(TagFollow(user: actor, tag: tag))
    case .tagUnfollowed(let tag): tagFollows.removeAll { $0 == TagFollow(user: actor, tag: tag) }
    case .listMade(let id): lists.append(PeopleList(id: id, owner: actor))
    case .listDropped(let id): lists.removeAll { $0.id == id }
    case .listAdded(let id, let other):
      for index in lists.indices where lists[index].id == id { lists[index].members.append(other) }
    case .listRemoved(let id, let other):
      for index in lists.indices where lists[index].id == id {
        lists[index].members.removeAll { $0 == other }
      }
    case .reported(let id, let user, let post):
      reports.append(Report(id: id, reporter: actor, user: user, post: post))
    case .reportClosed(let id): reports.removeAll { $0.id == id }
    }
  }

  /// Somebody is erased: reports and what their posts added to hashtags go, counts stay.
  private mutating func forget(_ user: UserID) {
    erased.insert(user)
    reports.removeAll { $0.reporter == user }
    tagFollows.removeAll { $0.user == user }
    uses.removeAll { $0.account == user && $0.subject.hasPrefix("tag:") }
  }

  private mutating func apply(
    _ event: ChatEvent, _ id: ChatID, by actor: UserID, _ record: Record
  ) {
    let position = record.position.raw
    if case .opened = event { chats.append(Chat(id: id, changes: [])) }
    guard let index = chats.firstIndex(where: { $0.id == id }) else { return }
    func leave(_ user: UserID) {
      chats[index].changes.append((user, position, false))
      for notice in notices.indices
      where notices[notice].owner == user && notices[notice].kind == "invite"
        && notices[notice].object == id.raw
      {
        for cause in notices[notice].causes.indices {
          notices[notice].causes[cause].isActive = false
        }
      }
    }
    switch event {
    case .opened(let isDirect, let members):
      for member in members {
        chats[index].changes.append((member, position, true))
        if !isDirect { notify(member, "invite", id.raw, actor, position) }
      }
    case .added(let members):
      for member in members {
        chats[index].changes.append((member, position, true))
        notify(member, "invite", id.raw, actor, position)
      }
    case .left: leave(actor)
    case .removed(let member): leave(member)
    case .said(let message, _, _):
      chats[index].messages.append(Message(id: message, author: actor, position: position))
    case .read(let through):
      chats[index].marks[actor] = max(chats[index].marks[actor] ?? MessageID(0), through)
    case .roleChanged, .titled, .unsaid: break
    }
  }

  private mutating func endFollow(_ from: UserID, _ to: UserID) {
    let before = follows.count
    follows.removeAll { $0 == Pair(from: from, to: to) }
    if follows.count < before { withdraw(to, "follow", 0, from) }
  }

  private mutating func endRequest(_ from: UserID, _ to: UserID) {
    requests.removeAll { $0 == Pair(from: from, to: to) }
    withdraw(to, "request", from.raw, from)
  }

  mutating func notify(
    _ owner: UserID, _ kind: String, _ object: UInt64, _ actor: UserID, _ position: UInt64
  ) {
    let hidden = [blocks, mutes].contains { $0.contains(Pair(from: owner, to: actor)) }
    if owner == actor || hidden { return }
    guard let index = index(owner, kind, object) else {
      notices.append(
        Notice(
          owner: owner, kind: kind, object: object,
          causes: [Cause(position: position, actor: actor)]))
      return
    }
    if let cause = notices[index].causes.firstIndex(where: { $0.actor == actor }) {
      notices[index].causes[cause].isActive = true
    } else {
      notices[index].causes.append(Cause(position: position, actor: actor))
    }
  }

  mutating func withdraw(
    _ owner: UserID, _ kind: String, _ object: UInt64, _ actor: UserID
  ) {
    if let index = index(owner, kind, object) { withdraw(index, actor) }
  }

  private mutating func withdraw(_ index: Int, _ actor: UserID) {
    for cause in notices[index].causes.indices
    where notices[index].causes[cause].actor == actor {
      notices[index].causes[cause].isActive = false
    }
  }

  private func index(_ owner: UserID, _ kind: String, _ object: UInt64) -> Int? {
    notices.firstIndex { $0.owner == owner && $0.kind == kind && $0.object == object }
  }
}
