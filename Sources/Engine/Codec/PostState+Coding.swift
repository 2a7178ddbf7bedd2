package import Domain
package import Journal
package import Projections

/// [sequence, facts, stage, published, text position, likes, shares, extras, reply count, quote
/// count, replies]; likes and shares flat, extras null where there are none.
extension PostState: StateCoding {
  package static var kind: EntityKind { .post }
  package static var foldVersion: UInt32 { 2 }
  private static let fieldCount = 11

  package static var shape: EntryShape {
    .fields([
      "events": .number, "facts": .optional(factsShape), "stage": .choice(Stage.self),
      "published": .time, "text": .position,
      "likes": .groups(["user": .user, "position": .position]),
      "shares": .groups(["user": .user, "position": .position, "share": .order]),
      "extras": .optional(extrasShape), "replies_counted": .number, "quotes_counted": .number,
      "replies": .each(.post),
    ])
  }

  private static var factsShape: EntryShape {
    .fields([
      "author": .user, "visibility": .choice(Visibility.self),
      "reply": .optional(.fields(["parent": .post, "parent_author": .user, "root": .post])),
      "quote": .optional(.fields(["post": .post, "author": .user])), "tags": .each(.tag),
      "mentions": .each(.user), "media": mediaShape,
      "poll": .optional(
        .fields(["options": .number, "multiple": .flag, "seconds": .optional(.number)])),
      "story": .flag, "link": .flag, "order": .optional(.order),
    ])
  }

