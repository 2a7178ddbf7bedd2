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
  homeRefusal(
    of: post, status: status, authorIsPrivate: authorIsPrivate, sharer: sharer, viewer: viewer,
    basis: basis, relations: relations) == nil
}

/// What keeps a post, or somebody's share of it, out of a home or a list's timeline.
package enum HomeRefusal: Hashable, Sendable {
  /// It is not published, or no more.
  case status(PostStatus)
  /// Stories have a list of their own.
  case story
  /// It is neither by a source nor has it a followed hashtag that would bring it.
  case noSource
  /// It is by a source, but it answers somebody who is none.
  case answers(UserID)
  /// Whoever shared it is no source.
  case sharerIsNoSource
  /// Whoever shared it is blocked or muted, or blocks the viewer.
  case sharerIsHidden
  case authorIsMuted
  case unseen(SightRefusal)
  /// It mentions somebody who is blocked or muted, or blocks the viewer.
  case mentions(UserID)
}

/// The same as `homeAdmits`, and why not: the first rule that keeps the post out; nil if it belongs
/// in.
package func homeRefusal(
  of post: PostFacts, status: PostStatus, authorIsPrivate: Bool, sharer: UserID?,
  viewer: UserID, basis: HomeBasis, relations: some HomeRelations
) -> HomeRefusal? {
  guard isListed(post, status: status) else {
    return status == .published ? .story : .status(status)
  }
  if let sharer {
    guard basis.hasShares(by: sharer, viewer: viewer, relations) else { return .sharerIsNoSource }
    if sharer != viewer, relations.isHidden(sharer) { return .sharerIsHidden }
  } else if let refusal = basis.refusal(of: post, viewer: viewer, relations) {
    return refusal
  }
  let eye: Viewer
  if post.author == viewer {
    eye = .author
  } else {
    if relations.isMuted(post.author) { return .authorIsMuted }
    // Whether they follow back is asked where it decides: it is the dearest look-up of all.
    let isFollowed = post.visibility == .friends && relations.isFollowed(by: post.author)
    eye = Viewer(
      follows: relations.follows(post.author), isFollowed: isFollowed,
      isBlocked: relations.isBlocked(post.author))
  }
  if let refusal = sightRefusal(of: post, authorIsPrivate, eye) { return .unseen(refusal) }
  return post.mentions.first { $0 != viewer && relations.isHidden($0) }.map { .mentions($0) }
}

extension HomeRelations {
  /// Whether the viewer wants to see nothing of them, or they of the viewer.
  package func isHidden(_ other: UserID) -> Bool { isBlocked(other) || isMuted(other) }
}
