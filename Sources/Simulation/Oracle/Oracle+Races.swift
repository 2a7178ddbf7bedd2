import Domain
import Wire

/// Answers that the model gives at no single position, because a command looks several times and
/// something came in between; each with its reason.
extension Oracle {
  /// What changed between the looks of one command: the block came between opening a direct chat
  /// and speaking in it; the account became private between seeing the post and sharing it.
  static func isLateRefusal(_ call: Call, _ reply: Reply, _ answers: [Reply]) -> Bool {
    guard reply == .refused(.denied), answers.contains(.refused(.notFound)) else { return false }
    if case .chat(.message) = call { return true }
    if case .post(.act(.share, _)) = call { return answers.contains { $0.refusal == nil } }
    return false
  }

  /// A number of likes or shares from after the caller's right to see the post was looked up.
  static func isLateCount(
    _ call: Call, _ reply: Reply, _ answers: [Reply], _ models: ArraySlice<NaiveModel>
  ) -> Bool {
    guard let count = reply.integerValue, answers.contains(where: { $0.refusal == nil }) else {
      return false
    }
    switch call {
    case .post(.act(let verb, let id)):
      return models.contains { model in
        guard let post = model.posts[id] else { return false }
        switch verb {
        case .like, .unlike: return Int64(post.likes.count) == count
        case .share, .unshare: return Int64(post.shares.count) == count
        case .unreact: return Int64(post.reactions.count) == count
        case .delete, .publish, .bookmark, .unbookmark, .pin, .unpin: return false
        }
      }
    case .post(.react(let id, _)):
      return models.contains { Int64($0.posts[id]?.reactions.count ?? -1) == count }
    case .signUp, .authenticate, .present, .relate, .post, .own, .chat, .moderate, .read, .page,
      .inPlaceOf:
      return false
    }
  }

  static func isInboxReading(_ call: Call) -> Bool {
    if case .own(.readInbox) = call { true } else { call == .own(.readAllInbox) }
  }

  /// A map whose values all held, if not at one position: its parts are read one after another.
  static func isMixture(_ reply: Reply, of answers: [Reply]) -> Bool {
    guard case .map(let map) = reply else { return false }
    let maps = answers.compactMap { if case .map(let map) = $0 { map } else { nil } }
    return map.entries.allSatisfy { entry in maps.contains { $0[entry.key] == entry.value } }
  }
}
