import Domain
import Wire

extension NaiveModel {
  /// PROTOCOL.md's HOME, word by word.
  func home(_ me: UInt64) -> [Reply] {
    var items: [(key: UInt64, item: Reply)] = []
    for post in posts where maySee(post, me) {
      // Not: by, shared by or mentioning somebody whom I block or mute or who blocks me.
      if isHidden(post.author, from: me) { continue }
      if post.mentions.contains(where: { isHidden($0, from: me) }) { continue }
      if isThereItself(post, me) {
        items.append((post.id, describe(post, me)))
      } else if let share = firstShare(of: post, me) {
        items.append((share.id, describe(post, me, sharedBy: share.person)))
      }
    }
    return items.sorted { $0.key > $1.key }.map(\.item)
  }

  /// Top-level posts of mine and of those I follow; replies only where I also follow (or am) the
  /// one replied to, or the author replies to themself.
  private func isThereItself(_ post: Post, _ me: UInt64) -> Bool {
    guard post.author == me || follows(me, post.author) else { return false }
    guard let parent = post.parent.flatMap({ self.post($0)?.author }) else { return true }
    return parent == me || parent == post.author || follows(me, parent)
  }

  /// The earliest share by those I follow.
  private func firstShare(of post: Post, _ me: UInt64) -> Mark? {
    shares.first { share in
      share.post == post.id && share.person != me && follows(me, share.person)
        && !isHidden(share.person, from: me)
    }
  }

  /// Newest cause first; one item for the likes or shares of a post and for followings.
  func inbox(_ me: UInt64) -> [Reply] {
    var groups: [[Cause]] = []
    for cause in causes where cause.owner == me {
      let same = groups.firstIndex { $0[0].kind == cause.kind && $0[0].object == cause.object }
      if let same { groups[same].append(cause) } else { groups.append([cause]) }
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
    let marks = itemsRead.filter { $0.owner == me && $0.kind == kind && $0.object == object }
    let through = max(person(me)?.readThrough ?? 0, marks.map(\.through).max() ?? 0)
    let hasPost = kind != "follow" && kind != "request"
    return .map([
      "id": .text(String(causes[0].position)), "kind": .text(kind),
      "actors": .array(active.reversed().prefix(10).map { .text(name($0.actor)) }),
      "count": .integer(Int64(active.count)), "post": hasPost ? .text(String(object)) : .null,
      "created_at": .integer(last.time), "read": .integer(newest.position <= through ? 1 : 0),
    ])
  }
}
