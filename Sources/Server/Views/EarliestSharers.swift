import Domain
import Entities
import Projections

extension Service {
  /// Up to so many sharers are looked at one by one; beyond that, those whom each viewer follows.
  private static let sharersScannedMax = 64

  /// By whose share each of some local viewers has a post in their home: the earliest of those whom
  /// they follow and neither mute nor are blocked from. Nil where there is none. With the position
  /// that this rests on.
  ///
  /// For each viewer O(min(sharers, followed)).
  func earliestSharers(of id: PostID, for viewers: [UserID]) async -> Gated<[UserID?]> {
    guard let post = shard(of: .post(id)).directory.posts[id], let first = viewers.first else {
      return Gated(viewers.map { _ in nil }, after: .zero, changed: false)
    }
    let models = models(of: .user(first))
    let few = await post.read { state -> [UserID]? in
      guard state.own.shares.count <= Self.sharersScannedMax else { return nil }
      var sharers: [UserID] = []
      state.own.shares.forEach {
        sharers.append($0.key)
        return true
      }
      return sharers
    }
    if let sharers = few.value {
      let first = await models.read { models in
        viewers.map { viewer in sharers.first { models.relation(of: viewer, to: $0).showsShares } }
      }
      return Gated(first, after: few.position, changed: false)
    }
    let followed = await models.read { models in
      viewers.map { viewer in
        models.homeSources(of: viewer).authors
          .filter { models.relation(of: viewer, to: $0).showsShares }
      }
    }
    return await post.read { state in
      followed.map { people in
        people.compactMap { state.own.shares[$0] }.min { $0.position < $1.position }?.key
      }
    }
  }
}

extension GraphRelation {
  /// Whether shares by the other come into the viewer's home.
  fileprivate var showsShares: Bool { follows && !blocks && !blockedBy && !mutes }
}
