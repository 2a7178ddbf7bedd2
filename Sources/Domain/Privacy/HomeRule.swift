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

/// Whether a post, or somebody's share of it, belongs into a viewer's home: PROTOCOL.md's
/// definition of HOME, but for the order and for showing a post at most once.
///
/// - Posts (`sharer` is nil): top-level ones of the viewer and of whom they follow; replies of the
///   same, if they answer the viewer, somebody whom the viewer follows, or their own author.
/// - Shares: those by whom the viewer follows, of whatever kind of post by whomever.
/// - Never: what is not published or a story, what the viewer may not see, and what was written by, shared by or mentions somebody
///   whom the viewer blocks or mutes or who blocks the viewer.
package func homeAdmits(
  _ post: PostFacts, status: PostStatus, authorIsPrivate: Bool, sharer: UserID?,
  viewer: UserID, relations: some HomeRelations
) -> Bool {
  guard isListed(post, status: status) else { return false }
  let isAuthor = post.author == viewer
  if let sharer {
    guard sharer != viewer, relations.follows(sharer) else { return false }
    if relations.isHidden(sharer) { return false }
  } else {
    guard isAuthor || relations.follows(post.author) else { return false }
    if let reply = post.reply, reply.parentAuthor != post.author, reply.parentAuthor != viewer,
      !relations.follows(reply.parentAuthor)
    {
      return false
    }
  }
  if !isAuthor {
    if relations.isMuted(post.author) { return false }
    let facts = Viewer(
      follows: relations.follows(post.author), isFollowed: relations.isFollowed(by: post.author),
      isBlocked: relations.isBlocked(post.author))
    guard maySee(post, status: status, authorIsPrivate: authorIsPrivate, viewer: facts) else {
      return false
    }
  } else {
    guard maySee(post, status: status, authorIsPrivate: authorIsPrivate, viewer: .author) else {
      return false
    }
  }
  return !post.mentions.contains { $0 != viewer && relations.isHidden($0) }
}

extension HomeRelations {
  fileprivate func isHidden(_ other: UserID) -> Bool { isBlocked(other) || isMuted(other) }
}
