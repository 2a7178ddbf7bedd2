/// Whose posts and shares make up a home, or the timeline of a list of people. Only who is a source
/// differs between the two: who may see what follows the viewer's real relations in both.
package enum HomeBasis: Equatable, Sendable {
  /// Posts by the viewer and by whom they follow, shares by whom they follow, and public posts with
  /// the hashtags that they follow, unless these answer others than their author.
  case following(tags: Set<Tag>)
  /// Posts and shares by these, the viewer only if among them.
  case members(Set<UserID>)

  func hasPosts(by person: UserID, viewer: UserID, _ relations: some HomeRelations) -> Bool {
    switch self {
    case .following: person == viewer || relations.follows(person)
    case .members(let members): members.contains(person)
    }
  }

  package func hasShares(
    by person: UserID, viewer: UserID, _ relations: some HomeRelations
  ) -> Bool {
    switch self {
    case .following: person != viewer && relations.follows(person)
    case .members(let members): members.contains(person)
    }
  }

  /// Nil if a post that is not hidden from the viewer belongs in by itself, not as a share.
  func refusal(
    of post: PostFacts, viewer: UserID, _ relations: some HomeRelations
  ) -> HomeRefusal? {
    let answered = post.reply?.parentAuthor ?? post.author
    let isBySource = hasPosts(by: post.author, viewer: viewer, relations)
    if isBySource,
      answered == post.author || hasPosts(by: answered, viewer: viewer, relations)
    {
      return nil
    }
    if answered == post.author, hasTag(of: post) { return nil }
    return isBySource ? .answers(answered) : .noSource
  }

  private func hasTag(of post: PostFacts) -> Bool {
    switch self {
    case .following(let tags):
      post.visibility == .public && post.tags.contains { tags.contains($0) }
    case .members: false
    }
  }
}
