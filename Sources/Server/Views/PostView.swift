import Domain
import Engine
import Entities
import Journal
import Projections
import Wire

/// What an item of a page has on top of what GET shows.
enum PostTail {
  case sharedBy(UserID)
  case depth(Int)
}

extension Service {
  /// Everything GET shows, as a tree.
  func reply(
    _ post: PostReading, viewer: UserID?, adding tail: PostTail? = nil
  ) throws -> Reply {
    var tree = ReplyTree()
    tree.beginMap(entryCount(of: post, viewer, tail))
    try writeHead(of: post, viewer, into: &tree)
    writeRest(of: post, viewer, post.isBookmarked, tail, into: &tree)
    tree.endMap()
    return tree.reply
  }

  /// The same as bytes.
  func write(
    _ post: PostReading, viewer: UserID?, isBookmarked: Bool? = nil,
    adding tail: PostTail? = nil, into stream: inout ReplyStream
  ) throws {
    stream.beginMap(entryCount(of: post, viewer, tail))
    if post.poll == nil {
      stream.entries(try head(of: post, in: stream.dialect))
    } else {
      try writeHead(of: post, viewer, into: &stream)
    }
    writeRest(of: post, viewer, isBookmarked ?? post.isBookmarked, tail, into: &stream)
    stream.endMap()
  }

  /// A post alone, to be sent once what it shows is durable.
  func response(_ post: PostReading, viewer: UserID?, in dialect: ReplyDialect) throws -> Response {
    var stream = ReplyStream(dialect)
    try write(post, viewer: viewer, into: &stream)
    return Response(written: stream.finish(), after: post.position)
  }

  /// Of a post without a poll: the same for whoever looks.
  private func head(of post: PostReading, in dialect: ReplyDialect) throws -> [UInt8] {
    let heads = heads(of: post.id)
    let erased =
      post.facts.mentions.isEmpty ? 0 : post.facts.mentions.count { engine.names.isErased($0) }
    if let bytes = heads.bytes(of: post, in: dialect, erasedMentions: erased) { return bytes }
    let epoch = heads.epoch
    var stream = ReplyStream(dialect)
    try writeHead(of: post, nil, into: &stream)
    let stamp = PostHeads.Stamp(post, erasedMentions: erased)
    heads.add(stream.bytes, of: post.id, in: dialect, from: stamp, since: epoch)
    return stream.bytes
  }

  private func entryCount(of post: PostReading, _ viewer: UserID?, _ tail: PostTail?) -> Int {
    25 + (post.scheduled == nil ? 0 : 1) + (viewer == nil ? 0 : 4) + (tail == nil ? 0 : 1)
  }

  /// The 19 entries that count nothing but a poll's votes.
  private func writeHead<Sink: ReplySink>(
    of post: PostReading, _ viewer: UserID?, into sink: inout Sink
  ) throws {
    let facts = post.facts
    let text = post.status == .erased ? nil : try secret(at: post.textPosition, by: facts.author)
    sink.key(.id)
    sink.id(post.id.raw)
    sink.key(.author)
    sink.text(name(facts.author))
    sink.key(.authorID)
    sink.id(facts.author.raw)
    sink.key(.kind)
    sink.text(facts.kind)
    sink.key(.text)
    sink.text(text?[.text])
    sink.key(.visibility)
    sink.text(String(describing: facts.visibility))
    sink.key(.status)
    sink.text(post.status.rawValue)
    sink.key(.createdAt)
    sink.time(post.publishedAt)
    sink.key(.editedAt)
    sink.time(post.editedAt)
    sink.key(.expiresAt)
    sink.time(post.expires)
    sink.key(.replyTo)
    sink.id(facts.reply?.parent.raw)
    sink.key(.root)
    sink.id(facts.reply?.root.raw ?? post.id.raw)
    sink.key(.quoteOf)
    sink.id(facts.quote?.post.raw)
    sink.key(.warning)
    sink.text(text?[.warning])
    sink.key(.tags)
    sink.beginArray(facts.tags.count)
    for tag in facts.tags { sink.text(tag.text) }
    sink.endArray()
    sink.key(.mentions)
    sink.beginArray(facts.mentions.count)
    for mention in facts.mentions { sink.text(name(mention)) }
    sink.endArray()
    sink.key(.media)
    try write(facts.media, into: &sink)
    sink.key(.poll)
    write(post.poll, options: text?.pollOptions ?? [], viewer, into: &sink)
    sink.key(.link)
    sink.text(text?[.link])
  }

