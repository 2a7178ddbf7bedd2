/// Where a post is in its life. The raw value is the word on the wire.
package enum PostStatus: String, Equatable, Sendable, CaseIterable {
  case draft
  case scheduled
  case published
  case underReview = "under_review"
  case removed
  /// By its author; a draft that was given up too.
  case deleted
  /// A story, a day after its publication: by the clock.
  case expired
  /// With its author.
  case erased
}

extension PostStatus {
  /// What the status comes to at a moment, and with an author who may be erased: neither the clock
  /// nor another's erasure changes a post's state. What only its author and moderators could see
  /// leaves no place behind.
  package func effective(
    expires: Instant?, at now: Instant, authorIsErased: Bool
  ) -> PostStatus {
    switch self {
    case .draft, .scheduled, .underReview, .removed, .deleted:
      return authorIsErased ? .deleted : self
    case .published, .expired, .erased:
      if authorIsErased { return .erased }
      if self == .published, let expires, now >= expires { return .expired }
      return self
    }
  }
}
