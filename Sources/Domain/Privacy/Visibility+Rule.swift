/// What a viewer is to an author; the first that fits, from below.
package enum ViewerRelation: Equatable, Sendable, CaseIterable {
  case anonymous
  /// Does not follow the author (whether or not the author follows them).
  case stranger
  /// Follows the author, who does not follow back.
  case follower
  /// Follows the author, who follows back.
  case friend
  case author
}

/// What decides whether one person may see what another wrote.
package struct Viewer: Equatable, Sendable {
  package var relation: ViewerRelation
  /// Whether either blocks the other.
  package var isBlocked: Bool
  /// Whether they look as a moderator, at one post: lists are the same for all.
  package var isModerator: Bool

  package init(_ relation: ViewerRelation, isBlocked: Bool = false, isModerator: Bool = false) {
    self.relation = relation
    self.isBlocked = isBlocked
    self.isModerator = isModerator
  }

  package static let anonymous = Viewer(.anonymous)
  package static let author = Viewer(.author)

  /// For somebody logged in who is not the author.
  package init(follows: Bool, isFollowed: Bool, isBlocked: Bool, isModerator: Bool = false) {
    self.init(
      follows ? (isFollowed ? .friend : .follower) : .stranger, isBlocked: isBlocked,
      isModerator: isModerator)
  }
}

/// What becomes of somebody's wish to see a post.
package enum Sight: Equatable, Sendable, CaseIterable {
  /// As if it did not exist.
  case hidden
  /// It is no more, and they could have seen it: they are told so.
  case gone
  case seen
}

/// Who may see a post: the one rule, for every path on which a post is shown.
///
/// - A deleted post is hidden from all; a draft, scheduled or not, from all but its author.
/// - What is under review or removed is seen by its author and by moderators.
/// - A published post is seen by who its visibility admits. Once expired, or erased with its
///   author, it is gone for the same people.
package func sight(
  of post: PostFacts, status: PostStatus, authorIsPrivate: Bool, viewer: Viewer
) -> Sight {
  switch status {
  case .deleted:
    return .hidden
  case .draft, .scheduled:
    return viewer.relation == .author ? .seen : .hidden
  case .underReview, .removed:
    if viewer.relation == .author { return .seen }
    return viewer.isModerator && post.visibility != .private ? .seen : .hidden
  case .published:
    return sightRefusal(of: post, authorIsPrivate, viewer) == nil ? .seen : .hidden
  case .expired, .erased:
    return sightRefusal(of: post, authorIsPrivate, viewer) == nil ? .gone : .hidden
  }
}

/// Whether somebody sees a post; see `sight`.
package func maySee(
  _ post: PostFacts, status: PostStatus, authorIsPrivate: Bool, viewer: Viewer
) -> Bool {
  sight(of: post, status: status, authorIsPrivate: authorIsPrivate, viewer: viewer) == .seen
}

/// Whether a post stands in lists, for those who may see it: nothing but what is published does,
/// and stories have a list of their own.
package func isListed(_ post: PostFacts, status: PostStatus) -> Bool {
  status == .published && !post.isStory
}

/// Why the visibility of a published post does not admit somebody.
package enum SightRefusal: Hashable, Sendable, CaseIterable {
  /// Either of the two blocks the other.
  case blocked
  /// For followers, and they are none.
  case forFollowers
  /// Public, but the author's account is private and they do not follow.
  case privateAccount
  /// For mutual follows, and this is none.
  case forFriends
  case forAuthor
}

/// Whom the visibility of a published post admits: nil, or what keeps them out.
///
/// - Authors see their own. Nobody sees the posts of whom they block or who blocks them.
/// - A public post is seen by all; while its author's account is private, by followers.
/// - `followers` are those who follow the author; `friends` those whom the author follows too.
/// - To be mentioned or answered opens nothing; to mute hides nothing here.
package func sightRefusal(
  of post: PostFacts, _ authorIsPrivate: Bool, _ viewer: Viewer
) -> SightRefusal? {
  if viewer.relation == .author { return nil }
  if viewer.isModerator { return post.visibility != .private ? nil : .forAuthor }
  if viewer.isBlocked { return .blocked }
  let follows = viewer.relation == .follower || viewer.relation == .friend
  return switch post.visibility {
  case .public: !authorIsPrivate || follows ? nil : .privateAccount
  case .followers: follows ? nil : .forFollowers
  case .friends: viewer.relation == .friend ? nil : .forFriends
  case .private: .forAuthor
  }
}

/// Whether one person may write to another directly or add them to a new chat.
///
/// Blocks in either direction always hold; a direct chat that exists already keeps both from being
/// strangers, so that the recipient's policy no longer matters.
package func mayMessage(
  policy: MessagePolicy, recipientFollowsSender: Bool, isBlocked: Bool, shareChat: Bool
) -> Bool {
  if isBlocked { return false }
  if shareChat { return true }
  return switch policy {
  case .everyone: true
  case .following: recipientFollowsSender
  case .none: false
  }
}
