package import Domain

extension EventCodec {
  /// Reads the map of open fields of an event of this kind: as it was written, if its version is
  /// written still, and upcast if it is older. A newer version throws `unknownEvent`; fields that
  /// are not those of the version, and an older event that cannot be upcast, `invalidValue`.
  package static func decodeFields(
    of type: EventType, version: UInt8, in context: RecordContext,
    from decoder: inout CBORDecoder
  ) throws(CBORError) -> Event {
    guard (1...type.version).contains(version) else {
      throw .unknownEvent(type: UInt64(type.rawValue), version: UInt64(version))
    }
    if type.olderVersions.contains(version) {
      let older = try decodeOlder(type, version: version, from: &decoder)
      do { return try older.upcast(in: context) } catch { throw .invalidValue }
    }
    var fields = FieldReader(try decoder.map())
    let event = try decode(type, context, &fields, &decoder)
    try fields.finish()
    guard EventType.version(of: event) == version else { throw .invalidValue }
    return event
  }

  /// Reads what `spellOut` wrote.
  package static func readSpelledOut(
    _ type: EventType, from decoder: inout CBORDecoder
  ) throws(CBORError) -> Event {
    var fields = FieldReader(try decoder.map())
    let event = try decodeSpelledOut(type, &fields, &decoder)
    try fields.finish()
    return event
  }

  /// Reads the open fields of a version that is written no more, as they were meant then.
  package static func decodeOlder(
    _ type: EventType, version: UInt8, from decoder: inout CBORDecoder
  ) throws(CBORError) -> OlderEvent {
    precondition(type.olderVersions.contains(version), "\(type.name) \(version) is no older one")
    var fields = FieldReader(try decoder.map())
    let older: OlderEvent
    if type == .postShared {
      let share = ShareID(try fields.uint(1, &decoder))
      older = .postShared1(share, author: try fields.user(2, &decoder))
    } else {
      older = .postPublished1And2(try facts(&fields, &decoder))
    }
    try fields.finish()
    guard older.version == version else { throw .invalidValue }
    return older
  }

