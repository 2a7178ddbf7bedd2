package import Domain

/// The identifier of an entity, without its kind: an unsigned integer, or the text of a tag. The
/// kind is known from the event's.
enum EntityKeyCodec {
  static func encode(_ key: EntityKey, into encoder: inout CBOREncoder) {
    switch key {
    case .user(let id): encoder.uint(id.raw)
    case .post(let id): encoder.uint(id.raw)
    case .chat(let id): encoder.uint(id.raw)
    case .tag(let tag): encoder.text(tag.text)
    }
  }

  static func decode(
    kind: EntityKind, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> EntityKey {
    switch kind {
    case .user: .user(UserID(try decoder.uint()))
    case .post: .post(PostID(try decoder.uint()))
    case .chat: .chat(ChatID(try decoder.uint()))
    case .tag: .tag(Tag(folded: try decoder.text()))
    }
  }
}

/// Whose events they are.
package enum EntityKind: Sendable {
  case user
  case post
  case chat
  case tag

  package init(of key: EntityKey) {
    self =
      switch key {
      case .user: .user
      case .post: .post
      case .chat: .chat
      case .tag: .tag
      }
  }
}

extension EventType {
  /// By the ranges of numbers.
  package var entityKind: EntityKind {
    switch rawValue {
    case 1...39: .user
    case 40...69: .post
    case 70...99: .chat
    default: .tag
    }
  }
}
