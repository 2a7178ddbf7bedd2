package import Domain

/// What decides whether one person sees what another wrote, read at one go: see `sight`.
package struct Stance: Equatable, Sendable {
  package var viewer: Viewer
  package var authorIsPrivate: Bool
  package var authorIsErased: Bool
}

extension ReadModels {
  /// How a local viewer stands to an author.
  package func stance(of viewer: UserID, to author: UserID) -> Stance {
    let found = acquaintance(of: viewer, with: author)
    return Stance(
      viewer: viewer == author ? .author : Viewer(found.relation),
      authorIsPrivate: found.isPrivate, authorIsErased: found.isErased)
  }
}