  /// What is counted, and what the viewer did.
  private func writeRest<Sink: ReplySink>(
    of post: PostReading, _ viewer: UserID?, _ isBookmarked: Bool, _ tail: PostTail?,
    into sink: inout Sink
  ) {
    sink.key(.likes)
    sink.integer(Int64(post.likes))
    sink.key(.replies)
    sink.integer(Int64(post.replies))
    sink.key(.shares)
    sink.integer(Int64(post.shares))
    sink.key(.quotes)
    sink.integer(Int64(post.quotes))
    sink.key(.views)
    sink.integer(Int64(post.views))
    sink.key(.reactions)
    sink.beginMap(post.reactions.count)
    for (emoji, count) in post.reactions {
      sink.key(emoji)
      sink.integer(Int64(count))
    }
    sink.endMap()
    if let scheduled = post.scheduled {
      sink.key(.scheduledAt)
      sink.time(scheduled)
    }
    if viewer != nil {
      sink.key(.liked)
      sink.flag(post.isLiked)
      sink.key(.shared)
      sink.flag(post.isShared)
      sink.key(.bookmarked)
      sink.flag(isBookmarked)
      sink.key(.reacted)
      sink.text(post.reaction)
    }
    switch tail {
    case .sharedBy(let sharer):
      sink.key(.sharedBy)
      sink.text(name(sharer))
    case .depth(let depth):
      sink.key(.depth)
      sink.integer(Int64(depth))
    case nil:
      break
    }
  }

  /// `options multiple closes_at closed voters` and, logged in, `voted`; null where there is no
  /// poll.
  private func write<Sink: ReplySink>(
    _ poll: PollReading?, options words: [String], _ viewer: UserID?, into sink: inout Sink
  ) {
    guard let poll else { return sink.null() }
    let now = clock.now
    let showsResults = poll.showsResults(at: now)
    sink.beginMap(viewer == nil ? 5 : 6)
    sink.key("options")
    sink.beginArray(poll.counts.count)
    for (index, votes) in poll.counts.enumerated() {
      sink.beginMap(2)
      sink.key(.text)
      sink.text(index < words.count ? words[index] : nil)
      sink.key("votes")
      if showsResults { sink.integer(Int64(votes)) } else { sink.null() }
      sink.endMap()
    }
    sink.endArray()
    sink.key("multiple")
    sink.flag(poll.isMultiple)
    sink.key("closes_at")
    sink.time(poll.closes)
    sink.key("closed")
    sink.flag(poll.isClosed(at: now))
    sink.key("voters")
    sink.integer(Int64(poll.voters))
    if viewer != nil {
      let choice = poll.choice ?? []
      sink.key("voted")
      sink.beginArray(choice.count)
      for option in choice { sink.integer(Int64(option)) }
      sink.endArray()
    }
    sink.endMap()
  }

  /// A list of maps `id kind url alt`; url and alt are null once their owner is erased.
  private func write<Sink: ReplySink>(
    _ media: [MediaReference], into sink: inout Sink
  ) throws {
    sink.beginArray(media.count)
    for medium in media {
      sink.beginMap(4)
      sink.key(.id)
      sink.id(medium.id.raw)
      sink.key(.kind)
      sink.text(String(describing: medium.kind))
      sink.key("url")
      sink.text(try text(.link, at: medium.position))
      sink.key("alt")
      sink.text(try text(.alt, at: medium.position))
      sink.endMap()
    }
    sink.endArray()
  }
}

extension ReplySink {
  /// Milliseconds since 1970, or null.
  fileprivate mutating func time(_ instant: Instant?) {
    if let instant { integer(instant.ms) } else { null() }
  }
}

extension ReplyKey {
  fileprivate static let id = ReplyKey("id")
  fileprivate static let author = ReplyKey("author")
  fileprivate static let authorID = ReplyKey("author_id")
  fileprivate static let kind = ReplyKey("kind")
  fileprivate static let text = ReplyKey("text")
  fileprivate static let visibility = ReplyKey("visibility")
  fileprivate static let status = ReplyKey("status")
  fileprivate static let createdAt = ReplyKey("created_at")
  fileprivate static let editedAt = ReplyKey("edited_at")
  fileprivate static let expiresAt = ReplyKey("expires_at")
  fileprivate static let replyTo = ReplyKey("reply_to")
  fileprivate static let root = ReplyKey("root")
  fileprivate static let quoteOf = ReplyKey("quote_of")
  fileprivate static let warning = ReplyKey("warning")
  fileprivate static let tags = ReplyKey("tags")
  fileprivate static let mentions = ReplyKey("mentions")
  fileprivate static let media = ReplyKey("media")
  fileprivate static let poll = ReplyKey("poll")
  fileprivate static let link = ReplyKey("link")
  fileprivate static let likes = ReplyKey("likes")
  fileprivate static let replies = ReplyKey("replies")
  fileprivate static let shares = ReplyKey("shares")
  fileprivate static let quotes = ReplyKey("quotes")
  fileprivate static let views = ReplyKey("views")
  fileprivate static let reactions = ReplyKey("reactions")
  fileprivate static let scheduledAt = ReplyKey("scheduled_at")
  fileprivate static let liked = ReplyKey("liked")
  fileprivate static let shared = ReplyKey("shared")
  fileprivate static let bookmarked = ReplyKey("bookmarked")
  fileprivate static let reacted = ReplyKey("reacted")
  fileprivate static let sharedBy = ReplyKey("shared_by")
  fileprivate static let depth = ReplyKey("depth")
}

extension PostFacts {
  /// The word for what the post is, as clients show it.
  var kind: String {
    if poll != nil { return "poll" }
    switch media.first?.kind {
    case .image: return "image"
    case .video: return "video"
    case nil: return hasLink ? "link" : "text"
    }
  }
}
