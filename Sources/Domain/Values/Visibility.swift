/// Who may see a post.
package enum Visibility: UInt8, Sendable, CaseIterable {
  case `public` = 0
  case followers = 1
  /// Mutual follows of the author.
  case friends = 2
  /// The author alone.
  case `private` = 3
}

/// Whose messages a person accepts from outside a shared chat.
package enum MessagePolicy: UInt8, Sendable, CaseIterable {
  case everyone = 0
  /// Those whom the person follows.
  case following = 1
  case none = 2
}

/// What a medium shows.
package enum MediaKind: UInt8, Sendable, CaseIterable {
  case image = 0
  case video = 1
}

/// What a token permits.
package enum Scope: UInt8, Sendable, CaseIterable {
  case read = 0
  case write = 1
  case service = 2
  case moderator = 3
  case admin = 4
}
