/// What the home rule asks about the viewer and others. Never asked about the viewer themself.
package protocol HomeRelations {
  /// Whether the viewer follows them.
  func follows(_ other: UserID) -> Bool
  /// Whether they follow the viewer.
  func isFollowed(by other: UserID) -> Bool
  /// Whether either blocks the other.
  func isBlocked(_ other: UserID) -> Bool
  /// Whether the viewer mutes them.
  func isMuted(_ other: UserID) -> Bool
}

/// Whether a post, or somebody's share of it, belongs into a viewer's home, or the timeline of one
/// of their lists: PROTOCOL.md's definition of HOME, but for the order and for showing a post at
/// most once.
///
/// - Posts (`sharer` is nil): top-level ones of the sources; replies of the same, if they answer a
///   source or their own author; in a home also public posts with a followed hashtag.
/// - Shares: those by the sources, of whatever kind of post by whomever.
/// - Never: what is not published or a story, what the viewer may not see, and what was written by,
///   shared by or mentions somebody whom the viewer blocks or mutes or who blocks the viewer.
package func homeAdmits(
  _ post: PostFacts, status: PostStatus, authorIsPrivate: Bool, sharer: UserID?,
  viewer: UserID, basis: HomeBasis, relations: some HomeRelations
) -> Bool {
  guard isListed(post, status: status) else { return false }
  if let sharer {
    guard basis.hasShares(by: sharer, viewer: viewer, relations) else { return false }
    if sharer != viewer, relations.isHidden(sharer) { return false }
  } else {
    guard basis.hasPost(post, viewer: viewer, relations) else { return false }
  }
  let eye: Viewer
  if post.author == viewer {
    eye = .author
  } else {
    if relations.isMuted(post.author) { return false }
    eye = Viewer(
      follows: relations.follows(post.author), isFollowed: relations.isFollowed(by: post.author),
      isBlocked: relations.isBlocked(post.author))
  }
  guard maySee(post, status: status, authorIsPrivate: authorIsPrivate, viewer: eye) else {
    return false
  }
  return !post.mentions.contains { $0 != viewer && relations.isHidden($0) }
}

extension HomeRelations {
  /// Whether the viewer wants to see nothing of them, or they of the viewer.
  package func isHidden(_ other: UserID) -> Bool { isBlocked(other) || isMuted(other) }
}
