package import Domain
package import Journal

/// [sequence, direct, opened, title position, members, messages]
extension ChatState: StateCoding {
  package static var kind: EntityKind { .chat }
  package static var foldVersion: UInt32 { 1 }
  private static let fieldCount = 6

  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.uint(sequence)
    encoder.bool(isDirect)
    encoder.instant(opened)
    encoder.position(titlePosition)
    encoder.array(members.count)
    for member in members {
      encoder.array(7)
      encoder.id(member.user)
      encoder.position(member.joined)
      encoder.optional(member.left) { $0.position($1) }
      encoder.optional(member.readThrough) { $0.id($1) }
      encoder.uint(UInt64(member.readCount))
      encoder.uint(UInt64(member.saidCount))
      encoder.uint(UInt64(member.saidReadCount))
    }
    encoder.array(messages.count)
    for message in messages {
      encoder.array(5)
      encoder.id(message.id)
      encoder.id(message.author)
      encoder.position(message.position)
      encoder.instant(message.time)
      encoder.optional(message.reply) { $0.id($1) }
    }
  }

  package init(key: EntityKey, from decoder: inout CBORDecoder) throws(CBORError) {
    self.init(key: key)
    try decoder.array(of: Self.fieldCount)
    sequence = try decoder.uint()
    isDirect = try decoder.bool()
    opened = try decoder.instant()
    titlePosition = try decoder.position()
    for _ in 0..<(try decoder.array()) { members.append(try Self.member(&decoder)) }
    let count = try decoder.array()
    messages.reserveCapacity(count)
    for _ in 0..<count { messages.append(try Self.message(&decoder)) }
  }

  private static func member(_ decoder: inout CBORDecoder) throws(CBORError) -> ChatMember {
    try decoder.array(of: 7)
    var member = ChatMember(user: try decoder.id(), joined: try decoder.position())
    member.left = try decoder.optional { (decoder) throws(CBORError) in try decoder.position() }
    member.readThrough = try decoder.optional { (decoder) throws(CBORError) in try decoder.id() }
    member.readCount = try decoder.count()
    member.saidCount = try decoder.count()
    member.saidReadCount = try decoder.count()
    return member
  }

  private static func message(_ decoder: inout CBORDecoder) throws(CBORError) -> ChatMessage {
    try decoder.array(of: 5)
    return ChatMessage(
      id: try decoder.id(), author: try decoder.id(), position: try decoder.position(),
      time: try decoder.instant(),
      reply: try decoder.optional { (decoder) throws(CBORError) in try decoder.id() })
  }
}
