package import Domain
package import Journal
package import Projections

/// [sequence, username, created, texts, private, messages, tokens, follows, requests, verdicts,
/// mutes, inbox read through, inbox items read, requests of others, verdicts of others, posts,
/// replies, media, verified, erased, extras]; extras null where there are none
extension UserState: StateCoding {
  package static var kind: EntityKind { .user }
  package static var foldVersion: UInt32 { 2 }
  private static let fieldCount = 21

  package static var shape: EntryShape {
    let positions: EntryShape = .groups(["user": .user, "position": .position])
    let verdicts: EntryShape = .groups([
      "user": .user, "kind": .choice(FollowVerdict.Kind.self), "position": .position,
    ])
    return .fields([
      "events": .number, "username": .optional(.text), "created": .time,
      "texts": .fields([
        "sign_up": .position, "password": .position, "name": .position, "bio": .position,
        "avatar": .position, "email": .position,
      ]),
      "private": .flag, "messages": .choice(MessagePolicy.self),
      "tokens": .each(
        .fields([
          "id": .token, "scope": .choice(Scope.self), "expires": .optional(.time),
          "hash": .bytes, "issued": .time, "label": .position,
        ])),
      "follows": positions, "requests": positions, "verdicts": verdicts, "mutes": .each(.user),
      "inbox_read_through": .position, "inbox_items_read": .each(.position),
      "requests_received": positions, "verdicts_received": verdicts, "posts": .number,
      "replies": .number, "media": mediaShape, "verified": .flag, "erased": .flag,
      "extras": .optional(UserExtras.shape),
    ])
  }

  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.uint(own.sequence)
    encoder.optional(own.username) { $0.text($1.text) }
    encoder.instant(own.created)
    Self.encode(own.texts, into: &encoder)
    encoder.bool(own.isPrivate)
    encoder.uint(UInt64(own.messages.rawValue))
    Self.encode(own.tokens, into: &encoder)
    encoder.positions(own.follows)
    encoder.positions(own.requests)
    Self.encode(own.verdicts, into: &encoder)
    encoder.array(own.mutes.count)
    own.mutes.forEach { encoder.id($0) }
    encoder.position(own.inboxReadThrough)
    encoder.uints(own.inboxItemsRead)
    encoder.positions(observed.requests)
    Self.encode(observed.verdicts, into: &encoder)
    encoder.int(Int64(observed.posts))
    encoder.int(Int64(observed.replies))
    Self.encode(own.media, into: &encoder)
    encoder.bool(own.isVerified)
    encoder.bool(own.isErased)
    encoder.optional(own.extras.isBlank ? nil : own.extras.value) { $1.encode(into: &$0) }
  }

  package init(key: EntityKey, from decoder: inout CBORDecoder) throws(CBORError) {
    self.init(key: key)
    try decoder.array(of: Self.fieldCount)
    own.sequence = try decoder.uint()
    own.username = try decoder.optional { (decoder) throws(CBORError) in try decoder.username() }
    own.created = try decoder.instant()
    own.texts = try Self.texts(&decoder)
    own.isPrivate = try decoder.bool()
    own.messages = try decoder.choice()
    own.tokens = try Self.tokens(&decoder)
    own.follows = try decoder.positions()
    own.requests = try decoder.positions()
    own.verdicts = try Self.verdicts(&decoder)
    for user in try decoder.uints() { own.mutes.insert(UserID(user)) }
    own.inboxReadThrough = try decoder.position()
    own.inboxItemsRead = ContiguousArray(try decoder.uints())
    observed.requests = try decoder.positions()
    observed.verdicts = try Self.verdicts(&decoder)
    observed.posts = Int(try decoder.int())
    observed.replies = Int(try decoder.int())
    own.media = try Self.media(&decoder)
    own.isVerified = try decoder.bool()
    own.isErased = try decoder.bool()
    let extras = try decoder.optional { (decoder) throws(CBORError) in
      try UserExtras(from: &decoder)
    }
    if let extras { own.extras.value = extras }
  }

  private static func encode(_ texts: TextPositions, into encoder: inout CBOREncoder) {
    encoder.array(6)
    encoder.position(texts.signUp)
    encoder.position(texts.passwordHash)
    encoder.position(texts.name)
    encoder.position(texts.bio)
    encoder.position(texts.avatar)
    encoder.position(texts.email)
  }

  private static func texts(_ decoder: inout CBORDecoder) throws(CBORError) -> TextPositions {
    try decoder.array(of: 6)
    var texts = TextPositions()
    texts.signUp = try decoder.position()
    texts.passwordHash = try decoder.position()
    texts.name = try decoder.position()
    texts.bio = try decoder.position()
    texts.avatar = try decoder.position()
    texts.email = try decoder.position()
    return texts
  }

  private static func encode(
    _ tokens: IDMap<TokenID, UserToken>, into encoder: inout CBOREncoder
  ) {
    encoder.array(tokens.count)
    for entry in tokens.entries {
      encoder.array(6)
      encoder.id(entry.key)
      encoder.uint(UInt64(entry.value.scope.rawValue))
      encoder.optional(entry.value.expires) { $0.instant($1) }
      encoder.bytes(entry.value.hash)
      encoder.instant(entry.value.issued)
      encoder.position(entry.value.labelPosition)
    }
  }

  private static func tokens(
    _ decoder: inout CBORDecoder
  ) throws(CBORError) -> IDMap<TokenID, UserToken> {
    var tokens = IDMap<TokenID, UserToken>()
    for _ in 0..<(try decoder.array()) {
      try decoder.array(of: 6)
      let id: TokenID = try decoder.id()
      tokens[id] = UserToken(
        scope: try decoder.choice(),
        expires: try decoder.optional { (decoder) throws(CBORError) in try decoder.instant() },
        hash: Array(try decoder.bytes()), issued: try decoder.instant(),
        labelPosition: try decoder.position())
    }
    return tokens
  }

  /// Flat: id, kind, position of each.
  private static func encode(
    _ media: IDMap<MediaID, UserMedium>, into encoder: inout CBOREncoder
  ) {
    encoder.array(media.count * 3)
    for entry in media.entries {
      encoder.id(entry.key)
      encoder.uint(UInt64(entry.value.kind.rawValue))
      encoder.position(entry.value.position)
    }
  }

  private static func media(
    _ decoder: inout CBORDecoder
  ) throws(CBORError) -> IDMap<MediaID, UserMedium> {
    let count = try decoder.array()
    guard count % 3 == 0 else { throw .invalidValue }
    var media = IDMap<MediaID, UserMedium>()
    for _ in 0..<(count / 3) {
      let id: MediaID = try decoder.id()
      media[id] = UserMedium(kind: try decoder.choice(), position: try decoder.position())
    }
    return media
  }

  private static func encode(
    _ verdicts: IDMap<UserID, FollowVerdict>, into encoder: inout CBOREncoder
  ) {
    encoder.array(verdicts.count * 3)
    for entry in verdicts.entries {
      encoder.id(entry.key)
      encoder.uint(entry.value.kind.rawValue)
      encoder.position(entry.value.position)
    }
  }

  private static func verdicts(
    _ decoder: inout CBORDecoder
  ) throws(CBORError) -> IDMap<UserID, FollowVerdict> {
    let count = try decoder.array()
    guard count % 3 == 0 else { throw .invalidValue }
    var verdicts = IDMap<UserID, FollowVerdict>()
    for _ in 0..<(count / 3) {
      let user: UserID = try decoder.id()
      let kind = FollowVerdict.Kind(rawValue: try decoder.uint())
      let position = try decoder.position()
      guard let kind, position.raw < 1 << 62 else { throw .invalidValue }
      verdicts[user] = FollowVerdict(kind, at: position)
    }
    return verdicts
  }
}
