import Domain

/// What people do to each other and to themselves.
extension NaiveModel {
  mutating func signUp(_ id: UInt64, _ name: String, _ display: String?, _ time: Int64) {
    people[id] = Person(id: id, name: name, created: time, display: display)
    everybody.append(id)
    names[name] = id
  }

  mutating func change(_ id: UInt64, _ body: (inout Person) -> Void) {
    if people[id] != nil { body(&people[id]!) }
  }

  mutating func follow(_ me: UInt64, _ other: UInt64, _ time: Int64) {
    // Whoever was blocked while their following was on its way does not follow.
    if blocks.contains(other, me) { return }
    endRequest(me, other)
    if follows.contains(me, other) { return }
    follows.append(me, other)
    notify(other, "follow", 0, by: me, time)
  }

  mutating func unfollow(_ me: UInt64, _ other: UInt64) {
    endFollow(me, other)
    endRequest(me, other)
  }

  mutating func request(_ me: UInt64, _ other: UInt64, _ time: Int64) {
    if blocks.contains(other, me) { return }
    endFollow(me, other)
    if requests.contains(me, other) { return }
    requests.append(me, other)
    notify(other, "request", me, by: me, time)
  }

  mutating func accept(_ me: UInt64, _ other: UInt64) {
    answered.append(me, other)
    guard requests.contains(other, me) else { return }
    endRequest(other, me)
    follows.append(other, me)
  }

  mutating func reject(_ me: UInt64, _ other: UInt64) {
    answered.append(me, other)
    endRequest(other, me)
  }

  mutating func block(_ me: UInt64, _ other: UInt64) {
    unfollow(me, other)
    unfollow(other, me)
    answered.remove(me, other)
    blocks.append(me, other)
    for index in causes[me, default: []].indices where causes[me]![index].actor == other {
      // Ends of polls and moderations name nobody.
      let kind = causes[me]![index].kind
      if kind != "poll", kind != "moderation" { causes[me]![index].isActive = false }
    }
  }

  private mutating func endFollow(_ from: UInt64, _ to: UInt64) {
    follows.remove(from, to)
    withdraw(to, "follow", 0, by: from)
  }

  private mutating func endRequest(_ from: UInt64, _ to: UInt64) {
    requests.remove(from, to)
    withdraw(to, "request", from, by: from)
  }

  mutating func changeList(_ list: UInt64, of me: UInt64, _ body: (inout PeopleList) -> Void) {
    change(me) { person in
      if let index = person.lists.firstIndex(where: { $0.id == list }) {
        body(&person.lists[index])
      }
    }
  }
}

// MARK: Inbox

extension NaiveModel {
  mutating func notify(
    _ owner: UInt64, _ kind: String, _ object: UInt64, by actor: UInt64, _ time: Int64
  ) {
    if owner == actor || blocks.contains(owner, actor) || mutes.contains(owner, actor) { return }
    tell(owner, kind, object, by: actor, time)
  }

  /// What nobody can silence, too.
  mutating func tell(
    _ owner: UInt64, _ kind: String, _ object: UInt64, by actor: UInt64, _ time: Int64
  ) {
    let same = causes[owner]?.firstIndex {
      $0.kind == kind && $0.object == object && $0.actor == actor
    }
    if let same {
      causes[owner]![same].isActive = true
    } else {
      causes[owner, default: []].append(
        Cause(kind: kind, object: object, actor: actor, position: position, time: time))
    }
  }

  mutating func withdraw(
    _ owner: UInt64, _ kind: String, _ object: UInt64, by actor: UInt64? = nil
  ) {
    for index in causes[owner, default: []].indices {
      let cause = causes[owner]![index]
      if cause.kind == kind, cause.object == object, actor == nil || cause.actor == actor {
        causes[owner]![index].isActive = false
      }
    }
  }

  /// As if it had never been.
  mutating func forget(_ owner: UInt64, _ kind: String, _ object: UInt64) {
    causes[owner]?.removeAll { $0.kind == kind && $0.object == object }
    itemsRead[owner]?.removeAll { $0.kind == kind && $0.object == object }
  }

  mutating func readItem(_ owner: UInt64, causedAt position: UInt64) {
    guard let cause = causes[owner]?.first(where: { $0.position == position }) else { return }
    itemsRead[owner, default: []].append(
      ItemRead(kind: cause.kind, object: cause.object, through: self.position))
  }
}
