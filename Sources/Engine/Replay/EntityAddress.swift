package import Domain

/// An entity as an operator names it: `user:alice`, `user:17`, `post:42`, `chat:9`, `tag:higgs`.
package enum EntityAddress: Hashable, Sendable {
  case user(String)
  case post(PostID)
  case chat(ChatID)
  case tag(Tag)

  /// Nil for what names nothing.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let name = String(parts[1])
    switch parts[0] {
    case "user": self = .user(name)
    case "post":
      guard let id = PostID(text: name) else { return nil }
      self = .post(id)
    case "chat":
      guard let id = ChatID(text: name) else { return nil }
      self = .chat(id)
    case "tag":
      guard let tag = Tag(name) else { return nil }
      self = .tag(tag)
    default: return nil
    }
  }
}
