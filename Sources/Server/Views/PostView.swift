import Domain
import Entities
import Journal
import Projections
import Wire

/// What a post's entity tells about it, for one viewer.
struct PostReading: Sendable {
  var id: PostID
  var facts: PostFacts
  var status: PostStatus
  var publishedAt: Instant
  var textPosition: Position
  var likes: Int
  var shares: Int
  var replies: Int
  var quotes: Int
  var isLiked = false
  var isShared = false
  /// The post must be durable up to here before it is shown.
  var position = Position.zero

  /// Nil for a post that was never published.
  init?(_ state: borrowing PostState, viewer: UserID?) {
    guard let facts = state.own.facts, let status = state.status else { return nil }
    id = state.id
    self.facts = facts
    self.status = status
    publishedAt = state.own.publishedAt
    textPosition = state.own.textPosition
    likes = state.own.likes.count
    shares = state.own.shares.count
    replies = state.observed.replyCount
    quotes = state.observed.quoteCount
    if let viewer {
      isLiked = state.own.likes.contains(viewer)
      isShared = state.own.shares.contains(viewer)
    }
  }
}

extension Service {
  /// Reads posts in the given order; those that do not exist are left out.
  func readPosts(_ ids: some Sequence<PostID>, viewer: UserID?) async -> [PostReading] {
    var readings: [PostReading] = []
    for id in ids {
      if let reading = await readPost(id, viewer: viewer) { readings.append(reading) }
    }
    return readings
  }

  func readPost(_ id: PostID, viewer: UserID?) async -> PostReading? {
    guard let post = shard(of: .post(id)).directory.posts[id] else { return nil }
    let gated = await post.read { PostReading($0, viewer: viewer) }
    var reading = gated.value
    reading?.position = gated.position
    return reading
  }

  /// The post if the viewer may see it; otherwise NOTFOUND, as for one that does not exist.
  func visiblePost(_ id: PostID, viewer: UserID?) async throws -> PostReading {
    guard let reading = await readPost(id, viewer: viewer),
      await eyes(of: viewer, on: [reading.facts.author]).maySee(reading)
    else { throw Rejection.noSuchPost }
    return reading
  }

  /// Everything GET shows. `tail` adds what a page's items have on top.
  func reply(_ post: PostReading, viewer: UserID?, adding tail: [(String, Reply)] = []) throws
    -> Reply
  {
    let secret = try journal.secret(at: post.textPosition)
    var text = Reply.null
    var warning = Reply.null
    if case .text(let fields) = secret {
      text = fields[.text].map { Reply.text($0) } ?? .null
      warning = fields[.warning].map { Reply.text($0) } ?? .null
    }
    var map = ReplyMap([
      ("id", .id(post.id.raw)), ("author", .text(name(post.facts.author))),
      ("author_id", .id(post.facts.author.raw)), ("kind", .text("text")), ("text", text),
      ("visibility", .text(String(describing: post.facts.visibility))),
      ("status", .text(post.status.rawValue)), ("created_at", .time(post.publishedAt)),
      ("edited_at", .null), ("expires_at", .null),
      ("reply_to", .id(post.facts.reply?.parent.raw)),
      ("root", .id(post.facts.reply?.root.raw ?? post.id.raw)),
      ("quote_of", .id(post.facts.quote?.post.raw)), ("warning", warning),
      ("tags", .array(post.facts.tags.map { .text($0.text) })),
      ("mentions", .array(post.facts.mentions.map { .text(name($0)) })), ("media", .array([])),
      ("poll", .null), ("likes", .integer(Int64(post.likes))),
      ("replies", .integer(Int64(post.replies))), ("shares", .integer(Int64(post.shares))),
      ("quotes", .integer(Int64(post.quotes))), ("views", .integer(0)),
    ])
    if viewer != nil {
      map.append("liked", .flag(post.isLiked))
      map.append("shared", .flag(post.isShared))
      map.append("bookmarked", .flag(false))
    }
    for (key, value) in tail { map.append(key, value) }
    return .map(map)
  }
}
