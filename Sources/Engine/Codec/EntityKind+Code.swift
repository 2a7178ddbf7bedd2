package import Domain
package import Journal

extension EntityKind {
  /// In the order in which snapshots and digests list them.
  package static let all: [EntityKind] = [.user, .post, .chat, .tag]

  /// As digests, snapshots and the command line name all of the kind.
  package var plural: String {
    switch self {
    case .user: "users"
    case .post: "posts"
    case .chat: "chats"
    case .tag: "tags"
    }
  }

  /// Part of the snapshot's format and of digests: never reuse one.
  var code: UInt64 {
    switch self {
    case .user: 1
    case .post: 2
    case .chat: 3
    case .tag: 4
    }
  }
}

extension EntityKey {
  /// Writes [kind, identifier].
  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(2)
    encoder.uint(EntityKind(of: self).code)
    switch self {
    case .user(let id): encoder.uint(id.raw)
    case .post(let id): encoder.uint(id.raw)
    case .chat(let id): encoder.uint(id.raw)
    case .tag(let tag): encoder.text(tag.text)
    }
  }

  /// Reads what `encode` writes.
  package init(from decoder: inout CBORDecoder) throws(CBORError) {
    try decoder.array(of: 2)
    let code = try decoder.uint()
    guard let kind = EntityKind.all.first(where: { $0.code == code }) else {
      throw .invalidValue
    }
    switch kind {
    case .user: self = .user(try decoder.id())
    case .post: self = .post(try decoder.id())
    case .chat: self = .chat(try decoder.id())
    case .tag: self = .tag(Tag(folded: try decoder.text()))
    }
  }
}
