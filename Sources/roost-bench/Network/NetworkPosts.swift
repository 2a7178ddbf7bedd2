internal import Domain
internal import Entities
internal import Journal

/// The week of a made network: posts by people in proportion to their popularity, of which every
/// seventh or so answers a recent one; likes and shares of recent posts by anybody.
struct NetworkPosts {
  /// Chances in a hundred that a post is a reply.
  private static let replyPercent = 15
  /// So many of the newest posts are liked, shared and answered, the newer the likelier.
  private static let recentMax = 4_096

  private struct Post {
    var id: PostID
    var author: UserID
    var root: PostID
    /// Own events so far.
    var sequence: UInt64 = 1
    var likes: Walk
    var shares: Walk
  }

  /// People one after another without a repetition, until all were there.
  private struct Walk {
    private let start: Int
    private var steps = 0

    init(start: Int) { self.start = start }

    func isOver(_ people: Int) -> Bool { steps >= people }

    mutating func next(_ stride: Int, _ people: Int) -> Int {
      defer { steps += 1 }
      return (start + steps * stride) % people
    }
  }

  private let options: NetworkOptions
  private let writer: NetworkWriter
  private var texts: NetworkTexts
  private let popularity: Zipf
  private let recency = Zipf(count: recentMax)
  private let stride: Int
  private var random: SplitMix
  private var posts: [Post] = []
  private var done = 0
  private var total: Int { options.posts + options.likes + options.shares }

  init(_ writer: NetworkWriter) {
    options = writer.options
    self.writer = writer
    texts = writer.texts
    popularity = Zipf(count: options.people)
    stride = Self.stride(options.people)
    random = SplitMix(seed: options.seed, stream: 0xB057)
  }

  /// Without a divisor in common with the number of people: so its multiples meet everybody.
  private static func stride(_ people: Int) -> Int {
    var stride = max(1, Int(Double(people) * 0.618))
    func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    while divisor(stride, people) != 1 { stride += 1 }
    return stride
  }

  /// Writes everything and returns the posts in order.
  mutating func write() throws -> [PostID] {
    posts.reserveCapacity(options.posts)
    for index in 0..<options.posts {
      try publish()
      for _ in 0..<Self.due(options.likes, index, options.posts) { try like() }
      for _ in 0..<Self.due(options.shares, index, options.posts) { try share() }
    }
    return posts.map(\.id)
  }

  /// How many of all come after one of the posts.
  private static func due(_ all: Int, _ index: Int, _ posts: Int) -> Int {
    (index + 1) * all / posts - index * all / posts
  }

  private mutating func time() -> Instant {
    defer { done += 1 }
    return NetworkTime.posts.time(of: done, of: total)
  }

  private mutating func publish() throws {
    let person = Int(writer.plan.byRank[popularity.draw(&random)])
    let author = writer.people[person]
    var random = random
    let text = texts.post { NetworkTexts.username(random.below(options.people)) }
    self.random = random
    let time = time()
    let id = PostID(writer.nextID(at: time))
    let facts = try facts(by: author, text)
    try append(.published(facts), to: id, 1, by: author, at: time, Secret([.text: text]))
    posts.append(
      Post(
        id: id, author: author, root: facts.reply?.root ?? id,
        likes: Walk(start: self.random.below(options.people)),
        shares: Walk(start: self.random.below(options.people))))
  }

  private mutating func facts(by author: UserID, _ text: String) throws -> PostFacts {
    let found = try TextScanner.scan(text)
    var facts = PostFacts(author: author, visibility: .public, tags: found.tags)
    facts.mentions = found.mentions.compactMap(person)
    if !posts.isEmpty, random.below(100) < Self.replyPercent {
      let parent = posts[recent()]
      facts.reply = ReplyReference(
        parent: parent.id, parentAuthor: parent.author, root: parent.root)
    }
    return facts
  }

  /// Whom a made name names.
  private func person(_ name: Username) -> UserID? {
    guard let person = Int(name.text.drop { !$0.isNumber }), person < options.people,
      NetworkTexts.username(person) == name.text
    else { return nil }
    return writer.people[person]
  }

  private mutating func recent() -> Int {
    max(0, posts.count - 1 - recency.draw(&random))
  }

  private mutating func like() throws {
    var index = recent()
    while posts[index].likes.isOver(options.people) { index = (index + 1) % posts.count }
    let user = writer.people[posts[index].likes.next(stride, options.people)]
    try mark(.liked(author: posts[index].author), index, by: user, at: time())
  }

  private mutating func share() throws {
    var index = recent()
    while posts[index].shares.isOver(options.people) { index = (index + 1) % posts.count }
    let user = writer.people[posts[index].shares.next(stride, options.people)]
    let time = time()
    let share = ShareID(writer.nextID(at: time))
    try mark(.shared(share, author: posts[index].author), index, by: user, at: time)
  }

  private mutating func mark(
    _ event: PostEvent, _ index: Int, by user: UserID, at time: Instant
  ) throws {
    posts[index].sequence += 1
    try append(event, to: posts[index].id, posts[index].sequence, by: user, at: time, nil)
  }

  private func append(
    _ event: PostEvent, to post: PostID, _ sequence: UInt64, by user: UserID, at time: Instant,
    _ secret: Secret?
  ) throws {
    try writer.filler.append(
      Draft(.post(event), secret: secret), of: .post(post), sequence: sequence, by: user, at: time,
      key: secret == nil ? nil : writer.people.key(of: user))
  }
}