  private static var extrasShape: EntryShape {
    .fields([
      "scheduled": .optional(.time), "moderation": .choice(Moderation.self),
      "versions": .groups(["position": .position, "time": .time]), "edited": .optional(.time),
      "reactions": .groups(["user": .user, "position": .position, "emoji": .text]),
      "votes": .groups(["user": .user, "position": .position, "options": .number]),
      "poll_closed": .flag, "viewers": .groups(["user": .user, "position": .position]),
    ])
  }

  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.uint(own.sequence)
    encoder.optional(own.facts) { Self.encode($1, into: &$0) }
    encoder.uint(UInt64(own.stage.rawValue))
    encoder.instant(own.publishedAt)
    encoder.position(own.textPosition)
    encoder.marks(own.likes, width: 2) { _, _ in }
    encoder.marks(own.shares, width: 3) { $0.id($1) }
    encoder.optional(own.extras.isBlank ? nil : own.extras.value) { Self.encode($1, into: &$0) }
    encoder.int(Int64(observed.replyCount))
    encoder.int(Int64(observed.quoteCount))
    encoder.array(observed.replies.count)
    for reply in observed.replies { encoder.id(reply) }
  }

  package init(key: EntityKey, from decoder: inout CBORDecoder) throws(CBORError) {
    self.init(key: key)
    try decoder.array(of: Self.fieldCount)
    own.sequence = try decoder.uint()
    own.facts = try decoder.optional { (decoder) throws(CBORError) in try Self.facts(&decoder) }
    own.stage = try decoder.choice()
    own.publishedAt = try decoder.instant()
    own.textPosition = try decoder.position()
    own.likes = try decoder.marks(width: 2) { _ throws(CBORError) in NoPayload() }
    own.shares = try decoder.marks(width: 3) { (decoder) throws(CBORError) in try decoder.id() }
    let extras = try decoder.optional { (decoder) throws(CBORError) in
      try Self.extras(&decoder)
    }
    if let extras { own.extras.value = extras }
    observed.replyCount = Int(try decoder.int())
    observed.quoteCount = Int(try decoder.int())
    observed.replies = ContiguousArray(try decoder.uints().map { PostID($0) })
  }

  /// [scheduled, moderation, versions, edited, reactions, votes, is poll closed, viewers]; the
  /// lists flat.
  private static func encode(_ extras: PostExtras, into encoder: inout CBOREncoder) {
    encoder.array(8)
    encoder.optional(extras.scheduled) { $0.instant($1) }
    encoder.uint(UInt64(extras.moderation.rawValue))
    encoder.array(2 * extras.versions.count)
    for version in extras.versions {
      encoder.position(version.position)
      encoder.instant(version.time)
    }
    encoder.optional(extras.editedAt) { $0.instant($1) }
    encoder.marks(extras.reactions, width: 3) { $0.text($1) }
    encoder.marks(extras.votes, width: 3) { $0.uint(UInt64($1.bits)) }
    encoder.bool(extras.isPollClosed)
    encoder.marks(extras.viewers, width: 2) { _, _ in }
  }

  private static func extras(_ decoder: inout CBORDecoder) throws(CBORError) -> PostExtras {
    try decoder.array(of: 8)
    var extras = PostExtras()
    extras.scheduled = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.instant()
    }
    extras.moderation = try decoder.choice()
    let count = try decoder.array()
    guard count.isMultiple(of: 2) else { throw .invalidValue }
    for _ in 0..<(count / 2) {
      let position = try decoder.position()
      extras.versions.append(PostVersion(position: position, time: try decoder.instant()))
    }
    extras.editedAt = try decoder.optional { (decoder) throws(CBORError) in try decoder.instant() }
    let reactions: ActorLog<String> = try decoder.marks(width: 3) { (decoder) throws(CBORError) in
      try decoder.text()
    }
    reactions.forEach { reaction in
      extras.react(reaction.key, at: reaction.position, reaction.payload)
      return true
    }
    let votes: ActorLog<PollChoice> = try decoder.marks(width: 3) { (decoder) throws(CBORError) in
      guard let bits = UInt16(exactly: try decoder.uint()) else { throw .outOfRange }
      return PollChoice(bits: bits)
    }
    votes.forEach { vote in
      extras.vote(vote.key, at: vote.position, vote.payload)
      return true
    }
    extras.isPollClosed = try decoder.bool()
    extras.viewers = try decoder.marks(width: 2) { _ throws(CBORError) in NoPayload() }
    return extras
  }

  private static let factsFieldCount = 11

  /// [author, visibility, reply, quote, tags, mentions, media, poll, is story, has link, order];
  /// media flat.
  private static func encode(_ facts: PostFacts, into encoder: inout CBOREncoder) {
    encoder.array(factsFieldCount)
    encoder.id(facts.author)
    encoder.uint(UInt64(facts.visibility.rawValue))
    encoder.optional(facts.reply) { encoder, reply in
      encoder.array(3)
      encoder.id(reply.parent)
      encoder.id(reply.parentAuthor)
      encoder.id(reply.root)
    }
    encoder.optional(facts.quote) { encoder, quote in
      encoder.array(2)
      encoder.id(quote.post)
      encoder.id(quote.author)
    }
    encoder.array(facts.tags.count)
    for tag in facts.tags { encoder.text(tag.text) }
    encoder.array(facts.mentions.count)
    for mention in facts.mentions { encoder.id(mention) }
    encoder.array(3 * facts.media.count)
    for medium in facts.media {
      encoder.id(medium.id)
      encoder.uint(UInt64(medium.kind.rawValue))
      encoder.position(medium.position)
    }
    encoder.optional(facts.poll) { encoder, poll in
      encoder.array(3)
      encoder.uint(UInt64(poll.optionCount))
      encoder.bool(poll.isMultiple)
      encoder.optional(poll.secondsOpen) { $0.int($1) }
    }
    encoder.bool(facts.isStory)
    encoder.bool(facts.hasLink)
    encoder.optional(facts.order) { $0.id($1) }
  }

  private static func facts(_ decoder: inout CBORDecoder) throws(CBORError) -> PostFacts {
    try decoder.array(of: factsFieldCount)
    var facts = PostFacts(author: try decoder.id(), visibility: try decoder.choice())
    facts.reply = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.array(of: 3)
      return ReplyReference(
        parent: try decoder.id(), parentAuthor: try decoder.id(), root: try decoder.id())
    }
    facts.quote = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.array(of: 2)
      return QuoteReference(post: try decoder.id(), author: try decoder.id())
    }
    for _ in 0..<(try decoder.array()) { facts.tags.append(Tag(folded: try decoder.text())) }
    facts.mentions = try decoder.uints().map { UserID($0) }
    facts.media = try media(&decoder)
    facts.poll = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.array(of: 3)
      return PollFacts(
        optionCount: try decoder.count(), isMultiple: try decoder.bool(),
        secondsOpen: try decoder.optional { (decoder) throws(CBORError) in try decoder.int() })
    }
    facts.isStory = try decoder.bool()
    facts.hasLink = try decoder.bool()
    facts.order = try decoder.optional { (decoder) throws(CBORError) in try decoder.id() }
    return facts
  }

  private static func media(_ decoder: inout CBORDecoder) throws(CBORError) -> [MediaReference] {
    let count = try decoder.array()
    guard count.isMultiple(of: 3) else { throw .invalidValue }
    var media: [MediaReference] = []
    for _ in 0..<(count / 3) {
      media.append(
        MediaReference(
          id: try decoder.id(), kind: try decoder.choice(), position: try decoder.position()))
    }
    return media
  }
}
