import Domain

extension NaiveTown {
  /// PROTOCOL.md's HOME, newest first.
  func home(_ viewer: UserID) -> [HomeItem] {
    items(seenBy: viewer) {
      belongsItself($0, in: viewer)
    } sharedBy: {
      follows(viewer, $0)
    }
  }

  /// The timeline of a list: HOME with the members in the place of those whom the viewer follows.
  func timeline(of members: [UserID], seenBy viewer: UserID) -> [HomeItem] {
    items(seenBy: viewer) { post in
      let other = post.facts.reply?.parentAuthor ?? post.facts.author
      return members.contains(post.facts.author)
        && (other == post.facts.author || members.contains(other))
    } sharedBy: {
      members.contains($0)
    }
  }

  private func items(
    seenBy viewer: UserID, itself: (Post) -> Bool, sharedBy isSharer: (UserID) -> Bool
  ) -> [HomeItem] {
    var items: [HomeItem] = []
    for post in posts where post.isListed && canSee(viewer, post.facts) {
      let hasHidden = ([post.facts.author] + post.facts.mentions)
        .contains { $0 != viewer && isHidden($0, from: viewer) }
      if hasHidden { continue }
      if itself(post) {
        items.append(HomeItem(key: post.key, post: post.id, sharer: nil))
        continue
      }
      let seen = shares.filter { share in
        share.post == post.id && isSharer(share.sharer)
          && (share.sharer == viewer || !isHidden(share.sharer, from: viewer))
      }
      if let earliest = seen.min(by: { $0.id < $1.id }) {
        items.append(
          HomeItem(key: earliest.id.raw, post: post.id, sharer: earliest.sharer))
      }
    }
    return items.sorted { $0.key > $1.key }
  }

  private func belongsItself(_ post: Post, in viewer: UserID) -> Bool {
    let author = post.facts.author
    let other = post.facts.reply?.parentAuthor ?? author
    let hasTag = post.facts.tags.contains { tag in
      tagFollows.contains(TagFollow(user: viewer, tag: tag))
    }
    if hasTag, post.facts.visibility == .public, other == author { return true }
    guard author == viewer || follows(viewer, author) else { return false }
    return other == author || other == viewer || follows(viewer, other)
  }
}
