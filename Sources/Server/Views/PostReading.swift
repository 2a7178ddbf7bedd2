import Domain
import Entities
import Journal

/// What a post's entity tells about it, for one viewer.
struct PostReading: Sendable {
  /// The most emojis shown of a post's reactions.
  static let emojisShownMax = 20

  var id: PostID
  var facts: PostFacts
  /// As far as the post itself knows; what it comes to is `Eyes.status(of:)`.
  var status: PostStatus
  var publishedAt: Instant
  var editedAt: Instant?
  var scheduled: Instant?
  var expires: Instant?
  var textPosition: Position
  var likes: Int
  var shares: Int
  var replies: Int
  var quotes: Int
  var views: Int
  /// The most frequent first; of equals, by code point.
  var reactions: [(emoji: String, count: Int)] = []
  var poll: PollReading?
  var isLiked = false
  var isShared = false
  /// Set by `Service.markBookmarks`: the post does not know.
  var isBookmarked = false
  /// The viewer's own.
  var reaction: String?
  /// The post must be durable up to here before it is shown.
  var position = Position.zero

  /// Nil for a post that was never written.
  init?(_ state: borrowing PostState, viewer: UserID?, at position: Position = .zero) {
    guard let facts = state.own.facts, let status = state.status else { return nil }
    self.position = position
    id = state.id
    self.facts = facts
    self.status = status
    publishedAt = state.own.publishedAt
    expires = state.expires
    textPosition = state.own.textPosition
    likes = state.likeCount
    shares = state.shareCount
    replies = state.observed.replyCount
    quotes = state.observed.quoteCount
    views = 0
    if let viewer { (isLiked, isShared) = state.marks(of: viewer) }
    if facts.poll != nil { poll = PollReading(state, viewer: viewer) }
    if state.mayHaveExtras { read(state.own.extras.value, viewer: viewer) }
  }

  private mutating func read(_ extras: PostExtras, viewer: UserID?) {
    editedAt = extras.editedAt
    scheduled = extras.scheduled
    views = extras.viewers.count
    for (emoji, count) in extras.reactionCounts { rank(emoji, count) }
    reaction = viewer.flatMap { extras.reactions[$0]?.payload }
  }

  /// Takes an emoji in among the most frequent. There may be thousands of emojis, and a post is
  /// read for each of its subscribers: so they are not sorted.
  private mutating func rank(_ emoji: String, _ count: Int) {
    var place = reactions.count
    while place > 0 {
      let before = reactions[place - 1]
      if before.count > count || (before.count == count && before.emoji < emoji) { break }
      place -= 1
    }
    if place == Self.emojisShownMax { return }
    reactions.insert((emoji, count), at: place)
    if reactions.count > Self.emojisShownMax { reactions.removeLast() }
  }
}

/// What a poll has come to, for one viewer.
struct PollReading: Sendable {
  var isMultiple: Bool
  var closes: Instant?
  var voters: Int
  /// Votes of each option.
  var counts: [Int]
  /// The viewer's own options; nil if they have not voted.
  var choice: [Int]?
  var viewerIsAuthor: Bool

  init?(_ state: borrowing PostState, viewer: UserID?) {
    guard let facts = state.own.facts, let poll = facts.poll else { return nil }
    isMultiple = poll.isMultiple
    closes = state.pollCloses
    voters = state.own.extras.value.votes.count
    let counts = state.own.extras.value.voteCounts
    self.counts = (0..<poll.optionCount).map { $0 < counts.count ? counts[$0] : 0 }
    choice = viewer.flatMap { state.own.extras.value.votes[$0]?.payload.options }
    viewerIsAuthor = viewer == facts.author
  }

  func isClosed(at now: Instant) -> Bool { closes.map { now >= $0 } ?? false }

  /// Whether the viewer is shown what has been voted so far.
  func showsResults(at now: Instant) -> Bool {
    choice != nil || viewerIsAuthor || isClosed(at: now)
  }
}

extension Service {
  /// Reads posts in the given order; those that do not exist are left out.
  func readPosts(_ ids: some Sequence<PostID>, viewer: UserID?) async -> [PostReading] {
    await findPosts(Array(ids), viewer: viewer).compactMap { $0 }
  }

  /// Reads posts in the given order; nil for those that do not exist.
  func findPosts(_ ids: [PostID], viewer: UserID?) async -> [PostReading?] {
    await visitPosts(ids) { _, state, position in
      PostReading(state, viewer: viewer, at: position)
    }
  }

  func readPost(_ id: PostID, viewer: UserID?) async -> PostReading? {
    guard let post = shard(of: .post(id)).directory.posts[id] else { return nil }
    let gated = await post.read { PostReading($0, viewer: viewer) }
    var reading = gated.value
    reading?.position = gated.position
    return reading
  }

  /// The post if the viewer may see it, for something that is done with it. GONE if it is over and
  /// they could have seen it; otherwise NOTFOUND, as for one that does not exist.
  ///
  /// Whether they may is asked of what has been folded, which may be older than the post is here:
  /// who likes a post does not wait for the like before theirs.
  func visiblePost(
    _ id: PostID, viewer: UserID?, asModerator: Bool = false
  ) async throws -> PostReading {
    guard let reading = await readPost(id, viewer: viewer) else { throw Rejection.noSuchPost }
    return try await visible(reading, viewer: viewer, asModerator: asModerator, since: .zero)
  }

  /// The same for one that is shown, with all that has happened to it.
  func shownPost(
    _ id: PostID, viewer: UserID?, asModerator: Bool = false
  ) async throws -> PostReading {
    guard let reading = await readPost(id, viewer: viewer) else { throw Rejection.noSuchPost }
    return try await visible(
      reading, viewer: viewer, asModerator: asModerator, since: reading.position)
  }

  private func visible(
    _ reading: PostReading, viewer: UserID?, asModerator: Bool, since content: Position
  ) async throws -> PostReading {
    var eyes = await eyes(of: viewer, on: [reading.facts.author], since: content)
    eyes.isModerator = asModerator
    switch eyes.sight(of: reading) {
    case .seen: return reading
    case .hidden: throw Rejection.noSuchPost
    case .gone:
      throw eyes.status(of: reading) == .erased ? Rejection.erasedPost : .expiredStory
    }
  }

  /// A visible post that others can refer to: published, and no story.
  func referablePost(_ id: PostID, viewer: UserID?) async throws -> PostReading {
    let post = try await visiblePost(id, viewer: viewer)
    guard isListed(post.facts, status: post.status) else {
      throw Rejection(.invalid, "only published posts but stories can be answered and quoted")
    }
    return post
  }
}
