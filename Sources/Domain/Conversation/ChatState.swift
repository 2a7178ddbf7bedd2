/// What can be asked of a chat. Whether people may write to each other at all (blocks, message
/// policies) is the caller's to check, by `mayMessage`.
package enum ChatCommand: Equatable, Sendable {
  /// `members` with the actor first, each once. Secret: title, for a group.
  case open(isDirect: Bool, members: [UserID], secret: Secret?)
  case leave
  /// `MessageID` is made in the same turn, so that ids ascend. Secret: text.
  case say(MessageID, reply: MessageID?, secret: Secret)
  case read(through: MessageID)
}

/// A chat: who takes part, what was said, and how far each has read.
///
/// - A direct chat has two members, or one who keeps notes, and lasts for ever: leaving it is
///   INVALID. Opening it again answers its id and changes nothing.
/// - Who never was a member is told that there is no such chat.
/// - Who left sees what was said until then and nothing after, may not speak, and leaves again
///   without effect.
/// - A chat remains, with its history, when all have left.
package struct ChatState: Entity {
  package typealias Command = ChatCommand

  package static let membersMax = 512

  package let id: ChatID
  package var sequence: UInt64 = 0
  package var isDirect = false
  package var opened = Instant(ms: 0)
  /// `Position.zero` if there is no title.
  package var titlePosition = Position.zero
  /// In order of joining; who left remains.
  package var members: [ChatMember] = []
  /// In the order in which they were said: ids and positions ascend.
  package var messages: ContiguousArray<ChatMessage> = []

  package init(key: EntityKey) {
    guard case .chat(let id) = key else { preconditionFailure("\(key) is not a chat") }
    self.id = id
  }

  package var isOpen: Bool { sequence > 0 }
}

/// One person's part in a chat.
package struct ChatMember: Equatable, Sendable {
  package let user: UserID
  package let joined: Position
  /// Nil while they take part.
  package var left: Position?
  /// The newest message that they have read; nil if none.
  package var readThrough: MessageID?
  /// How many of the chat's messages lie at or before the read mark.
  package var readCount = 0
  /// How many messages this person said in all.
  package var saidCount = 0
  /// How many of those lie at or before the read mark.
  package var saidReadCount = 0

  package init(user: UserID, joined: Position) {
    self.user = user
    self.joined = joined
  }
}

/// One message; its text is sealed at its position.
package struct ChatMessage: Equatable, Sendable {
  package let id: MessageID
  package let author: UserID
  package let position: Position
  package let time: Instant
  package let reply: MessageID?

  package init(
    id: MessageID, author: UserID, position: Position, time: Instant, reply: MessageID?
  ) {
    self.id = id
    self.author = author
    self.position = position
    self.time = time
    self.reply = reply
  }
}
