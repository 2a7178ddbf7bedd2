package import Domain

/// What decides whether one person sees what another wrote, read at one go: see `sight`.
package struct Stance: Equatable, Sendable {
  package var viewer: Viewer
  package var authorIsPrivate = false
  package var authorIsErased = false

  fileprivate init(_ viewer: Viewer) { self.viewer = viewer }
}

extension ReadModels {
  /// How a local viewer stands to an author.
  package func stance(of viewer: UserID, to author: UserID) -> Stance {
    let own = people.index(of: viewer)
    let other = viewer == author ? own : people.index(of: author)
    var stance = Stance(.author)
    if viewer != author {
      stance = Stance(Viewer(.stranger))
      if let own, let other {
        let relation = graph.relation(of: own, to: other)
        stance = Stance(
          Viewer(
            follows: relation.follows, isFollowed: relation.followedBy,
            isBlocked: relation.blocks || relation.blockedBy))
      }
    }
    if let other {
      stance.authorIsPrivate = people.isPrivate(other)
      stance.authorIsErased = people.isErased(other)
    }
    return stance
  }
}
