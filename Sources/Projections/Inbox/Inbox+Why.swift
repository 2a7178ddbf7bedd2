package import Domain

/// What an inbox could tell somebody: the key of an item.
package struct InboxSubject: Hashable, Sendable {
  package var kind: InboxKind
  /// A post's or chat's id, or who asks to follow; 0 for followings.
  fileprivate var object: UInt64

  /// What can be told about a post.
  package static func all(about post: PostID) -> [InboxSubject] {
    [InboxKind.mention, .reply, .like, .share, .quote, .reaction, .poll, .moderation].map {
      InboxSubject(kind: $0, object: post.raw)
    }
  }

  package static let follows = InboxSubject(kind: .follow, object: 0)
  package static func request(by person: UserID) -> InboxSubject {
    InboxSubject(kind: .request, object: person.raw)
  }
  package static func invitation(into chat: ChatID) -> InboxSubject {
    InboxSubject(kind: .invite, object: chat.raw)
  }
}

/// Why an event tells somebody nothing.
package enum InboxRefusal: Hashable, Sendable {
  case ownAct
  /// The owner blocks or mutes whoever did it.
  case blocked
  case muted
  /// The owner could not see the post when it happened.
  case unseen(SightRefusal)
}

extension ReadModels {
  /// The item about a subject, if it is in the owner's inbox: with a cause that was not taken back
  /// and, where a person is given, one of theirs. Of items that nobody signs none is anybody's.
  package func inboxEntry(
    about subject: InboxSubject, of owner: UserID, by person: UserID? = nil
  ) -> InboxEntry? {
    guard let row = people.index(of: owner) else { return nil }
    var object = subject.object
    if subject.kind == .request {
      guard let asker = people.index(of: UserID(subject.object)) else { return nil }
      object = UInt64(asker.raw)
    }
    let key = InboxKey(kind: subject.kind, object: object)
    guard let item = inbox.inbox(of: row)?.item(key), item.activeCount > 0 else { return nil }
    if let person {
      guard subject.kind.hasActors, let actor = people.index(of: person),
        item.hasActiveCause(by: actor)
      else { return nil }
    }
    return inbox.entry(Position(item.id), of: row, people: people)
  }

  /// Whether the owner wants to hear of what somebody does: as `Inbox` decides.
  package func inboxRefusal(of actor: UserID, for owner: UserID) -> InboxRefusal? {
    guard let owner = people.index(of: owner), let actor = people.index(of: actor) else {
      return nil
    }
    return Inbox.refusal(of: actor, for: owner, graph)
  }

  /// Whether the owner may see a post, now: as `Inbox` decides.
  package func inboxRefusal(of post: PostFacts, for owner: UserID) -> InboxRefusal? {
    guard let owner = people.index(of: owner), let author = people.index(of: post.author) else {
      return nil
    }
    return Inbox.sightRefusal(of: post, author, owner, people, graph).map { .unseen($0) }
  }
}
