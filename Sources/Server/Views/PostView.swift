import Domain
import Entities
import Journal
import Projections
import Wire

extension Service {
  /// Everything GET shows. `tail` adds what a page's items have on top.
  func reply(_ post: PostReading, viewer: UserID?, adding tail: [(String, Reply)] = []) throws
    -> Reply
  {
    let text = post.status == .erased ? nil : try secret(at: post.textPosition)
    var map = head(of: post, text)
    map.append("media", try reply(post.facts.media))
    map.append("poll", reply(post.poll, options: text?.pollOptions ?? [], viewer))
    map.append("link", .optional(text?[.link]))
    map.append("likes", .integer(Int64(post.likes)))
    map.append("replies", .integer(Int64(post.replies)))
    map.append("shares", .integer(Int64(post.shares)))
    map.append("quotes", .integer(Int64(post.quotes)))
    map.append("views", .integer(Int64(post.views)))
    map.append(
      "reactions",
      .map(ReplyMap(post.reactions.map { ($0.emoji, .integer(Int64($0.count))) })))
    if let scheduled = post.scheduled { map.append("scheduled_at", .time(scheduled)) }
    if viewer != nil {
      map.append("liked", .flag(post.isLiked))
      map.append("shared", .flag(post.isShared))
      map.append("bookmarked", .flag(post.isBookmarked))
      map.append("reacted", .optional(post.reaction))
    }
    for (key, value) in tail { map.append(key, value) }
    return .map(map)
  }

  /// The part that does not count anything.
  private func head(of post: PostReading, _ text: Secret?) -> ReplyMap {
    ReplyMap([
      ("id", .id(post.id.raw)), ("author", .text(name(post.facts.author))),
      ("author_id", .id(post.facts.author.raw)), ("kind", .text(post.facts.kind)),
      ("text", .optional(text?[.text])),
      ("visibility", .text(String(describing: post.facts.visibility))),
      ("status", .text(post.status.rawValue)), ("created_at", .time(post.publishedAt)),
      ("edited_at", .time(post.editedAt)), ("expires_at", .time(post.expires)),
      ("reply_to", .id(post.facts.reply?.parent.raw)),
      ("root", .id(post.facts.reply?.root.raw ?? post.id.raw)),
      ("quote_of", .id(post.facts.quote?.post.raw)), ("warning", .optional(text?[.warning])),
      ("tags", .array(post.facts.tags.map { .text($0.text) })),
      ("mentions", .array(post.facts.mentions.map { .text(name($0)) })),
    ])
  }

  /// `options multiple closes_at closed voters` and, logged in, `voted`; null where there is no
  /// poll.
  private func reply(_ poll: PollReading?, options words: [String], _ viewer: UserID?) -> Reply {
    guard let poll else { return .null }
    let now = clock.now
    let showsResults = poll.showsResults(at: now)
    let options = poll.counts.enumerated().map { index, votes in
      Reply.map([
        "text": index < words.count ? .text(words[index]) : .null,
        "votes": showsResults ? .integer(Int64(votes)) : .null,
      ])
    }
    var map = ReplyMap([
      ("options", .array(options)), ("multiple", .flag(poll.isMultiple)),
      ("closes_at", .time(poll.closes)), ("closed", .flag(poll.isClosed(at: now))),
      ("voters", .integer(Int64(poll.voters))),
    ])
    if viewer != nil {
      map.append("voted", .array((poll.choice ?? []).map { .integer(Int64($0)) }))
    }
    return .map(map)
  }
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
