import Domain
import Wire

/// What somebody is shown of others: home, lists of people, stories, and the inbox.
extension NaiveModel {
  /// PROTOCOL.md's HOME, word by word, and what followed hashtags bring.
  func home(_ me: UInt64, at now: Int64) -> [Reply] {
    feed(me, at: now) { post in
      if isThereItself(post, me) { return .itself }
      return firstShare(of: post, me, by: { follows.contains(me, $0) && $0 != me })
    }
  }

  /// The same with a list's members in the place of those I follow.
  func listTimeline(_ list: PeopleList, _ me: UInt64, at now: Int64) -> [Reply] {
    feed(me, at: now) { post in
      if list.members.contains(post.author) {
        guard let parent = post.facts.parent.flatMap({ posts[$0]?.author }) else { return .itself }
        if parent == post.author || list.members.contains(parent) { return .itself }
      }
      return firstShare(of: post, me, by: { list.members.contains($0) })
    }
  }

  private enum Place {
    case nowhere
    case itself
    case shared(Mark)
  }

  private func feed(_ me: UInt64, at now: Int64, _ place: (Post) -> Place) -> [Reply] {
    var items: [(key: UInt64, item: Reply)] = []
    for id in postOrder {
      guard let post = posts[id], mayList(post, me, at: now) else { continue }
      // Not: by, shared by or mentioning somebody whom I block or mute or who blocks me.
      if isHidden(post.author, from: me) { continue }
      if post.facts.mentions.contains(where: { isHidden($0, from: me) }) { continue }
      switch place(post) {
      case .nowhere: continue
      case .itself: items.append((post.order, describe(post, me, at: now)))
      case .shared(let share):
        items.append((share.order, describe(post, me, at: now, sharedBy: share.person)))
      }
    }
    return items.sorted { $0.key > $1.key }.map(\.item)
  }

  /// Top-level posts of mine and of those I follow; replies only where I also follow (or am) the
  /// one replied to, or the author replies to themself; and public posts with tags that I follow,
  /// unless they answer others.
  private func isThereItself(_ post: Post, _ me: UInt64) -> Bool {
    let parent = post.facts.parent.flatMap { posts[$0]?.author }
    if post.author == me || follows.contains(me, post.author) {
      guard let parent else { return true }
      if parent == me || parent == post.author || follows.contains(me, parent) { return true }
    }
    guard post.facts.visibility == .public, parent == nil || parent == post.author else {
      return false
    }
    return people[me]?.tags.contains { post.facts.tags.contains($0) } ?? false
  }

  private func firstShare(of post: Post, _ me: UInt64, by isWanted: (UInt64) -> Bool) -> Place {
    let share = post.shares.first { isWanted($0.person) && !isHidden($0.person, from: me) }
    return share.map { .shared($0) } ?? .nowhere
  }

  /// Of me and those I follow, by newest story; each one's oldest first.
  func stories(_ me: UInt64, at now: Int64) -> [Reply] {
    var authors: [(newest: UInt64, item: Reply)] = []
    for author in [me] + follows.from(me) where !isHidden(author, from: me) {
      let stories = postOrder.compactMap { posts[$0] }.filter { post in
        post.author == author && post.facts.isStory && status(post, at: now) == "published"
          && admits(post, me)
      }.sorted { $0.order < $1.order }
      guard let newest = stories.last else { continue }
      let item = Reply.map([
        "author": .text(name(author)),
        "stories": .array(stories.map { describe($0, me, at: now) }),
      ])
      authors.append((newest.order, item))
    }
    return authors.sorted { $0.newest > $1.newest }.map(\.item)
  }

  // MARK: Inbox

  /// Newest cause first; one item for the likes, shares or reactions of a post and for followings.
  func inbox(_ me: UInt64) -> [Reply] {
    var groups: [[Cause]] = []
    var numbers: [String: Int] = [:]
    for cause in causes[me] ?? [] {
      let group = "\(cause.kind) \(cause.object)"
      if let number = numbers[group] {
        groups[number].append(cause)
      } else {
        numbers[group] = groups.count
        groups.append([cause])
      }
    }
    groups.sort { $0[$0.count - 1].position > $1[$1.count - 1].position }
    return groups.compactMap { describe($0, of: me) }
  }

  /// Nil once everything is withdrawn.
  private func describe(_ causes: [Cause], of me: UInt64) -> Reply? {
    let active = causes.filter(\.isActive)
    guard let newest = active.last, let last = causes.last else { return nil }
    let kind = causes[0].kind
    let object = causes[0].object
    let marks = itemsRead[me]?.filter { $0.kind == kind && $0.object == object } ?? []
    let through = max(people[me]?.readThrough ?? 0, marks.map(\.through).max() ?? 0)
    let isOfPost = kind != "follow" && kind != "request" && kind != "invite"
    // Who ends a poll or decides as a moderator is not told.
    let actors = kind == "poll" || kind == "moderation" ? [] : active.reversed().prefix(10)
    return .map([
      "id": .id(causes[0].position), "kind": .text(kind),
      "actors": .array(actors.map { .text(name($0.actor)) }), "count": .count(active.count),
      "post": isOfPost ? .id(object) : .null, "chat": kind == "invite" ? .id(object) : .null,
      "created_at": .integer(last.time), "read": .flag(newest.position <= through),
    ])
  }

  func unreadCount(_ me: UInt64) -> Int { inbox(me).count { $0["read"] == .integer(0) } }
}