  private static func decode(
    _ type: EventType, _ context: RecordContext, _ fields: inout FieldReader,
    _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Event {
    if type == .postPublished {
      return .post(.published(try facts(by: context.actor, &fields, &decoder)))
    }
    if type == .postShared {
      try fields.require(1, &decoder)
      let share = ShareID(context.identifier(at: try decoder.int()))
      return .post(.shared(share, author: try fields.user(2, &decoder)))
    }
    return try decodeSpelledOut(type, &fields, &decoder)
  }

  private static func decodeSpelledOut(
    _ type: EventType, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Event {
    switch type.entityKind {
    case .user: .user(try decodeUser(type, &fields, &decoder))
    case .post: .post(try decodePost(type, &fields, &decoder))
    case .chat: .chat(try decodeChat(type, &fields, &decoder))
    case .tag: .tag(.reviewed(trendingAllowed: try fields.bool(1, &decoder)))
    }
  }

  private static func decodeUser(
    _ type: EventType, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> UserEvent {
    switch type {
    case .userSignedUp:
      let username = try fields.username(1, &decoder)
      return .signedUp(username: username, fields: try texts(2, &fields, &decoder))
    case .userPasswordChanged: return .passwordChanged
    case .userProfileChanged: return try profileChanged(&fields, &decoder)
    case .userTokenIssued: return try tokenIssued(&fields, &decoder)
    case .userTokenRevoked: return .tokenRevoked(TokenID(try fields.uint(1, &decoder)))
    case .userFollowed: return .followed(try fields.user(1, &decoder))
    case .userUnfollowed: return .unfollowed(try fields.user(1, &decoder))
    case .userFollowRequested: return .followRequested(try fields.user(1, &decoder))
    case .userFollowRequestWithdrawn:
      return .followRequestWithdrawn(try fields.user(1, &decoder))
    case .userFollowAccepted: return .followAccepted(try fields.user(1, &decoder))
    case .userFollowRejected: return .followRejected(try fields.user(1, &decoder))
    case .userBlocked: return .blocked(try fields.user(1, &decoder))
    case .userUnblocked: return .unblocked(try fields.user(1, &decoder))
    case .userMuted: return .muted(try fields.user(1, &decoder))
    case .userUnmuted: return .unmuted(try fields.user(1, &decoder))
    case .userInboxRead: return .inboxRead(through: Position(try fields.uint(1, &decoder)))
    case .userInboxItemRead: return .inboxItemRead(Position(try fields.uint(1, &decoder)))
    case .userRequestAnswered: return .requestAnswered
    case .userErased: return .erased
    case .userVerified: return .verified(try fields.bool(1, &decoder))
    case .userBookmarked: return .bookmarked(PostID(try fields.uint(1, &decoder)))
    case .userUnbookmarked: return .unbookmarked(PostID(try fields.uint(1, &decoder)))
    case .userPinned: return .pinned(PostID(try fields.uint(1, &decoder)))
    case .userUnpinned: return .unpinned(PostID(try fields.uint(1, &decoder)))
    case .userMediaAdded:
      let media = MediaID(try fields.uint(1, &decoder))
      try fields.require(2, &decoder)
      guard let kind = MediaKind(rawValue: try small(&decoder)) else { throw .invalidValue }
      return .mediaAdded(media, kind)
    case .userTagFollowed: return .tagFollowed(Tag(folded: try fields.text(1, &decoder)))
    case .userTagUnfollowed: return .tagUnfollowed(Tag(folded: try fields.text(1, &decoder)))
    case .userListMade: return .listMade(ListID(try fields.uint(1, &decoder)))
    case .userListDropped: return .listDropped(ListID(try fields.uint(1, &decoder)))
    case .userListAdded:
      let list = ListID(try fields.uint(1, &decoder))
      return .listAdded(list, try fields.user(2, &decoder))
    case .userListRemoved:
      let list = ListID(try fields.uint(1, &decoder))
      return .listRemoved(list, try fields.user(2, &decoder))
    case .userReported:
      let report = ReportID(try fields.uint(1, &decoder))
      let user = try fields.user(2, &decoder)
      return .reported(report, user, try fields.optionalUInt(3, &decoder).map { PostID($0) })
    case .userReportClosed: return .reportClosed(ReportID(try fields.uint(1, &decoder)))
    default: preconditionFailure("\(type) is no user's event")
    }
  }

  private static func decodePost(
    _ type: EventType, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> PostEvent {
    switch type {
    case .postPublished: return .published(try facts(&fields, &decoder))
    case .postShared:
      let share = ShareID(try fields.uint(1, &decoder))
      return .shared(share, author: try fields.user(2, &decoder))
    case .postDeleted: return .deleted(try facts(&fields, &decoder))
    case .postLiked: return .liked(author: try fields.user(1, &decoder))
    case .postUnliked: return .unliked(author: try fields.user(1, &decoder))
    case .postUnshared:
      let share = ShareID(try fields.uint(1, &decoder))
      return .unshared(share, author: try fields.user(2, &decoder))
    case .postDrafted:
      let facts = try facts(&fields, &decoder)
      return .drafted(facts, scheduled: try time(11, &fields, &decoder))
    case .postRedrafted:
      let facts = try facts(&fields, &decoder)
      return .redrafted(facts, scheduled: try time(11, &fields, &decoder))
    case .postReleased:
      return .released(try facts(&fields, &decoder))
    case .postDiscarded: return .discarded
    case .postEdited:
      let facts = try facts(&fields, &decoder)
      var revision = PostRevision()
      revision.removedTags = try tags(13, &fields, &decoder)
      revision.removedMentions = try fields.users(14, &decoder)
      revision.addedTags = try tags(17, &fields, &decoder)
      revision.addedMentions = try fields.users(18, &decoder)
      return .edited(facts, revision)
    case .postReacted:
      let author = try fields.user(1, &decoder)
      return .reacted(try fields.text(2, &decoder), author: author)
    case .postUnreacted: return .unreacted(author: try fields.user(1, &decoder))
    case .postVoted:
      let author = try fields.user(1, &decoder)
      try fields.require(2, &decoder)
      return .voted(try options(&decoder), author: author)
    case .postPollClosed: return .pollClosed(author: try fields.user(1, &decoder))
    case .postViewed: return .viewed(author: try fields.user(1, &decoder))
    case .postModerated:
      let facts = try facts(&fields, &decoder)
      let from = try moderation(15, &fields, &decoder)
      return .moderated(facts, from: from, to: try moderation(16, &fields, &decoder))
    default: preconditionFailure("\(type) is no post's event")
    }
  }

  private static func decodeChat(
    _ type: EventType, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> ChatEvent {
    switch type {
    case .chatOpened:
      let isDirect = try fields.bool(1, &decoder)
      return .opened(isDirect: isDirect, members: try fields.users(2, &decoder))
    case .chatLeft: return .left
    case .chatSaid:
      let message = MessageID(try fields.uint(1, &decoder))
      let reply = try fields.optionalUInt(2, &decoder).map { MessageID($0) }
      return .said(message, reply: reply, media: try media(3, &fields, &decoder))
    case .chatRead: return .read(through: MessageID(try fields.uint(1, &decoder)))
    case .chatAdded: return .added(try fields.users(1, &decoder))
    case .chatRemoved: return .removed(try fields.user(1, &decoder))
    case .chatRoleChanged:
      let user = try fields.user(1, &decoder)
      return .roleChanged(user, isAdmin: try fields.bool(2, &decoder))
    case .chatTitled: return .titled
    case .chatUnsaid: return .unsaid(MessageID(try fields.uint(1, &decoder)))
    default: preconditionFailure("\(type) is no chat's event")
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

  /// With an `actor` the form of `post.published`: they are the author, who is no field, and the
  /// root of a reply is there only if it is not the parent.
  private static func facts(
    by actor: UserID? = nil, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> PostFacts {
    let author = if let actor { actor } else { try fields.user(1, &decoder) }
    try fields.require(2, &decoder)
    guard let visibility = Visibility(rawValue: try small(&decoder)) else { throw .invalidValue }
    var facts = PostFacts(author: author, visibility: visibility)
    if try fields.take(3, &decoder) {
      facts.reply = try reply(isShort: actor != nil, &decoder)
    }
    if try fields.take(4, &decoder) {
      guard try decoder.array() == 2 else { throw .invalidValue }
      facts.quote = QuoteReference(
        post: PostID(try decoder.uint()), author: UserID(try decoder.uint()))
    }
    facts.tags = try tags(5, &fields, &decoder)
    facts.mentions = try fields.users(6, &decoder)
    facts.media = try media(7, &fields, &decoder)
    if try fields.take(8, &decoder) { facts.poll = try poll(&decoder) }
    facts.isStory = try flag(9, &fields, &decoder)
    facts.hasLink = try flag(10, &fields, &decoder)
    facts.order = try fields.optionalUInt(12, &decoder).map { ShareID($0) }
    return facts
  }

  private static func reply(
    isShort: Bool, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> ReplyReference {
    let count = try decoder.array()
    guard count == 3 || isShort && count == 2 else { throw .invalidValue }
    let parent = PostID(try decoder.uint())
    let author = UserID(try decoder.uint())
    let root = count == 3 ? PostID(try decoder.uint()) : parent
    if isShort, count == 3, root == parent { throw .notCanonical }
    return ReplyReference(parent: parent, parentAuthor: author, root: root)
  }

  private static func tags(
    _ number: UInt64, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> [Tag] {
    guard try fields.take(number, &decoder) else { return [] }
    let count = try decoder.array()
    guard count > 0 else { throw .notCanonical }
    var tags: [Tag] = []
    tags.reserveCapacity(count)
    for _ in 0..<count { tags.append(Tag(folded: try decoder.text())) }
    return tags
  }

  private static func media(
    _ number: UInt64, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> [MediaReference] {
    guard try fields.take(number, &decoder) else { return [] }
    let count = try decoder.array()
    guard count > 0 else { throw .notCanonical }
    var media: [MediaReference] = []
    for _ in 0..<count {
      guard try decoder.array() == 3 else { throw .invalidValue }
      let id = MediaID(try decoder.uint())
      guard let kind = MediaKind(rawValue: try small(&decoder)) else { throw .invalidValue }
      media.append(MediaReference(id: id, kind: kind, position: Position(try decoder.uint())))
    }
    return media
  }

  private static func poll(_ decoder: inout CBORDecoder) throws(CBORError) -> PollFacts {
    let count = try decoder.array()
    guard count == 2 || count == 3 else { throw .invalidValue }
    let options = Int(try small(&decoder))
    let isMultiple = try decoder.bool()
    var seconds: Int64?
    if count == 3 {
      seconds = try decoder.int()
      guard seconds! >= 0 else { throw .outOfRange }
    }
    return PollFacts(optionCount: options, isMultiple: isMultiple, secondsOpen: seconds)
  }

  private static func options(_ decoder: inout CBORDecoder) throws(CBORError) -> [Int] {
    let count = try decoder.array()
    guard count > 0 else { throw .notCanonical }
    var options: [Int] = []
    for _ in 0..<count { options.append(Int(try small(&decoder))) }
    return options
  }

  private static func moderation(
    _ number: UInt64, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Moderation {
    try fields.require(number, &decoder)
    guard let value = Moderation(rawValue: try small(&decoder)) else { throw .invalidValue }
    return value
  }

  private static func time(
    _ number: UInt64, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Instant? {
    try fields.take(number, &decoder) ? Instant(ms: try decoder.int()) : nil
  }

  /// A flag that is absent where it is false.
  private static func flag(
    _ number: UInt64, _ fields: inout FieldReader, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Bool {
    guard try fields.take(number, &decoder) else { return false }
    guard try decoder.bool() else { throw .notCanonical }
    return true
  }

  private static func small(_ decoder: inout CBORDecoder) throws(CBORError) -> UInt8 {
    guard let value = UInt8(exactly: try decoder.uint()) else { throw .outOfRange }
    return value
  }
}

extension CBORDecoder {
  /// A username as it is written: folded, as it is compared.
  package mutating func username() throws(CBORError) -> Username {
    let text = try text()
    guard let username = Username(text) else { throw .invalidValue }
    guard username.text == text else { throw .notCanonical }
    return username
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

  mutating func username(
    _ number: UInt64, _ decoder: inout CBORDecoder
  ) throws(CBORError) -> Username {
    try require(number, &decoder)
    return try decoder.username()
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
