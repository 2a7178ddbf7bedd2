import Domain
import Wire

/// Lists of people, timelines and threads.
extension NaiveModel {
  /// Nil where the profile's lists are open to the viewer.
  private func closed(_ name: String, to viewer: UInt64?) -> Reply? {
    switch known(name, to: viewer) {
    case .refused(let refusal): return refusal
    case .found(let person):
      if person.id == viewer { return nil }
      if let viewer, isBlocked(viewer, person.id) { return .refused(.notFound) }
      let isFollower = viewer.map { follows.contains($0, person.id) } ?? false
      return person.isPrivate && !isFollower ? .refused(.denied) : nil
    }
  }

  /// The newest first. A block hides each from the other.
  func usernames(_ people: [UInt64], _ viewer: UInt64?) -> [Reply] {
    people.reversed().filter { person in viewer.map { !isBlocked($0, person) } ?? true }
      .map { .text(name($0)) }
  }

  func edges(
    _ name: String, _ viewer: UInt64?, _ list: (UInt64) -> [UInt64]
  ) -> Answer {
    if let refusal = closed(name, to: viewer) { return .reply(refusal) }
    return .items(usernames(list(names[name] ?? 0), viewer))
  }

  func timeline(
    _ name: String, _ replies: Bool, _ viewer: UInt64?, at now: Int64
  ) -> Answer {
    if let refusal = closed(name, to: viewer) { return .reply(refusal) }
    let author = names[name] ?? 0
    var items: [(key: UInt64, item: Reply)] = []
    for id in postOrder {
      guard let post = posts[id], mayList(post, viewer, at: now) else { continue }
      let parent = post.facts.parent.flatMap { posts[$0]?.author }
      if post.author == author, replies || parent == nil || parent == author {
        items.append((post.order, describe(post, viewer, at: now)))
      }
      if let share = post.shares.first(where: { $0.person == author }) {
        items.append((share.order, describe(post, viewer, at: now, sharedBy: author)))
      }
    }
    return .items(items.sorted { $0.key > $1.key }.map(\.item))
  }

  // MARK: Threads

  func thread(_ id: UInt64, _ viewer: UInt64?, at now: Int64) -> Answer {
    guard case .found(let post) = seen(id, viewer, at: now) else {
      guard case .refused(let refusal) = seen(id, viewer, at: now) else { return .items([]) }
      return .reply(refusal)
    }
    var items: [Reply] = []
    func take(_ post: Post, _ depth: Int) {
      let sight = sight(post, viewer, at: now)
      // An erased author's posts keep their places.
      guard sight == .seen || (sight == .gone && isErased(post.author)),
        case .map(var map) = describe(post, viewer, at: now)
      else { return }
      map.append("depth", .integer(Int64(depth)))
      items.append(.map(map))
    }
    func descend(_ post: Post, _ depth: Int) {
      take(post, depth)
      for answer in post.answers.compactMap({ posts[$0] }) { descend(answer, depth + 1) }
    }
    var ancestors: [Post] = []
    var top = post
    while let parent = top.facts.parent.flatMap({ posts[$0] }) {
      ancestors.append(parent)
      top = parent
    }
    for (index, ancestor) in ancestors.enumerated().reversed() { take(ancestor, -index - 1) }
    descend(post, 0)
    return .items(items)
  }
}
