package import Domain
package import Journal
package import Projections

/// [sequence, direct, opened, titles, members, former members, messages, unsaid]
///
/// Which messages somebody said is not written: the messages tell.
extension ChatState: StateCoding {
  package static var kind: EntityKind { .chat }
  package static var foldVersion: UInt32 { 2 }
  private static let fieldCount = 8

  package static var shape: EntryShape {
    let member: EntryShape = .fields([
      "user": .user, "joined": .position, "left": .optional(.position),
      "earlier": .groups(["joined": .position, "left": .position]), "admin": .flag,
      "read_through": .optional(.message), "read": .number,
    ])
    return .fields([
      "events": .number, "direct": .flag, "opened": .time,
      "titles": .groups(["position": .position, "none": .flag]), "members": .each(member),
      "formers": .each(member),
      "messages": .each(
        .fields([
          "id": .message, "author": .user, "position": .position, "time": .time,
          "reply": .optional(.message), "media": mediaShape,
        ])),
      "unsaid": .groups(["message": .message, "position": .position]),
    ])
  }

  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.uint(sequence)
    encoder.bool(isDirect)
    encoder.instant(opened)
    encoder.array(titles.count * 2)
    for title in titles {
      encoder.position(title.position)
      encoder.bool(title.isNone)
    }
    encoder.array(members.count)
    for member in members { Self.encode(member, into: &encoder) }
    encoder.array(formers.count)
    for entry in formers.entries { Self.encode(entry.value, into: &encoder) }
    encoder.array(messages.count)
    for message in messages { Self.encode(message, into: &encoder) }
    encoder.array(unsaid.count * 2)
    for entry in unsaid.entries {
      encoder.id(entry.key)
      encoder.position(entry.value)
    }
  }

  package init(key: EntityKey, from decoder: inout CBORDecoder) throws(CBORError) {
    self.init(key: key)
    try decoder.array(of: Self.fieldCount)
    sequence = try decoder.uint()
    isDirect = try decoder.bool()
    opened = try decoder.instant()
    for _ in 0..<(try Self.pairCount(&decoder)) {
      titles.append(ChatTitle(position: try decoder.position(), isNone: try decoder.bool()))
    }
    for _ in 0..<(try decoder.array()) { members.append(try Self.member(&decoder)) }
    for _ in 0..<(try decoder.array()) {
      let former = try Self.member(&decoder)
      guard former.left != nil else { throw .invalidValue }
      formers[former.user] = former
    }
    let count = try decoder.array()
    messages.reserveCapacity(count)
    for _ in 0..<count {
      let message = try Self.message(&decoder)
      guard member(message.author) != nil else { throw .invalidValue }
      say(message)
    }
    for _ in 0..<(try Self.pairCount(&decoder)) {
      unsaid[try decoder.id()] = try decoder.position()
    }
  }

  private static func pairCount(_ decoder: inout CBORDecoder) throws(CBORError) -> Int {
    let count = try decoder.array()
    guard count % 2 == 0 else { throw .invalidValue }
    return count / 2
  }

  /// [user, joined, left, earlier stays, admin, read through, read count]
  private static func encode(_ member: ChatMember, into encoder: inout CBOREncoder) {
    encoder.array(7)
    encoder.id(member.user)
    encoder.position(member.joined)
    encoder.optional(member.left) { $0.position($1) }
    encoder.array(member.earlier.count * 2)
    for stay in member.earlier {
      encoder.position(stay.joined)
      encoder.position(stay.left)
    }
    encoder.bool(member.isAdmin)
    encoder.optional(member.readThrough) { $0.id($1) }
    encoder.uint(UInt64(member.readCount))
  }

  private static func member(_ decoder: inout CBORDecoder) throws(CBORError) -> ChatMember {
    try decoder.array(of: 7)
    var member = ChatMember(user: try decoder.id(), joined: try decoder.position())
    member.left = try decoder.optional { (decoder) throws(CBORError) in try decoder.position() }
    for _ in 0..<(try pairCount(&decoder)) {
      member.earlier.append(
        ChatStay(joined: try decoder.position(), left: try decoder.position()))
    }
    member.isAdmin = try decoder.bool()
    member.readThrough = try decoder.optional { (decoder) throws(CBORError) in try decoder.id() }
    member.readCount = try decoder.count()
    return member
  }

  /// [id, author, position, time, reply, media]
  private static func encode(_ message: ChatMessage, into encoder: inout CBOREncoder) {
    encoder.array(6)
    encoder.id(message.id)
    encoder.id(message.author)
    encoder.position(message.position)
    encoder.instant(message.time)
    encoder.optional(message.reply) { $0.id($1) }
    encoder.media(message.media)
  }

  private static func message(_ decoder: inout CBORDecoder) throws(CBORError) -> ChatMessage {
    try decoder.array(of: 6)
    return ChatMessage(
      id: try decoder.id(), author: try decoder.id(), position: try decoder.position(),
      time: try decoder.instant(),
      reply: try decoder.optional { (decoder) throws(CBORError) in try decoder.id() },
      media: try decoder.media())
  }
}
