import Domain
import Wire

/// Pins, votes and views.
extension NaiveModel {
  mutating func pin(_ id: UInt64, _ me: UInt64, _ time: Int64) -> Reply {
    switch live(id, me, time) {
    case .refused(let refusal): return refusal
    case .found(let post):
      if post.author != me { return .refused(.denied) }
      let isOpen = post.facts.visibility == .public || post.facts.visibility == .followers
      guard isOpen, mayList(post, me, at: time) else { return .refused(.invalid) }
      let pins = people[me]?.pins ?? []
      if pins.contains(id) { return .ok }
      // Those of posts deleted since make room.
      let held = pins.filter { posts[$0]?.stage == .published }
      if held.count >= 5 { return .refused(.denied) }
      change(me) { $0.pins.append(id) }
      return .ok
    }
  }

  mutating func vote(
    _ post: Post, _ me: UInt64, _ options: [Int], _ time: Int64
  ) -> Reply {
    guard let poll = post.facts.poll else { return .refused(.invalid) }
    let chosen = Set(options).sorted()
    guard chosen.allSatisfy({ poll.options.indices.contains($0) }) else {
      return .refused(.invalid)
    }
    if chosen.count != 1, !poll.isMultiple { return .refused(.invalid) }
    if let vote = post.votes.first(where: { $0.person == me }) {
      return vote.options == chosen ? .ok : .refused(.conflict)
    }
    if post.author == me { return .refused(.denied) }
    if let closes = pollCloses(post), time >= closes { return .refused(.denied) }
    posts[post.id]?.votes.append(Vote(person: me, options: chosen))
    return .ok
  }

  /// Skips what is not seen.
  mutating func view(_ ids: [UInt64], _ me: UInt64, _ time: Int64) -> Reply {
    var new = 0
    for id in ids {
      guard case .found(let post) = live(id, me, time), post.author != me,
        !post.viewers.contains(me)
      else { continue }
      posts[id]?.viewers.append(me)
      new += 1
    }
    return .count(new)
  }
}
