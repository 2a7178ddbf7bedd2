package import Domain
package import Journal

/// [sequence, facts, published, text position, deleted, likes, shares, reply count, quote count,
/// replies]
extension PostState: StateCoding {
  package static var kind: EntityKind { .post }
  package static var foldVersion: UInt32 { 1 }
  private static let fieldCount = 10

  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.uint(own.sequence)
    encoder.optional(own.facts) { Self.encode($1, into: &$0) }
    encoder.instant(own.publishedAt)
    encoder.position(own.textPosition)
    encoder.optional(own.deletedAt) { $0.instant($1) }
    encoder.array(own.likes.count * 2)
    own.likes.forEach { like in
      encoder.id(like.user)
      encoder.position(like.position)
      return true
    }
    encoder.array(own.shares.count * 3)
    own.shares.forEach { share in
      encoder.id(share.user)
      encoder.position(share.position)
      encoder.id(share.payload)
      return true
    }
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
    own.publishedAt = try decoder.instant()
    own.textPosition = try decoder.position()
    own.deletedAt = try decoder.optional { (decoder) throws(CBORError) in try decoder.instant() }
    own.likes = try Self.log(&decoder, width: 2) { _ throws(CBORError) in NoPayload() }
    own.shares = try Self.log(&decoder, width: 3) { (decoder) throws(CBORError) in
      try decoder.id()
    }
    observed.replyCount = Int(try decoder.int())
    observed.quoteCount = Int(try decoder.int())
    observed.replies = ContiguousArray(try decoder.uints().map { PostID($0) })
  }

  private static func log<Payload>(
    _ decoder: inout CBORDecoder, width: Int,
    _ payload: (inout CBORDecoder) throws(CBORError) -> Payload
  ) throws(CBORError) -> ActorLog<Payload> {
    let count = try decoder.array()
    guard count % width == 0 else { throw .invalidValue }
    var log = ActorLog<Payload>()
    var last = Position.zero
    for _ in 0..<(count / width) {
      let user: UserID = try decoder.id()
      let position = try decoder.position()
      guard position > last else { throw .invalidValue }
      log.append(user, at: position, try payload(&decoder))
      last = position
    }
    return log
  }

  /// [author, visibility, reply, quote, tags, mentions]
  private static func encode(_ facts: PostFacts, into encoder: inout CBOREncoder) {
    encoder.array(6)
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
  }

  private static func facts(_ decoder: inout CBORDecoder) throws(CBORError) -> PostFacts {
    try decoder.array(of: 6)
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
    return facts
  }
}
