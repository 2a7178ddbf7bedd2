package import Domain

/// Between an event and the map of its open fields: small numbers, ascending, to values.
///
/// A field that is nil or empty is absent. Fields that a reader does not know are an error: what
/// was not understood must not pass for understood.
package enum EventCodec {
  package static func encodeFields(of event: Event, into encoder: inout CBOREncoder) {
    switch event {
    case .user(let event): encode(event, into: &encoder)
    case .post(let event): encode(event, into: &encoder)
    case .chat(let event): encode(event, into: &encoder)
    case .tag(.reviewed(let trendingAllowed)):
      encoder.map(1)
      encoder.uint(1)
      encoder.bool(trendingAllowed)
    }
  }

  private static func encode(_ event: UserEvent, into encoder: inout CBOREncoder) {
    switch event {
    case .signedUp(let username, let texts):
      encoder.map(texts.isEmpty ? 1 : 2)
      encoder.uint(1)
      encoder.text(username.text)
      if !texts.isEmpty { encoder.field(2, UInt64(texts.rawValue)) }
    case .passwordChanged, .requestAnswered:
      encoder.map(0)
    case .profileChanged(let isPrivate, let messages, let texts):
      encoder.map(
        (isPrivate == nil ? 0 : 1) + (messages == nil ? 0 : 1) + (texts.isEmpty ? 0 : 1))
      if let isPrivate {
        encoder.uint(1)
        encoder.bool(isPrivate)
      }
      if let messages { encoder.field(2, UInt64(messages.rawValue)) }
      if !texts.isEmpty { encoder.field(3, UInt64(texts.rawValue)) }
    case .tokenIssued(let token, let scope, let expires, let hash):
      encoder.map(expires == nil ? 3 : 4)
      encoder.field(1, token.raw)
      encoder.field(2, UInt64(scope.rawValue))
      if let expires {
        encoder.uint(3)
        encoder.int(expires.ms)
      }
      encoder.uint(4)
      encoder.bytes(hash)
    case .tokenRevoked(let token):
      encoder.only(token.raw)
    case .followed(let user), .unfollowed(let user), .followRequested(let user),
      .followRequestWithdrawn(let user), .followAccepted(let user), .followRejected(let user),
      .blocked(let user), .unblocked(let user), .muted(let user), .unmuted(let user):
      encoder.only(user.raw)
    case .inboxRead(let position), .inboxItemRead(let position):
      encoder.only(position.raw)
    }
  }

  private static func encode(_ event: PostEvent, into encoder: inout CBOREncoder) {
    switch event {
    case .published(let facts), .deleted(let facts):
      encode(facts, into: &encoder)
    case .liked(let author), .unliked(let author):
      encoder.only(author.raw)
    case .shared(let share, let author), .unshared(let share, let author):
      encoder.map(2)
      encoder.field(1, share.raw)
      encoder.field(2, author.raw)
    }
  }

  private static func encode(_ facts: PostFacts, into encoder: inout CBOREncoder) {
    encoder.map(
      2 + (facts.reply == nil ? 0 : 1) + (facts.quote == nil ? 0 : 1)
        + (facts.tags.isEmpty ? 0 : 1) + (facts.mentions.isEmpty ? 0 : 1))
    encoder.field(1, facts.author.raw)
    encoder.field(2, UInt64(facts.visibility.rawValue))
    if let reply = facts.reply {
      encoder.uint(3)
      encoder.array(3)
      encoder.uint(reply.parent.raw)
      encoder.uint(reply.parentAuthor.raw)
      encoder.uint(reply.root.raw)
    }
    if let quote = facts.quote {
      encoder.uint(4)
      encoder.array(2)
      encoder.uint(quote.post.raw)
      encoder.uint(quote.author.raw)
    }
    if !facts.tags.isEmpty {
      encoder.uint(5)
      encoder.array(facts.tags.count)
      for tag in facts.tags { encoder.text(tag.text) }
    }
    if !facts.mentions.isEmpty {
      encoder.uint(6)
      encoder.array(facts.mentions.count)
      for mention in facts.mentions { encoder.uint(mention.raw) }
    }
  }

  private static func encode(_ event: ChatEvent, into encoder: inout CBOREncoder) {
    switch event {
    case .opened(let isDirect, let members):
      encoder.map(members.isEmpty ? 1 : 2)
      encoder.uint(1)
      encoder.bool(isDirect)
      if !members.isEmpty {
        encoder.uint(2)
        encoder.array(members.count)
        for member in members { encoder.uint(member.raw) }
      }
    case .left:
      encoder.map(0)
    case .said(let message, let reply):
      encoder.map(reply == nil ? 1 : 2)
      encoder.field(1, message.raw)
      if let reply { encoder.field(2, reply.raw) }
    case .read(let through):
      encoder.only(through.raw)
    }
  }
}

extension CBOREncoder {
  fileprivate mutating func field(_ number: UInt64, _ value: UInt64) {
    uint(number)
    uint(value)
  }

  /// A map of field 1 alone.
  fileprivate mutating func only(_ value: UInt64) {
    map(1)
    field(1, value)
  }
}
