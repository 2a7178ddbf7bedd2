import Domain
import Projections
import Testing

/// Pages read while the town goes on: nothing twice, and nothing left out that was there when the
/// first page was read and is there still.
struct MovingListTests {
  private func follow<Item: Hashable>(
    seed: UInt64, steps: Int, play: inout Play, cluster: inout Cluster, live: (inout Play) -> Void,
    now: (Play) -> [Item], page: (Cluster, UInt64, Position, Play) async -> ([Item], UInt64?)
  ) async throws -> Int {
    let first = now(play)
    let asOf = cluster.position
    var seen: [Item] = []
    var throughout = Set(first)
    var before: UInt64? = .max
    while let key = before {
      let (items, next) = await page(cluster, key, asOf, play)
      seen += items
      before = next
      for _ in 0..<steps {
        live(&play)
        // Who ends a following and begins it again is another edge.
        throughout.formIntersection(now(play))
      }
      try cluster.fold(play.records[Int(cluster.position.raw)...])
    }
    #expect(Set(seen).count == seen.count, "seed \(seed): an item came twice")
    #expect(throughout.isSubset(of: seen), "seed \(seed): an item was left out")
    return seen.count
  }

  @Test(arguments: [71, 72, 73] as [UInt64])
  func `inbox pages neither repeat nor skip while items move`(seed: UInt64) async throws {
    var play = Play(seed: seed, peopleCount: 8)
    var cluster = Cluster(shardCount: 2, limits: ProjectionLimits())
    for _ in 0..<600 { play.step() }
    try cluster.fold(play.records)
    var seen = 0
    for _ in 0..<20 {
      let owner = play.someone
      seen += try await follow(
        seed: seed, steps: 3, play: &play, cluster: &cluster, live: { $0.step() },
        now: { $0.town.inbox(owner).map(\.id) },
        page: { cluster, before, asOf, _ in
          let page = cluster[.user(owner)].inboxPage(
            of: owner, before: before, asOf: asOf, limit: 3)
          return (page.map(\.item.id.raw), page.last?.pageKey)
        })
    }
    #expect(seen > 100)
  }

  @Test(arguments: [74, 75, 76] as [UInt64])
  func `chat pages neither repeat nor skip while chats move`(seed: UInt64) async throws {
    var play = Play(seed: seed, peopleCount: 5)
    var cluster = Cluster(shardCount: 2, limits: ProjectionLimits())
    for _ in 0..<1_500 { play.step() }
    try cluster.fold(play.records)
    var seen = 0
    for _ in 0..<20 {
      let owner = play.someone
      seen += try await follow(
        seed: seed, steps: 10, play: &play, cluster: &cluster, live: { $0.step() },
        now: { $0.town.chats(owner).map(\.chat) },
        page: { cluster, before, asOf, _ in
          let page = cluster[.user(owner)].chatsPage(
            of: owner, before: before, asOf: asOf, limit: 2)
          return (page.map(\.item.chat), page.last?.pageKey)
        })
    }
    #expect(seen > 50)
  }

  @Test(arguments: [77, 78, 79] as [UInt64])
  func `followers pages neither repeat nor skip while people come and go`(
    seed: UInt64
  ) async throws {
    var play = Play(seed: seed, peopleCount: 40)
    var cluster = Cluster(shardCount: 2, limits: ProjectionLimits())
    let star = play.town.people[0]
    for _ in 0..<400 { play.relate(play.someone, star) }
    try cluster.fold(play.records)
    var seen = 0
    for _ in 0..<20 {
      seen += try await follow(
        seed: seed, steps: 10, play: &play, cluster: &cluster,
        live: { play in
          let person = play.someone
          if person != star { play.relate(person, star) }
        },
        now: { $0.town.followers(star) },
        page: { cluster, before, _, _ in
          let page = cluster[.user(star)].page(.followers, of: star, before: before, limit: 4)
          return (page.map(\.item), page.last?.pageKey)
        })
    }
    #expect(seen > 100)
  }

  @Test(arguments: [80, 81, 82] as [UInt64])
  func `home pages neither repeat nor skip while posts and shares come`(
    seed: UInt64
  ) async throws {
    var play = Play(seed: seed, peopleCount: 8)
    var cluster = Cluster(
      shardCount: 2, limits: ProjectionLimits(ringMax: 10, celebrityFollowersMax: 4))
    for _ in 0..<500 { play.step() }
    try cluster.fold(play.records)
    var seen = 0
    for _ in 0..<12 {
      let viewer = play.someone
      seen += try await follow(
        seed: seed, steps: 2, play: &play, cluster: &cluster, live: { $0.add() },
        now: { $0.town.home(viewer).map(\.post) },
        page: { cluster, before, _, play in
          let page = await cluster.home(
            viewer, before: before, count: 5, scannedMax: 40, town: play.town)
          return (page.items.map(\.post), page.next)
        })
    }
    #expect(seen > 100)
  }

  /// A post that was there as a share and is then there itself is another item.
  @Test(arguments: [83, 84, 85] as [UInt64])
  func `a list's pages neither repeat nor skip while posts come and members change`(
    seed: UInt64
  ) async throws {
    var play = Play(seed: seed, peopleCount: 8)
    var cluster = Cluster(shardCount: 2, limits: ProjectionLimits())
    for _ in 0..<700 { play.step() }
    try cluster.fold(play.records)
    var seen = 0
    for _ in 0..<12 {
      let id = try #require(play.town.lists.randomElement(using: &play.random)).id
      let list = { (play: Play) in play.town.lists.first { $0.id == id }! }
      while list(play).members.count < 4 { play.changeMembers(of: list(play)) }
      try cluster.fold(play.records[Int(cluster.position.raw)...])
      seen += try await follow(
        seed: seed, steps: 2, play: &play, cluster: &cluster,
        live: { play in
          if play.random.once(in: 6) { play.changeMembers(of: list(play)) } else { play.add() }
        },
        now: { play in
          play.town.timeline(of: list(play).members, seenBy: list(play).owner).map(\.key)
        },
        page: { cluster, before, _, play in
          let list = list(play)
          let page = await cluster.list(
            list.members, of: list.owner, before: before, count: 5, scannedMax: 40,
            town: play.town)
          return (page.items.map(\.orderKey), page.next)
        })
    }
    #expect(seen > 100)
  }
}
