import Domain
import Foundation
import Projections
import Testing

/// How fast folding is and what it costs in memory. Small within the tests, so that it cannot rot;
/// `ROOST_BENCHMARK=<people> swift test -c release --no-parallel --filter ProjectionsBenchmark` for
/// figures.
@Suite(.serialized)
struct ProjectionsBenchmark {
  private static let people = ProcessInfo.processInfo.environment["ROOST_BENCHMARK"].flatMap(
    Int.init)
  private static var isFull: Bool { people != nil }

  /// Generates outside the measured time and folds within it.
  private struct Bench {
    var models = ReadModels(shard: ShardIndex(0), of: 1)
    var random = SplitMix(seed: 121)
    var people: [UserID] = []
    /// Processor time in seconds: the machine may have other things to do.
    var folding = 0.0
    private var batch: [Record] = []
    private var position: UInt64 = 0
    private var lastID: UInt64 = 1 << 40

    mutating func newID() -> UInt64 {
      lastID += 4_096
      return lastID
    }

    mutating func emit(_ event: Event, by actor: UserID, _ entity: EntityKey) throws {
      position += 1
      batch.append(
        Record(
          position: Position(position), time: Instant(ms: 1_700_000_000_000 + Int64(position)),
          actor: actor, entity: entity, sequence: 1, event: event, hasSecret: false))
      if batch.count == 8_192 { try flush() }
    }

    mutating func flush() throws {
      let records = batch
      batch.removeAll(keepingCapacity: true)
      let start = clock()
      try models.fold(contentsOf: records)
      folding += Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }

    mutating func signUp(_ count: Int) throws {
      for number in 0..<count {
        let user = UserID(newID())
        people.append(user)
        let username = Username("person\(number)")!
        try emit(.user(.signedUp(username: username, fields: [])), by: user, .user(user))
      }
      try flush()
    }

    mutating func post(by author: UserID, tags: [Hashtag] = []) throws -> PostID {
      let post = PostID(newID())
      let facts = PostFacts(author: author, visibility: .public, tags: tags)
      try emit(.post(.published(facts)), by: author, .post(post))
      return post
    }

    /// Seconds of folding since the last call.
    mutating func lap() throws -> Double {
      try flush()
      defer { folding = 0 }
      return folding
    }
  }

  private func show(_ line: String) { if Self.isFull { print("benchmark: \(line)") } }

  private func format(_ value: Double) -> String { String(format: "%.2f", value) }

  /// Resident memory in bytes.
  private func resident() throws -> Int {
    let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .ascii)
    return (Int(statm.split(separator: " ")[1]) ?? 0) * 4_096
  }

  /// Until a post is in every home that it belongs to, for authors with ever more followers at
  /// random rows among full homes.
  @Test(arguments: Self.isFull ? [100, 1_000, 10_000, 100_000] : [100])
  func `fan-out to followers`(followers: Int) throws {
    let people = Self.people ?? 300
    let pushes = Self.isFull ? 20_000_000 : 30_000
    var bench = Bench()
    bench.models = ReadModels(
      shard: ShardIndex(0), of: 1, limits: ProjectionLimits(celebrityFollowersMax: people))
    try bench.signUp(people)
    let idol = bench.people[0]
    for user in bench.people { try bench.emit(.user(.followed(idol)), by: user, .user(user)) }
    let authors = bench.people[1...max(1, min(people / 10, 1_000_000 / followers))]
    for author in authors {
      for _ in 0..<followers {
        let follower = bench.people[Int.random(in: 0..<people, using: &bench.random)]
        try bench.emit(.user(.followed(author)), by: follower, .user(follower))
      }
    }
    let before = try resident()
    for _ in 0...bench.models.limits.ringMax { _ = try bench.post(by: idol) }
    _ = try bench.lap()
    let size = try resident() - before
    var last: PostID?
    for _ in 0..<(pushes / followers) {
      let author = authors[Int.random(in: authors.indices, using: &bench.random)]
      last = try bench.post(by: author)
    }
    let seconds = try bench.lap()
    show("\(followers) followers: \(format(Double(pushes) / seconds / 1e6)) M deliveries/s")
    show("rings: \(size / people) bytes a home")
    let homes = bench.people.filter {
      bench.models.homeFromRing($0, limit: 1).candidates.first?.post == last
    }
    #expect(!homes.isEmpty && homes.count <= followers + 1)
  }

  @Test func `a mix of follows likes and posts`() throws {
    let count = Self.people ?? 500
    var bench = Bench()
    var memory = try resident()
    try bench.signUp(count)
    report("signed up", count, try bench.lap(), memory, per: "person")
    memory = try resident()
    let follows = count * 10
    for _ in 0..<follows {
      let follower = bench.random.pick(bench.people)!
      // The square favours few: the most followed have hundreds of times the mean.
      let place = Double.random(in: 0..<1, using: &bench.random)
      let followed = bench.people[Int(place * place * Double(count))]
      if follower != followed {
        try bench.emit(.user(.followed(followed)), by: follower, .user(follower))
      }
    }
    report("followed", follows, try bench.lap(), memory, per: "follow")
    memory = try resident()
    try mix(&bench, events: count * 5)
    report(
      "mixed: likes 60, posts 20, shares 10, follows 10", count * 5, try bench.lap(), memory,
      per: "event")
    freeze(&bench)
  }

  private func mix(_ bench: inout Bench, events: Int) throws {
    var posts: [(post: PostID, author: UserID)] = []
    let tags = (0..<500).map { Hashtag(folded: "tag\($0)") }
    for number in 0..<events {
      let actor = bench.random.pick(bench.people)!
      let kind = number % 10
      guard kind > 1, let recent = posts.suffix(20_000).randomElement(using: &bench.random) else {
        let tag = kind == 1 ? [bench.random.pick(tags)!] : []
        posts.append((try bench.post(by: actor, tags: tag), actor))
        continue
      }
      switch kind {
      case 2:
        let share = ShareID(bench.newID())
        try bench.emit(
          .post(.shared(share, author: recent.author)), by: actor, .post(recent.post))
      case 3:
        let other = bench.random.pick(bench.people)!
        try bench.emit(.user(.followed(other)), by: actor, .user(actor))
      default:
        try bench.emit(.post(.liked(author: recent.author)), by: actor, .post(recent.post))
      }
    }
  }

  private func freeze(_ bench: inout Bench) {
    let clock = ContinuousClock()
    var frozen: ReadModels?
    let freezing = clock.measure { frozen = bench.models }
    show("freeze: \(freezing)")
    let moment = Instant(ms: 1_700_000_000_000 + Int64(bench.models.position.raw))
    let trending = clock.measure {
      _ = bench.models.trending.topTags(at: moment, count: 20)
      _ = bench.models.trending.topPosts(at: moment, count: 20)
    }
    show("trending tags and posts: \(trending)")
    var digests: [(name: ProjectionName, digest: Digest)] = []
    let digesting = clock.measure { digests = frozen?.digests() ?? [] }
    show("digests of all: \(digesting)")
    #expect(digests.count == ProjectionName.allCases.count)
  }

  private func report(_ what: String, _ count: Int, _ seconds: Double, _ before: Int, per: String) {
    let grown = Double((try? resident()) ?? 0) - Double(before)
    show(
      "\(what): \(format(Double(count) / seconds / 1e6)) M/s, "
        + "\(format(grown / Double(count))) bytes resident per \(per)")
  }
}
