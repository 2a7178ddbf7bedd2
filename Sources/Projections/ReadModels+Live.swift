package import Domain

/// What live delivery asks: who of some people is concerned.
extension ReadModels {
  /// Those of the given local people who follow somebody, ascending.
  ///
  /// Looks at the shorter of two lists, the local followers or the people asked about: O(min) hash
  /// look-ups of one kind, or scans of `following` of the other.
  package func followers(of person: UserID, among people: Set<UserID>) -> [UserID] {
    guard !people.isEmpty, let followed = self.people.index(of: person) else { return [] }
    let followers = graph.fanOut(of: followed)
    let found: [UserID] =
      if followers.count < people.count {
        followers.map { self.people.id(of: $0) }.filter { people.contains($0) }
      } else {
        people.filter { one in
          self.people.index(of: one).map { graph.follows($0, followed) } ?? false
        }
      }
    return found.sorted()
  }

  /// Those of the given local people who follow a hashtag, ascending. Looks at the shorter of two
  /// lists, the local followers or the people asked about: O(min) hash look-ups.
  package func followers(of tag: Tag, among people: Set<UserID>) -> [UserID] {
    guard let followers = graph.tagFollowers[tag] else { return [] }
    let found: [UserID] =
      if followers.count < people.count {
        followers.map { self.people.id(of: $0) }.filter { people.contains($0) }
      } else {
        people.filter { one in self.people.index(of: one).map(followers.contains) ?? false }
      }
    return found.sorted()
  }

  /// Those of the given local people with whom somebody shares whether they are there: each follows
  /// the other, and neither blocks the other. Ascending.
  package func friends(of person: UserID, among people: Set<UserID>) -> [UserID] {
    followers(of: person, among: people).filter { relation(of: $0, to: person).isFriendship }
  }

  /// Local people who voted in a poll that is not deleted.
  package func voters(in post: PostID) -> [UserID] {
    (inbox.voters[post] ?? []).map { people.id(of: $0) }
  }

  /// The inbox item that tells its owner of a record; nil if none does, or does no more. O(1).
  package func notification(of owner: UserID, causedBy record: Record) -> InboxEntry? {
    guard let person = people.index(of: owner) else { return nil }
    for key in inboxKeys(of: record) {
      if let entry = inbox.entry(key, of: person, causedAt: record.position, people: people) {
        return entry
      }
    }
    return nil
  }

  /// Under which a record may stand in somebody's inbox.
  private func inboxKeys(of record: Record) -> [InboxKey] {
    switch record.event {
    case .user(.followed):
      return [.follows]
    case .user(.followRequested):
      return people.index(of: record.actor).map { [.request(by: $0)] } ?? []
    case .chat(.opened), .chat(.added):
      guard case .chat(let chat) = record.entity else { return [] }
      return [InboxKey(kind: .invite, object: chat.raw)]
    case .user, .chat, .tag:
      return []
    case .post(let event):
      guard case .post(let post) = record.entity else { return [] }
      return event.inboxKinds.map { InboxKey(kind: $0, object: post.raw) }
    }
  }
}

extension PostEvent {
  /// What it may be to those whom it tells something.
  fileprivate var inboxKinds: [InboxKind] {
    switch self {
    case .published, .released: [.reply, .quote, .mention]
    case .edited: [.mention]
    case .liked: [.like]
    case .shared: [.share]
    case .reacted: [.reaction]
    case .pollClosed: [.poll]
    case .moderated: [.moderation]
    case .deleted, .unliked, .unshared, .unreacted, .drafted, .redrafted, .discarded, .voted,
      .viewed:
      []
    }
  }
}

extension GraphRelation {
  /// Each follows the other, and neither blocks the other.
  package var isFriendship: Bool { follows && followedBy && !blocks && !blockedBy }
}
