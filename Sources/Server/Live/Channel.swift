package import Domain

/// What can be subscribed to, resolved for the subscriber.
package enum Channel: Hashable, Sendable {
  case home(UserID)
  case inbox(UserID)
  /// All chats of a person.
  case chats(UserID)
  case chat(ChatID)
  case tag(Tag)
  case post(PostID)
  /// What a person posts and shares.
  case user(UserID, Username)
  /// Everybody's public posts.
  case everybody
  /// Who of a person's friends comes and goes.
  case presence(UserID)

  /// The channel's name on the wire, without a position.
  package var name: String {
    switch self {
    case .home: "home"
    case .inbox: "inbox"
    case .chats: "chats"
    case .chat(let id): "chat:\(id)"
    case .tag(let tag): "tag:\(tag)"
    case .post(let id): "post:\(id)"
    case .user(_, let username): "user:\(username)"
    case .everybody: "public"
    case .presence: "presence"
    }
  }

  /// The entity on whose shard its events are sorted out; nil: on the first.
  package var key: EntityKey? {
    switch self {
    case .home(let user), .inbox(let user), .chats(let user), .user(let user, _),
      .presence(let user):
      .user(user)
    case .chat(let id): .chat(id)
    case .tag(let tag): .tag(tag)
    case .post(let id): .post(id)
    case .everybody: nil
    }
  }
}

/// A channel as a client writes it, not yet looked up.
struct ChannelName: Equatable {
  enum Kind: Equatable {
    case home
    case inbox
    case chats
    case everybody
    case presence
    case chat(ChatID)
    case tag(Tag)
    case post(PostID)
    case user(Username)
  }

  var kind: Kind
  /// What stands behind `@`, whatever it is.
  var position: Substring?

  /// Nil for what is no channel's name.
  init?(_ text: String) {
    // A username may be written with an `@` of its own.
    let isMarked = text.hasPrefix("user:@")
    let parts = (isMarked ? "user:" + text.dropFirst(6) : text)
      .split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let kind = Self.kind(parts[0]) else { return nil }
    self.kind = kind
    position = parts.count == 2 ? parts[1] : nil
  }

  private static func kind(_ name: Substring) -> Kind? {
    switch name {
    case "home": return .home
    case "inbox": return .inbox
    case "chats": return .chats
    case "public": return .everybody
    case "presence": return .presence
    default: break
    }
    guard let colon = name.firstIndex(of: ":") else { return nil }
    let rest = String(name[name.index(after: colon)...])
    switch name[..<colon] {
    case "chat": return ChatID(text: rest).map { .chat($0) }
    case "tag": return Tag(rest).map { .tag($0) }
    case "post": return PostID(text: rest).map { .post($0) }
    case "user": return Username(rest).map { .user($0) }
    default: return nil
    }
  }

  /// The name in the form in which channels have it: no position, tags and usernames folded.
  var canonical: String {
    switch kind {
    case .home: "home"
    case .inbox: "inbox"
    case .chats: "chats"
    case .everybody: "public"
    case .presence: "presence"
    case .chat(let id): "chat:\(id)"
    case .tag(let tag): "tag:\(tag)"
    case .post(let id): "post:\(id)"
    case .user(let username): "user:\(username)"
    }
  }
}
