import Domain
import Wire

extension NaiveModel {
  /// Carries out a command and says what it must answer. New ids come from what was answered; where
  /// the journal stands afterwards and when its newest event was, from the journal.
  mutating func execute(
    _ call: Call, by viewer: Viewer, answered: Reply, at position: UInt64, time: Int64
  ) -> Reply {
    if position > self.position, firstTime == nil { firstTime = time }
    let before = self.position
    self.position = max(self.position, position)
    if case .signUp(let name, _) = call { return signUp(name, answered, time) }
    guard let me = viewer.id, people[me] != nil else { return .refused(.noAuth) }
    if viewer.scope == .read { return .refused(.denied) }
    switch call {
    case .signUp(let name, _): return signUp(name, answered, time)
    case .relate(let verb, let name): return relate(verb, me, name, time)
    case .post(let call): return execute(call, me, answered, time)
    case .own(.readAllInbox):
      change(me) { $0.readThrough = before }
      return .count(unreadCount(me))
    case .own(let call): return execute(call, viewer, me, answered, time)
    case .chat(let call): return execute(call, me, answered, time)
    case .moderate(let call): return execute(call, viewer, me, answered, time)
    case .authenticate, .present, .read, .page, .inPlaceOf:
      preconditionFailure("\(call.words[0]) is no write")
    }
  }

  /// What was answered, if it is an id; `body` makes the thing.
  mutating func created(
    _ answered: Reply, _ body: (inout NaiveModel, UInt64) -> Void
  ) -> Reply {
    guard let id = answered.textValue.flatMap({ UInt64($0) }) else { return .text("an id") }
    body(&self, id)
    return answered
  }

  private mutating func signUp(_ name: String, _ answered: Reply, _ time: Int64) -> Reply {
    if names[name] != nil { return .refused(.conflict) }
    guard let id = answered["id"]?.textValue.flatMap({ UInt64($0) }) else {
      return .text("an id and a username")
    }
    signUp(id, name, nil, time)
    return .map(["id": .id(id), "username": .text(name)])
  }

  // MARK: Relations

  private mutating func relate(
    _ verb: Call.Relating, _ me: UInt64, _ name: String, _ time: Int64
  ) -> Reply {
    let other: Person
    let takesBack = verb == .unfollow || verb == .unblock || verb == .unmute
    if takesBack, let person = person(named: name), person.isErased {
      other = person
    } else {
      switch known(name, to: me) {
      case .refused(let refusal): return refusal
      case .found(let person): other = person
      }
    }
    switch verb {
    case .follow: return follow(me, other, time)
    case .unfollow: unfollow(me, other.id)
    case .block:
      if other.id == me { return .refused(.invalid) }
      if !blocks.contains(me, other.id) { block(me, other.id) }
    case .unblock: blocks.remove(me, other.id)
    case .mute:
      if other.id == me { return .refused(.invalid) }
      mutes.append(me, other.id)
    case .unmute: mutes.remove(me, other.id)
    case .accept, .reject:
      let isAsked = requests.contains(other.id, me)
      guard isAsked || answered.contains(me, other.id) else { return .refused(.notFound) }
      if isAsked { if verb == .accept { accept(me, other.id) } else { reject(me, other.id) } }
    }
    return .ok
  }

  private mutating func follow(_ me: UInt64, _ other: Person, _ time: Int64) -> Reply {
    if other.id == me { return .refused(.invalid) }
    if blocks.contains(other.id, me) { return .refused(.notFound) }
    if blocks.contains(me, other.id) { return .refused(.denied) }
    if follows.contains(me, other.id) { return .text("following") }
    if other.isPrivate {
      request(me, other.id, time)
      return .text("requested")
    }
    follow(me, other.id, time)
    return .text("following")
  }

  // MARK: Moderation

  private mutating func execute(
    _ call: ModerationCall, _ viewer: Viewer, _ me: UInt64, _ answered: Reply, _ time: Int64
  ) -> Reply {
    switch call {
    case .reportPost(let id, let reason):
      switch seen(id, me, at: time) {
      case .refused(let refusal): return refusal
      case .found(let post): return report(post.author, id, reason, me, answered, time)
      }
    case .reportPerson(let name, let reason):
      switch known(name, to: me) {
      case .refused(let refusal): return refusal
      case .found(let person):
        if blocks.contains(person.id, me) { return .refused(.notFound) }
        return report(person.id, nil, reason, me, answered, time)
      }
    case .closeReport, .moderate, .review:
      if !viewer.isModerator { return .refused(.denied) }
      return decide(call, me, time)
    case .verify(let name, let isOn):
      if viewer.scope != .admin { return .refused(.denied) }
      switch known(name, to: me) {
      case .refused(let refusal): return refusal
      case .found(let person):
        change(person.id) { $0.isVerified = isOn }
        return .ok
      }
    }
  }

  private mutating func report(
    _ person: UInt64, _ post: UInt64?, _ reason: String, _ me: UInt64, _ answered: Reply,
    _ time: Int64
  ) -> Reply {
    if person == me { return .refused(.invalid) }
    return created(answered) { model, id in
      model.reports.append(
        Report(
          id: id, reporter: me, person: person, post: post, reason: reason, time: time))
    }
  }

  private mutating func decide(_ call: ModerationCall, _ me: UInt64, _ time: Int64) -> Reply {
    switch call {
    case .closeReport(let id):
      guard let index = reports.firstIndex(where: { $0.id == id && isOpen($0) }) else {
        return .refused(.notFound)
      }
      reports[index].isClosed = true
      return .ok
    case .moderate(let id, let verdict, _):
      switch seen(id, me, at: time, asModerator: true) {
      case .refused(let refusal): return refusal
      case .found(let post):
        if post.stage == .draft { return .refused(.notFound) }
        let to: Moderation =
          switch verdict {
          case .review: .underReview
          case .remove: .removed
          case .restore: .none
          }
        moderate(id, to, by: me, time)
        return .ok
      }
    case .review(let tag, let isAllowed):
      if isAllowed { denied.remove(tag) } else { denied.insert(tag) }
      return .ok
    case .reportPost, .reportPerson, .verify: preconditionFailure("no moderator's decision")
    }
  }
}
