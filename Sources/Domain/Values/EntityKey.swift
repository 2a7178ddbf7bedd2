/// Names the entity that owns an event, or that an event concerns.
package enum EntityKey: Hashable, Sendable {
  case user(UserID)
  case post(PostID)
  case chat(ChatID)
  case tag(Tag)

  /// A well-mixed hash that is the same in every process and on every machine; the shard of an
  /// entity is this modulo the number of shards. (The finaliser is splitmix64's.)
  package var stableHash: UInt64 {
    switch self {
    case .user(let id): mix64(id.raw)
    case .post(let id): mix64(id.raw)
    case .chat(let id): mix64(id.raw)
    case .tag(let tag): tag.stableHash
    }
  }
}

extension EntityKey: CustomStringConvertible {
  /// As the command line writes it: `user:17`, `post:42`, `chat:9`, `tag:higgs`.
  package var description: String {
    switch self {
    case .user(let id): "user:\(id)"
    case .post(let id): "post:\(id)"
    case .chat(let id): "chat:\(id)"
    case .tag(let tag): "tag:\(tag)"
    }
  }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
package func mix64(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
