/// The tables that analysts get. docs/export.md describes every column; a test compares.
package enum ExportTable: String, Sendable, CaseIterable {
  case users, follows, blocks, mutes, posts
  case postTags = "post_tags"
  case mentions, likes, shares, reactions, tags, chats, members, messages

  /// Only in private exports: who has shut out whom is nobody else's.
  var isPrivate: Bool {
    switch self {
    case .blocks, .mutes: true
    case .users, .follows, .posts, .postTags, .mentions, .likes, .shares, .reactions, .tags,
      .chats, .members, .messages:
      false
    }
  }

  /// Those that an export has, unless some are named.
  package static func all(isPrivate: Bool) -> [ExportTable] {
    allCases.filter { isPrivate || !$0.isPrivate }
  }

  package var columns: [String] {
    switch self {
    case .users:
      [
        "id", "username", "created_at", "erased", "private", "verified", "messages", "followers",
        "following", "posts", "replies", "name", "bio", "avatar", "email",
      ]
    case .follows: ["follower_id", "followed_id", "followed_at"]
    case .blocks: ["user_id", "blocked_id", "blocked_at"]
    case .mutes: ["user_id", "muted_id"]
    case .posts:
      [
        "id", "author_id", "created_at", "edited_at", "visibility", "status", "reply_to", "root",
        "quote_of", "story", "media", "poll_options", "likes", "shares", "replies", "quotes",
        "reactions", "votes", "views", "warning", "text",
      ]
    case .postTags: ["post_id", "tag"]
    case .mentions: ["post_id", "user_id"]
    case .likes: ["post_id", "user_id", "liked_at"]
    case .shares: ["id", "post_id", "user_id", "shared_at"]
    case .reactions: ["post_id", "user_id", "emoji", "reacted_at"]
    case .tags:
      [
        "tag", "uses", "accounts", "followers", "first_used_at", "last_used_at",
        "trending_allowed",
      ]
    case .chats: ["id", "direct", "created_at", "members", "messages", "title"]
    case .members: ["chat_id", "user_id", "role", "joined_at", "left_at", "read_through"]
    case .messages:
      ["id", "chat_id", "author_id", "sent_at", "reply_to", "media", "unsaid", "text"]
    }
  }
}
