package import Domain

/// Between an event and the map of its open fields: small numbers, ascending, to values.
///
/// A field that is nil or empty is absent. Fields that a reader does not know are an error: what
/// was not understood must not pass for understood.
package enum EventCodec {
  /// As the journal stores it, in the newest version: what the record says anyway is left out.
  package static func encodeFields(
    of event: Event, in context: RecordContext, into encoder: inout CBOREncoder
  ) {
    if case .post(.published(let facts)) = event {
      precondition(facts.author == context.actor, "nobody publishes in another's name")
      encode(facts, isShort: true, into: &encoder)
    } else if case .post(.shared(let share, let author)) = event {
      encoder.map(2)
      encoder.uint(1)
      encoder.int(context.distance(to: share.raw))
      encoder.field(2, author.raw)
    } else {
      spellOut(event, into: &encoder)
    }
  }

  /// With every field, as the schema has it: understood without its record. Of `post.published` and
  /// `post.shared` this is what the older versions stored.
  package static func spellOut(_ event: Event, into encoder: inout CBOREncoder) {
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
    case .passwordChanged, .requestAnswered, .erased:
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
    case .verified(let isVerified):
      encoder.map(1)
      encoder.field(1, isVerified)
    case .bookmarked(let post), .unbookmarked(let post), .pinned(let post), .unpinned(let post):
      encoder.only(post.raw)
    case .mediaAdded(let media, let kind):
      encoder.map(2)
      encoder.field(1, media.raw)
      encoder.field(2, UInt64(kind.rawValue))
    case .tagFollowed(let tag), .tagUnfollowed(let tag):
      encoder.map(1)
      encoder.uint(1)
      encoder.text(tag.text)
    case .listMade(let list), .listDropped(let list):
      encoder.only(list.raw)
    case .listAdded(let list, let user), .listRemoved(let list, let user):
      encoder.map(2)
      encoder.field(1, list.raw)
      encoder.field(2, user.raw)
    case .reported(let report, let user, let post):
      encoder.map(post == nil ? 2 : 3)
      encoder.field(1, report.raw)
      encoder.field(2, user.raw)
      if let post { encoder.field(3, post.raw) }
    case .reportClosed(let report):
      encoder.only(report.raw)
    }
  }

  private static func encode(_ event: PostEvent, into encoder: inout CBOREncoder) {
    switch event {
    case .published(let facts), .deleted(let facts), .released(let facts):
      encode(facts, into: &encoder)
    case .drafted(let facts, let scheduled), .redrafted(let facts, let scheduled):
      encode(facts, fieldsAfter: scheduled == nil ? 0 : 1, into: &encoder)
      if let scheduled {
        encoder.uint(11)
        encoder.int(scheduled.ms)
      }
    case .discarded:
      encoder.map(0)
    case .edited(let facts, let revision):
      let more = [
        revision.removedTags.isEmpty, revision.removedMentions.isEmpty, revision.addedTags.isEmpty,
        revision.addedMentions.isEmpty,
      ].count { !$0 }
      encode(facts, fieldsAfter: more, into: &encoder)
      encoder.list(13, revision.removedTags) { $0.text($1.text) }
      encoder.list(14, revision.removedMentions) { $0.uint($1.raw) }
      encoder.list(17, revision.addedTags) { $0.text($1.text) }
      encoder.list(18, revision.addedMentions) { $0.uint($1.raw) }
    case .moderated(let facts, let from, let to):
      encode(facts, fieldsAfter: 2, into: &encoder)
      encoder.field(15, UInt64(from.rawValue))
      encoder.field(16, UInt64(to.rawValue))
    case .reacted(let emoji, let author):
      encoder.map(2)
      encoder.field(1, author.raw)
      encoder.uint(2)
      encoder.text(emoji)
    case .voted(let options, let author):
      encoder.map(2)
      encoder.field(1, author.raw)
      encoder.list(2, options) { $0.uint(UInt64($1)) }
    case .liked(let author), .unliked(let author), .unreacted(let author), .pollClosed(let author),
      .viewed(let author):
      encoder.only(author.raw)
    case .shared(let share, let author), .unshared(let share, let author):
      encoder.map(2)
      encoder.field(1, share.raw)
      encoder.field(2, author.raw)
    }
  }

  /// `fieldsAfter`: how many more fields the caller adds. `isShort`: without what `post.published`
  /// need not say.
  private static func encode(
    _ facts: PostFacts, fieldsAfter: Int = 0, isShort: Bool = false,
    into encoder: inout CBOREncoder
  ) {
    let optional = [
      facts.reply != nil, facts.quote != nil, !facts.tags.isEmpty, !facts.mentions.isEmpty,
      !facts.media.isEmpty, facts.poll != nil, facts.isStory, facts.hasLink,
      facts.order != nil,
    ]
    encoder.map((isShort ? 1 : 2) + optional.count { $0 } + fieldsAfter)
    if !isShort { encoder.field(1, facts.author.raw) }
    encoder.field(2, UInt64(facts.visibility.rawValue))
    if let reply = facts.reply {
      encoder.uint(3)
      let hasRoot = !isShort || reply.root != reply.parent
      encoder.array(hasRoot ? 3 : 2)
      encoder.uint(reply.parent.raw)
      encoder.uint(reply.parentAuthor.raw)
      if hasRoot { encoder.uint(reply.root.raw) }
    }
    if let quote = facts.quote {
      encoder.uint(4)
      encoder.array(2)
      encoder.uint(quote.post.raw)
      encoder.uint(quote.author.raw)
    }
    encoder.list(5, facts.tags) { $0.text($1.text) }
    encoder.list(6, facts.mentions) { $0.uint($1.raw) }
    encode(facts.media, as: 7, into: &encoder)
    if let poll = facts.poll {
      encoder.uint(8)
      encoder.array(poll.secondsOpen == nil ? 2 : 3)
      encoder.uint(UInt64(poll.optionCount))
      encoder.bool(poll.isMultiple)
      if let seconds = poll.secondsOpen { encoder.uint(UInt64(seconds)) }
    }
    if facts.isStory { encoder.field(9, true) }
    if facts.hasLink { encoder.field(10, true) }
    if let order = facts.order { encoder.field(12, order.raw) }
  }

  private static func encode(
    _ media: [MediaReference], as number: UInt64, into encoder: inout CBOREncoder
  ) {
    encoder.list(number, media) { encoder, medium in
      encoder.array(3)
      encoder.uint(medium.id.raw)
      encoder.uint(UInt64(medium.kind.rawValue))
      encoder.uint(medium.position.raw)
    }
  }

  private static func encode(_ event: ChatEvent, into encoder: inout CBOREncoder) {
    switch event {
    case .opened(let isDirect, let members):
      encoder.map(members.isEmpty ? 1 : 2)
      encoder.field(1, isDirect)
      encoder.list(2, members) { $0.uint($1.raw) }
    case .left, .titled:
      encoder.map(0)
    case .said(let message, let reply, let media):
      encoder.map(1 + (reply == nil ? 0 : 1) + (media.isEmpty ? 0 : 1))
      encoder.field(1, message.raw)
      if let reply { encoder.field(2, reply.raw) }
      encode(media, as: 3, into: &encoder)
    case .read(let through):
      encoder.only(through.raw)
    case .added(let members):
      encoder.map(members.isEmpty ? 0 : 1)
      encoder.list(1, members) { $0.uint($1.raw) }
    case .removed(let user):
      encoder.only(user.raw)
    case .roleChanged(let user, let isAdmin):
      encoder.map(2)
      encoder.field(1, user.raw)
      encoder.field(2, isAdmin)
    case .unsaid(let message):
      encoder.only(message.raw)
    }
  }
}

extension CBOREncoder {
  fileprivate mutating func field(_ number: UInt64, _ value: UInt64) {
    uint(number)
    uint(value)
  }

  fileprivate mutating func field(_ number: UInt64, _ value: Bool) {
    uint(number)
    bool(value)
  }

  /// An array; absent if it is empty.
  fileprivate mutating func list<Item>(
    _ number: UInt64, _ items: [Item], _ body: (inout CBOREncoder, Item) -> Void
  ) {
    if items.isEmpty { return }
    uint(number)
    array(items.count)
    for item in items { body(&self, item) }
  }

  /// A map of field 1 alone.
  fileprivate mutating func only(_ value: UInt64) {
    map(1)
    field(1, value)
  }
}
