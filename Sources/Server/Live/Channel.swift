package import Domain

/// What can be subscribed to, resolved for the subscriber.
package enum Channel: Hashable, Sendable {
  case home(UserID)
  case inbox(UserID)
  /// All chats of a person.
  case chats(UserID)
  case chat(ChatID)
  case tag(Tag)

  /// The channel's name on the wire, without a position.
  package var name: String {
    switch self {
    case .home: "home"
    case .inbox: "inbox"
    case .chats: "chats"
    case .chat(let id): "chat:\(id)"
    case .tag(let tag): "tag:\(tag)"
    }
  }

  /// The name that a channel asked for in these words has: no position, tags folded.
  package static func canonicalName(_ text: String) -> String {
    let name = String(text.prefix { $0 != "@" })
    if name.hasPrefix("chat:"), let id = ChatID(text: String(name.dropFirst(5))) {
      return Channel.chat(id).name
    }
    if name.hasPrefix("tag:"), let tag = Tag(String(name.dropFirst(4))) {
      return Channel.tag(tag).name
    }
    return name
  }

  /// The entity on whose shard its events are sorted out.
  package var key: EntityKey {
    switch self {
    case .home(let user), .inbox(let user), .chats(let user): .user(user)
    case .chat(let id): .chat(id)
    case .tag(let tag): .tag(tag)
    }
  }
}
