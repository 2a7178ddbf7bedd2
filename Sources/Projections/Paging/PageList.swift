package import Domain

/// Which list a cursor continues: one given for another list is refused.
package enum PageList: Hashable, Sendable {
  case home(UserID)
  case timeline(UserID, includesReplies: Bool)
  case tag(Tag)
  case `public`
  case followers(UserID)
  case following(UserID)
  case requests(UserID)
  case blocks(UserID)
  case mutes(UserID)
  case inbox(UserID, unreadOnly: Bool)
  case chats(UserID)
  case history(ChatID)
  case thread(PostID)
  case likes(PostID)
  case shares(PostID)
  case drafts(UserID)
  case edits(PostID)
  case stories(UserID)
  case list(ListID)
  case bookmarks(UserID)
  case hashtags(UserID)
  case reports
  case export(UserID)

  /// Tells lists apart; part of what a cursor's checksum covers. Never renumber: cursors stay
  /// valid.
  var identity: UInt64 {
    switch self {
    case .home(let user): Self.identity(1, user.raw)
    case .timeline(let user, let includesReplies): Self.identity(includesReplies ? 2 : 3, user.raw)
    case .tag(let tag): Self.identity(4, tag.stableHash)
    case .public: Self.identity(5, 0)
    case .followers(let user): Self.identity(6, user.raw)
    case .following(let user): Self.identity(7, user.raw)
    case .requests(let user): Self.identity(8, user.raw)
    case .blocks(let user): Self.identity(9, user.raw)
    case .mutes(let user): Self.identity(10, user.raw)
    case .inbox(let user, let unreadOnly): Self.identity(unreadOnly ? 11 : 12, user.raw)
    case .chats(let user): Self.identity(13, user.raw)
    case .history(let chat): Self.identity(14, chat.raw)
    case .thread(let post): Self.identity(15, post.raw)
    case .likes(let post): Self.identity(16, post.raw)
    case .shares(let post): Self.identity(17, post.raw)
    case .drafts(let user): Self.identity(18, user.raw)
    case .edits(let post): Self.identity(19, post.raw)
    case .stories(let user): Self.identity(20, user.raw)
    case .list(let list): Self.identity(30, list.raw)
    case .bookmarks(let user): Self.identity(31, user.raw)
    case .hashtags(let user): Self.identity(32, user.raw)
    case .reports: Self.identity(33, 0)
    case .export(let user): Self.identity(40, user.raw)
    }
  }

  private static func identity(_ kind: UInt64, _ subject: UInt64) -> UInt64 {
    mix64(mix64(kind) ^ subject)
  }
}
