package import Domain

extension EventCodec {
  /// Reads the map of open fields of an event of this kind. Older versions will be brought up to
  /// date here, each by its own case; a newer one throws `invalidValue`.
  package static func decodeFields(
    of type: EventType, version: UInt8, from decoder: inout CBORDecoder
  ) throws(CBORError) -> Event {
    guard version == type.version else { throw .invalidValue }
    var fields = FieldReader(try decoder.map())
    let event = try decode(type, &fields, &decoder)
    try fields.finish()
    return event
  }

  private static func decode(
    _ type: EventType, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Event {
    switch type {
    case .userSignedUp:
      guard let username = Username(try fields.text(1, &decoder)) else { throw .invalidValue }
      return .user(.signedUp(username: username, fields: try texts(2, &fields, &decoder)))
    case .userPasswordChanged: return .user(.passwordChanged)
    case .userProfileChanged: return .user(try profileChanged(&fields, &decoder))
    case .userTokenIssued: return .user(try tokenIssued(&fields, &decoder))
    case .userTokenRevoked: return .user(.tokenRevoked(TokenID(try fields.uint(1, &decoder))))
    case .userFollowed: return .user(.followed(try fields.user(1, &decoder)))
    case .userUnfollowed: return .user(.unfollowed(try fields.user(1, &decoder)))
    case .userFollowRequested: return .user(.followRequested(try fields.user(1, &decoder)))
    case .userFollowRequestWithdrawn:
      return .user(.followRequestWithdrawn(try fields.user(1, &decoder)))
    case .userFollowAccepted: return .user(.followAccepted(try fields.user(1, &decoder)))
    case .userFollowRejected: return .user(.followRejected(try fields.user(1, &decoder)))
    case .userBlocked: return .user(.blocked(try fields.user(1, &decoder)))
    case .userUnblocked: return .user(.unblocked(try fields.user(1, &decoder)))
    case .userMuted: return .user(.muted(try fields.user(1, &decoder)))
    case .userUnmuted: return .user(.unmuted(try fields.user(1, &decoder)))
    case .userInboxRead: return .user(.inboxRead(through: Position(try fields.uint(1, &decoder))))
    case .userInboxItemRead: return .user(.inboxItemRead(Position(try fields.uint(1, &decoder))))
    case .userRequestAnswered: return .user(.requestAnswered)
    case .postPublished: return .post(.published(try facts(&fields, &decoder)))
    case .postDeleted: return .post(.deleted(try facts(&fields, &decoder)))
    case .postLiked: return .post(.liked(author: try fields.user(1, &decoder)))
    case .postUnliked: return .post(.unliked(author: try fields.user(1, &decoder)))
    case .postShared:
      let share = ShareID(try fields.uint(1, &decoder))
      return .post(.shared(share, author: try fields.user(2, &decoder)))
    case .postUnshared:
      let share = ShareID(try fields.uint(1, &decoder))
      return .post(.unshared(share, author: try fields.user(2, &decoder)))
    case .chatOpened:
      let isDirect = try fields.bool(1, &decoder)
      return .chat(.opened(isDirect: isDirect, members: try fields.users(2, &decoder)))
    case .chatLeft: return .chat(.left)
    case .chatSaid:
      let message = MessageID(try fields.uint(1, &decoder))
      let reply = try fields.optionalUInt(2, &decoder).map { MessageID($0) }
      return .chat(.said(message, reply: reply))
    case .chatRead: return .chat(.read(through: MessageID(try fields.uint(1, &decoder))))
    case .tagReviewed: return .tag(.reviewed(trendingAllowed: try fields.bool(1, &decoder)))
    }
  }

  private static func profileChanged(
    _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> UserEvent {
    var isPrivate: Bool?
    if try fields.take(1, &decoder) { isPrivate = try decoder.bool() }
    var messages: MessagePolicy?
    if try fields.take(2, &decoder) {
      messages = MessagePolicy(rawValue: try small(&decoder))
      if messages == nil { throw .invalidValue }
    }
    return .profileChanged(
      isPrivate: isPrivate, messages: messages, fields: try texts(3, &fields, &decoder))
  }

  /// The set of sealed fields that an event has; absent where it is empty.
  private static func texts(
    _ number: UInt64, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Secret.Fields {
    guard try fields.take(number, &decoder) else { return [] }
    let raw = try decoder.uint()
    guard raw > 0, raw <= UInt64(UInt16.max) else { throw .invalidValue }
    return Secret.Fields(rawValue: UInt16(raw))
  }

  private static func tokenIssued(
    _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> UserEvent {
    let token = TokenID(try fields.uint(1, &decoder))
    try fields.require(2, &decoder)
    guard let scope = Scope(rawValue: try small(&decoder)) else { throw .invalidValue }
    var expires: Instant?
    if try fields.take(3, &decoder) { expires = Instant(ms: try decoder.int()) }
    try fields.require(4, &decoder)
    return .tokenIssued(token, scope: scope, expires: expires, hash: Array(try decoder.bytes()))
  }

  private static func facts(
    _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> PostFacts {
    let author = try fields.user(1, &decoder)
    try fields.require(2, &decoder)
    guard let visibility = Visibility(rawValue: try small(&decoder)) else { throw .invalidValue }
    var facts = PostFacts(author: author, visibility: visibility)
    if try fields.take(3, &decoder) {
      guard try decoder.array() == 3 else { throw .invalidValue }
      facts.reply = ReplyReference(
        parent: PostID(try decoder.uint()), parentAuthor: UserID(try decoder.uint()),
        root: PostID(try decoder.uint()))
    }
    if try fields.take(4, &decoder) {
      guard try decoder.array() == 2 else { throw .invalidValue }
      facts.quote = QuoteReference(
        post: PostID(try decoder.uint()), author: UserID(try decoder.uint()))
    }
    if try fields.take(5, &decoder) {
      let count = try decoder.array()
      guard count > 0 else { throw .notCanonical }
      facts.tags.reserveCapacity(count)
      for _ in 0..<count { facts.tags.append(Tag(folded: try decoder.text())) }
    }
    facts.mentions = try fields.users(6, &decoder)
    return facts
  }

  private static func small(_ decoder: inout CBORDecoder) throws(CBORError) -> UInt8 {
    guard let value = UInt8(exactly: try decoder.uint()) else { throw .outOfRange }
    return value
  }
}

/// Takes the fields of a map in ascending order, each expected or optional.
private struct FieldReader {
  private var left: Int
  /// The key that has been read but not taken yet.
  private var pending: UInt64?

  init(_ count: Int) { left = count }

  /// Whether the field is there; its value is the decoder's next item then.
  mutating func take(_ number: UInt64, _ decoder: inout CBORDecoder) throws(CBORError) -> Bool {
    if pending == nil {
      guard left > 0 else { return false }
      pending = try decoder.uint()
    }
    guard pending == number else { return false }
    pending = nil
    left -= 1
    return true
  }

  mutating func require(_ number: UInt64, _ decoder: inout CBORDecoder) throws(CBORError) {
    guard try take(number, &decoder) else { throw .invalidValue }
  }

  func finish() throws(CBORError) {
    guard left == 0 else { throw .invalidValue }
  }

  mutating func uint(_ number: UInt64, _ decoder: inout CBORDecoder) throws(CBORError) -> UInt64 {
    try require(number, &decoder)
    return try decoder.uint()
  }

  mutating func optionalUInt(
    _ number: UInt64, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> UInt64? {
    try take(number, &decoder) ? try decoder.uint() : nil
  }

  mutating func user(_ number: UInt64, _ decoder: inout CBORDecoder) throws(CBORError) -> UserID {
    UserID(try uint(number, &decoder))
  }

  mutating func bool(_ number: UInt64, _ decoder: inout CBORDecoder) throws(CBORError) -> Bool {
    try require(number, &decoder)
    return try decoder.bool()
  }

  mutating func text(_ number: UInt64, _ decoder: inout CBORDecoder) throws(CBORError) -> String {
    try require(number, &decoder)
    return try decoder.text()
  }

  /// An absent list is an empty one; a written one is not empty.
  mutating func users(
    _ number: UInt64, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> [UserID] {
    guard try take(number, &decoder) else { return [] }
    let count = try decoder.array()
    guard count > 0 else { throw .notCanonical }
    var users: [UserID] = []
    users.reserveCapacity(count)
    for _ in 0..<count { users.append(UserID(try decoder.uint())) }
    return users
  }
}
