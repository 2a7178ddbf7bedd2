internal import Domain

/// What network to make.
struct NetworkOptions: Sendable {
  /// The numbers of the published system.
  static let published = (people: 1_091_000, follows: 50_368_293, posts: 73_817)
  /// Bounded by numbers of 4 bytes.
  static let peopleMax = 100_000_000
  static let postsMax = 100_000_000
  static let tokensMax = 1_000_000

  var directory: String
  var people = published.people
  var follows = published.follows
  /// Replies among them.
  var posts = published.posts
  /// Five for a post, unless said otherwise.
  var likes: Int
  /// One for a post, unless said otherwise.
  var shares: Int
  var seed: UInt64 = 1
  /// A file with one text a line, instead of made ones.
  var texts: String?
  /// People who get a token, besides the popular accounts and their followers.
  var tokens = 10_000

  init(directory: String) {
    self.directory = directory
    likes = posts * 5
    shares = posts
  }

  /// Throws one sentence for what cannot be made.
  func check() throws {
    guard (2...Self.peopleMax).contains(people) else {
      throw BenchError("a network has 2 to \(Self.peopleMax) people")
    }
    guard (0...Self.postsMax).contains(posts) else {
      throw BenchError("a network has at most \(Self.postsMax) posts")
    }
    guard posts > 0 || (likes == 0 && shares == 0) else {
      throw BenchError("without posts there is nothing to like or to share")
    }
    guard max(likes, shares) <= posts * people / 2 else {
      throw BenchError("there are too few people and posts for so many likes or shares")
    }
    guard tokens <= Self.tokensMax else { throw BenchError("at most \(Self.tokensMax) tokens") }
  }
}

/// When what happens in a made network: 360 days of the year 2024, so that servers today come after
/// it.
enum NetworkTime {
  static let start = Instant(ms: 1_704_067_200_000)
  private static let dayMs: Int64 = 86_400_000
  static let signUps = Phase(from: start, days: 60)
  static let follows = Phase(from: signUps.end, days: 290)
  static let tokens = Phase(from: follows.end, days: 1)
  /// The week of the posts.
  static let posts = Phase(from: tokens.end, days: 7)

  /// Some days over which events are spread evenly.
  struct Phase {
    let start: Instant
    let end: Instant

    fileprivate init(from start: Instant, days: Int64) {
      self.start = start
      end = start.adding(ms: days * dayMs)
    }

    func time(of index: Int, of count: Int) -> Instant {
      start.adding(ms: Int64(Double(index) / Double(max(1, count)) * Double(end.ms - start.ms)))
    }
  }
}
