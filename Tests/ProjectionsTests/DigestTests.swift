import Domain
import Journal
import Projections
import Testing

/// The same records give the same digests, however they are folded.
struct DigestTests {
  static let limits = ProjectionLimits(ringMax: 5, celebrityFollowersMax: 4)

  private func records(seed: UInt64, steps: Int) -> [Record] {
    var play = Play(seed: seed, peopleCount: 12)
    for _ in 0..<steps { play.step() }
    return play.records
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func `digests do not depend on the number of shards`(seed: UInt64) throws {
    let records = records(seed: seed, steps: 1_500)
    var one = Cluster(shardCount: 1, limits: Self.limits)
    try one.fold(records)
    #expect(Set(one.digests.values).count == ProjectionName.allCases.count)
    #expect(!one.digests.values.contains(Digest()), "every projection has entries")
    for shardCount in [2, 4] {
      var many = Cluster(shardCount: shardCount, limits: Self.limits)
      try many.fold(records)
      #expect(many.digests == one.digests, "seed \(seed), \(shardCount) shards")
    }
  }

  @Test(arguments: [(1, 1), (1, 4), (2, 2), (4, 1), (4, 2)])
  func `restored entries and the tail give what folding from scratch gives`(
    from: Int, to: Int
  ) async throws {
    let seed = UInt64(20 + from * 10 + to)
    var play = Play(seed: seed, peopleCount: 12)
    for _ in 0..<1_000 { play.step() }
    var first = Cluster(shardCount: from, limits: Self.limits)
    try first.fold(play.records)
    var restored = try Cluster(restoring: first, shardCount: to)
    #expect(restored.digests == first.digests, "seed \(seed)")
    let cut = play.records.count
    for _ in 0..<1_000 { play.step() }
    try restored.fold(play.records[cut...])
    try first.fold(play.records[cut...])
    #expect(restored.digests == first.digests, "seed \(seed)")
    // What is derived and not in the digest answers alike, too.
    for user in play.town.people {
      let models = restored[.user(user)]
      #expect(models.unread(of: user) == play.town.unread(user), "seed \(seed)")
      let inbox = models.inboxPage(of: user, asOf: models.position, limit: 1_000)
      #expect(inbox.map { NaiveTown.InboxLine($0.item) } == play.town.inbox(user))
      let chats = models.chatsPage(of: user, asOf: models.position, limit: 1_000)
      #expect(
        chats.map { NaiveTown.ChatLine(chat: $0.item.chat, unread: $0.item.unread) }
          == play.town.chats(user))
      let home = await restored.home(
        user, before: .max, count: 200, scannedMax: .max, town: play.town)
      #expect(home.items.map(\.orderKey) == play.town.home(user).prefix(200).map(\.key))
    }
    let now = Instant(ms: play.now)
    for (one, other) in [(first, restored)] {
      let items = one.shards.flatMap { $0.trending.topPosts(at: now, count: 50) }
      let again = other.shards.flatMap { $0.trending.topPosts(at: now, count: 50) }
      #expect(Set(items) == Set(again), "seed \(seed)")
    }
  }

  @Test func `one more event changes the digest of what it concerns and nothing else`() throws {
    var play = Play(seed: 41, peopleCount: 4)
    var cluster = Cluster(shardCount: 2, limits: Self.limits)
    let (author, reader) = (play.town.people[0], play.town.people[1])
    let post = PostID(play.newID())
    let facts = PostFacts(author: author, visibility: .public)
    play.emit(.post(.published(facts)), by: author, .post(post))
    try cluster.fold(play.records)
    let before = cluster.digests
    play.emit(.post(.liked(author: author)), by: reader, .post(post))
    try cluster.fold(play.records.suffix(1))
    let changed = ProjectionName.allCases.filter { cluster.digests[$0] != before[$0] }
    #expect(changed == [.inbox, .trending])
  }

  @Test func `a damaged entry is refused with the projection's name`() throws {
    var models = ReadModels(shard: ShardIndex(0), of: 1)
    #expect(throws: ProjectionError.badEntry(.people, .truncated)) {
      try models.restore(.people, key: [0x00], value: [0x83, 0x01])
    }
    #expect(throws: ProjectionError.badEntry(.timelines, .invalidValue)) {
      try models.restore(.timelines, key: [0x05], value: [0x80])
    }
  }

  @Test func `a frozen copy stays as it was while the original goes on`() throws {
    let records = records(seed: 42, steps: 800)
    var models = ReadModels(shard: ShardIndex(0), of: 1, limits: Self.limits)
    for record in records.prefix(500) { try models.fold(record) }
    let frozen = models
    let digests = frozen.digests().map(\.digest)
    for record in records.dropFirst(500) { try models.fold(record) }
    #expect(frozen.digests().map(\.digest) == digests)
    #expect(models.digests().map(\.digest) != digests)
    #expect(frozen.position == Position(500))
  }
}
