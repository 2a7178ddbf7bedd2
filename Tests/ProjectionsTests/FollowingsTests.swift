import Domain
import Projections
import Testing

/// Lists of who follows whom around the lengths at which they are kept otherwise, and the inbox's
/// item of followings, which is kept apart from the others.
struct FollowingsTests {
  /// At and past the number that is scanned, and where the list has shrunk again.
  @Test(arguments: [10, 1_023, 1_024, 1_025, 1_026, 2_100])
  func `nobody is followed twice, however many one follows`(count: Int) throws {
    var script = Script()
    let fan = script.signUp("fan")
    let others = script.people(count)
    for _ in 0..<2 {
      for other in others {
        script.emit(.followed(other), by: fan)
        script.emit(.followed(other), by: fan)
      }
    }
    #expect(script.models.followingCount(of: fan) == count)
    for other in others { #expect(script.models.followersCount(of: other) == 1) }
    for other in others.prefix(count / 2) { script.emit(.unfollowed(other), by: fan) }
    for other in others.prefix(count / 2) { script.emit(.unfollowed(other), by: fan) }
    #expect(script.models.followingCount(of: fan) == count - count / 2)
    for other in others {
      let isLeft = !others.prefix(count / 2).contains(other)
      #expect(script.models.relation(of: fan, to: other).follows == isLeft)
      #expect(script.models.relation(of: other, to: fan).followedBy == isLeft)
    }
    for other in others { script.emit(.followed(other), by: fan) }
    #expect(script.models.followingCount(of: fan) == count)
    #expect(try restored(script).digests().map(\.digest) == script.models.digests().map(\.digest))
  }

  @Test func `who leaves and follows again is told once, among very many`() throws {
    var random = SplitMix(seed: 7)
    var script = Script()
    let star = script.signUp("star")
    let people = script.people(300)
    var following: Set<UserID> = []
    var order: [UserID] = []
    for round in 0..<3_000 {
      let person = people.randomElement(using: &random)!
      if following.remove(person) != nil {
        script.emit(.unfollowed(star), by: person)
      } else {
        following.insert(person)
        if !order.contains(person) { order.append(person) }
        script.emit(.followed(star), by: person)
      }
      guard round % 100 == 0 else { continue }
      let items = script.inbox(star)
      #expect(items.map(\.count) == (following.isEmpty ? [] : [following.count]))
      let shown = order.filter(following.contains).reversed().prefix(Inbox.actorsShownMax)
      #expect(items.first?.actors ?? [] == Array(shown))
      #expect(script.models.unread(of: star) == (following.isEmpty ? 0 : 1))
    }
    script.emit(.inboxRead(through: script.models.position), by: star)
    for person in people where !following.contains(person) {
      if order.contains(person) { script.emit(.followed(star), by: person) }
    }
    #expect(script.models.unread(of: star) == 0)
    var again = try restored(script)
    #expect(again.digests().map(\.digest) == script.models.digests().map(\.digest))
    // What is restored goes on as what was never taken apart.
    let record = Record(
      position: again.position.next, time: Instant(ms: script.now), actor: people[0],
      entity: .user(people[0]), sequence: 1, event: .user(.unfollowed(star)), hasSecret: false)
    try again.fold(record)
    script.emit(.unfollowed(star), by: people[0])
    #expect(again.digests().map(\.digest) == script.models.digests().map(\.digest))
  }

  @Test func `followings stand among the other items by the newest of them`() {
    var script = Script()
    let people = script.people(5)
    let owner = people[0]
    let posts = (0..<3).map { _ in script.post(by: owner) }
    script.like(posts[0], of: owner, by: people[1])
    script.emit(.followed(owner), by: people[1])
    script.like(posts[1], of: owner, by: people[1])
    #expect(script.inbox(owner).map(\.kind) == [.like, .follow, .like])
    let seen = script.models.position
    script.emit(.followed(owner), by: people[2])
    script.like(posts[2], of: owner, by: people[2])
    #expect(script.inbox(owner).map(\.kind) == [.like, .follow, .like, .like])
    // As of then it stands where it stood then, and each page goes on after the last.
    var before = UInt64.max
    var kinds: [InboxKind] = []
    while let last = script.models.inboxPage(of: owner, before: before, asOf: seen, limit: 1).last {
      kinds.append(last.item.kind)
      before = last.pageKey
    }
    #expect(kinds == [.like, .follow, .like])
  }

  @Test func `one item read reads the followings and nothing else`() {
    var script = Script()
    let people = script.people(3)
    let post = script.post(by: people[0])
    script.like(post, of: people[0], by: people[1])
    script.emit(.followed(people[0]), by: people[1])
    #expect(script.models.unread(of: people[0]) == 2)
    script.emit(.inboxItemRead(script.models.position), by: people[0])
    #expect(script.models.unread(of: people[0]) == 1)
    #expect(script.inbox(people[0]).map(\.isRead) == [true, false])
    script.emit(.followed(people[0]), by: people[2])
    #expect(script.models.unread(of: people[0]) == 2)
  }

  /// Four billion events: positions need their upper halves.
  @Test func `causes before and after position 2^32 are told apart`() throws {
    var script = Script()
    let people = script.people(6)
    let post = script.post(by: people[0])
    script.emit(.followed(people[0]), by: people[1])
    script.emit(.followed(people[0]), by: people[2])
    script.like(post, of: people[0], by: people[1])
    script.like(post, of: people[0], by: people[2])
    var models = script.models
    var position: UInt64 = 1 << 32 - 1
    for person in people[3...] {
      for (event, entity) in [
        (Event.user(.followed(people[0])), EntityKey.user(person)),
        (.post(.liked(author: people[0])), .post(post)),
      ] {
        try models.fold(
          selected: Record(
            position: Position(position), time: Instant(ms: script.now), actor: person,
            entity: entity, sequence: 1, event: event, hasSecret: false))
        position += 1
      }
    }
    let items = models.inboxPage(of: people[0], asOf: models.position, limit: 10).map(\.item)
    #expect(items.map(\.count) == [5, 5])
    #expect(items[0].newestCause == models.position)
    for item in items { #expect(item.actors == people[1...5].reversed()) }
    #expect(try restored(models).digests().map(\.digest) == models.digests().map(\.digest))
  }

  private func restored(_ script: Script) throws -> ReadModels { try restored(script.models) }

  private func restored(_ models: ReadModels) throws -> ReadModels {
    var entries: [(ProjectionName, [UInt8], [UInt8])] = []
    models.forEachStored { entries.append(($0, $1, $2)) }
    var restored = ReadModels(shard: .first, of: 1, limits: models.limits)
    for (name, key, value) in entries {
      try restored.restore(name, key: key[...], value: value[...])
    }
    restored.finishRestoring(at: models.position)
    return restored
  }
}
