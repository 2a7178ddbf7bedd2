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

  package init(_ relation: ViewerRelation, isBlocked: Bool = false) {
    self.relation = relation
    self.isBlocked = isBlocked
  }

  package static let anonymous = Viewer(.anonymous)
  package static let author = Viewer(.author)

  /// For somebody logged in who is not the author.
  package init(follows: Bool, isFollowed: Bool, isBlocked: Bool) {
    self.init(
      follows ? (isFollowed ? .friend : .follower) : .stranger, isBlocked: isBlocked)
  }
}

/// Who may see a post: the one rule, for every path on which a post is shown.
///
/// - A removed post is seen by nobody.
/// - Authors see their own. Nobody sees the posts of whom they block or who blocks them.
/// - A public post is seen by all; while its author's account is private, by followers.
/// - `followers` are those who follow the author; `friends` those whom the author follows too.
/// - To be mentioned or answered opens nothing; to mute hides nothing here.
package func maySee(
  _ post: PostFacts, status: PostStatus, authorIsPrivate: Bool, viewer: Viewer
) -> Bool {
  switch status {
  case .removed: return false
  case .published: break
  }
  if viewer.relation == .author { return true }
  if viewer.isBlocked { return false }
  let follows = viewer.relation == .follower || viewer.relation == .friend
  return switch post.visibility {
  case .public: !authorIsPrivate || follows
  case .followers: follows
  case .friends: viewer.relation == .friend
  case .private: false
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
