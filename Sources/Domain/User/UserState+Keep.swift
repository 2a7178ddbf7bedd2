/// What a person keeps at hand: bookmarks, posts on their own page, hashtags that they follow.
/// That posts can be seen, and pinned ones are the person's own, is the caller's to check.
package enum KeepCommand: Equatable, Sendable {
  case bookmark(PostID)
  case unbookmark(PostID)
  /// `gone`: posts that are deleted for good; where there is no room left, their pins make it.
  case pin(PostID, gone: [PostID])
  case unpin(PostID)
  case followTag(Tag)
  case unfollowTag(Tag)
}

extension UserState {
  package static let bookmarksMax = 100_000
  package static let pinsMax = 5
  package static let followedTagsMax = 1_000

  func decideKeep(_ command: KeepCommand) throws(Rejection) -> Decision {
    switch command {
    case .bookmark(let post):
      if own.extras.value.bookmarks.contains(post) { return Decision([], .ok) }
      guard own.extras.value.bookmarks.count < Self.bookmarksMax else {
        throw Rejection(.denied, "at most \(Self.bookmarksMax) bookmarks")
      }
      return Decision([Draft(.user(.bookmarked(post)))], .ok)
    case .unbookmark(let post):
      guard own.extras.value.bookmarks.contains(post) else { return Decision([], .ok) }
      return Decision([Draft(.user(.unbookmarked(post)))], .ok)
    case .pin(let post, let gone):
      return try decidePin(post, gone)
    case .unpin(let post):
      guard own.extras.value.pins.contains(post) else { return Decision([], .ok) }
      return Decision([Draft(.user(.unpinned(post)))], .ok)
    case .followTag(let tag):
      if isFollowing(tag) { return Decision([], .ok) }
      guard own.extras.value.tags.count < Self.followedTagsMax else {
        throw Rejection(.denied, "at most \(Self.followedTagsMax) hashtags")
      }
      return Decision([Draft(.user(.tagFollowed(tag)))], .ok)
    case .unfollowTag(let tag):
      guard isFollowing(tag) else { return Decision([], .ok) }
      return Decision([Draft(.user(.tagUnfollowed(tag)))], .ok)
    }
  }

  package func isFollowing(_ tag: Tag) -> Bool {
    own.extras.value.tags.contains { $0.tag == tag }
  }

  private func decidePin(_ post: PostID, _ gone: [PostID]) throws(Rejection) -> Decision {
    let pins = own.extras.value.pins
    if pins.contains(post) { return Decision([], .ok) }
    var events = [UserEvent.pinned(post)]
    if pins.count >= Self.pinsMax {
      guard let dropped = pins.first(where: { gone.contains($0) }) else {
        throw Rejection(.denied, "at most \(Self.pinsMax) pins; unpin one first")
      }
      events.insert(.unpinned(dropped), at: 0)
    }
    return Decision(events.map { Draft(.user($0)) }, .ok)
  }
}
