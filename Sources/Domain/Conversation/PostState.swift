/// What can be asked of a post. That the actor may see the post is the caller's to check.
package enum PostCommand: Equatable, Sendable {
  /// `facts.author` must be the actor. Secret: text, perhaps a warning.
  case publish(PostFacts, secret: Secret)
  case delete
  case like
  case unlike
  /// `authorIsPrivate`: whether the author's account is, now.
  case share(ShareID, authorIsPrivate: Bool)
  case unshare
}

/// A post with what hangs on it: likes, shares, and how it was answered.
package struct PostState: Entity {
  package typealias Command = PostCommand

  package let id: PostID
  package var own = Own()
  package var observed = Observed()

  package init(key: EntityKey) {
    guard case .post(let id) = key else { preconditionFailure("\(key) is not a post") }
    self.id = id
  }

  package var sequence: UInt64 { own.sequence }

  /// Nil before publication; stays after deletion.
  package var facts: PostFacts? { own.facts }

  /// Nil before publication.
  package var status: PostStatus? {
    own.facts.map { _ in own.deletedAt == nil ? .published : .removed }
  }

  /// Folded from the post's own events.
  package struct Own: Equatable, Sendable {
    package var sequence: UInt64 = 0
    package var facts: PostFacts?
    package var publishedAt = Instant(ms: 0)
    /// Where the sealed text is; `Position.zero` before publication.
    package var textPosition = Position.zero
    package var deletedAt: Instant?
    /// Empty once deleted.
    package var likes = ActorLog<NoPayload>()
    /// Empty once deleted.
    package var shares = ActorLog<ShareID>()

    package init() {}
  }

  /// Folded from the committed events of the posts that answer or quote this one.
  package struct Observed: Equatable, Sendable {
    /// Direct answers that are not deleted.
    package var replyCount = 0
    /// Quotes that are not deleted.
    package var quoteCount = 0
    /// Direct answers in order of publication; deleted ones too, because what answers them stays.
    package var replies: ContiguousArray<PostID> = []

    package init() {}
  }
}

/// Where a post is in its life.
package enum PostStatus: String, Equatable, Sendable, CaseIterable {
  case published
  case removed
}
