import Domain

extension NaiveModel {
  /// Where two ways of getting here do not agree; nil if they do. Ids that no reply shows (of
  /// shares, of chats opened by DM) do not count.
  func difference(from other: NaiveModel) -> String? {
    let differences: [String?] = [
      Self.difference(people, other.people), Self.difference(follows, other.follows),
      Self.difference(requests, other.requests), Self.difference(blocks, other.blocks),
      Self.difference(mutes, other.mutes), Self.difference(posts, other.posts),
      Self.difference(likes, other.likes),
      Self.difference(shares.map { $0.withoutID }, other.shares.map { $0.withoutID }),
      Self.difference(chats.map { $0.withoutID }, other.chats.map { $0.withoutID }),
      Self.difference(messages.map { $0.withoutChat }, other.messages.map { $0.withoutChat }),
      Self.difference(left.map { $0.person }, other.left.map { $0.person }),
      Self.difference(readMarks.map { $0.message }, other.readMarks.map { $0.message }),
      Self.difference(causes, other.causes),
      Self.difference(people.map { inbox($0.id) }, other.people.map { other.inbox($0.id) }),
    ]
    return differences.compactMap { $0 }.first
  }

  private static func difference<Element: Equatable>(
    _ ours: [Element], _ theirs: [Element]
  ) -> String? {
    if ours == theirs { return nil }
    for (our, their) in zip(ours, theirs) where our != their {
      return "\(their) instead of \(our)"
    }
    return "\(theirs.count) instead of \(ours.count) of \(Element.self)"
  }
}

extension NaiveModel.Mark {
  fileprivate var withoutID: Self { Self(post: post, person: person, time: time) }
}

extension NaiveModel.Chat {
  /// Also without where it was opened: a message that opens it comes one position later.
  fileprivate var withoutID: Self {
    var chat = self
    chat.id = 0
    chat.position = 0
    return chat
  }
}

extension NaiveModel.Message {
  fileprivate var withoutChat: Self {
    var message = self
    message.chat = 0
    return message
  }
}
