package import Domain

/// What an event said in a version that is written no more, as it was stored.
package enum OlderEvent: Equatable, Sendable {
  /// Version 1 or 2 of `post.published`. The author was a field beside the record's actor, who
  /// always is the author; a reply always named its root, also where that is the parent. Version 2
  /// has a field numbered 7 or more.
  case postPublished1And2(PostFacts)
  /// Version 1 of `post.shared`. The share's identifier was whole, though its upper bits are the
  /// record's time.
  case postShared1(ShareID, author: UserID)

  /// The version whose fields these are.
  package var version: UInt8 {
    switch self {
    case .postPublished1And2(let facts): facts.isOfVersion1 ? 1 : 2
    case .postShared1: 1
    }
  }
}

/// Why an older event has no place in today's version: its fields contradict its record.
package enum UpcastError: Error, Hashable, Sendable, CustomStringConvertible {
  case authorIsNotActor(author: UserID, actor: UserID)

  package var description: String {
    switch self {
    case .authorIsNotActor(let author, let actor):
      "its author is user:\(author), but user:\(actor) published it"
    }
  }
}

extension OlderEvent {
  /// What it means in the newest version. Pure: the same for ever, and for everybody who reads.
  package func upcast(in context: RecordContext) throws(UpcastError) -> Event {
    switch self {
    case .postPublished1And2(let facts):
      guard facts.author == context.actor else {
        throw .authorIsNotActor(author: facts.author, actor: context.actor)
      }
      return .post(.published(facts))
    case .postShared1(let share, let author):
      return .post(.shared(share, author: author))
    }
  }
}
