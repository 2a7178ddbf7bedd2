/// What can be asked of a chat. Whether people may write to each other at all (blocks, message
/// policies) is the caller's to check, by `mayMessage`; that media are the author's own, too.
package enum ChatCommand: Equatable, Sendable {
  /// `members` with the actor first, each once. Secret: title, for a group.
  case open(isDirect: Bool, members: [UserID], secret: Secret?)
  case add(UserID)
  case remove(UserID)
  case leave
  case setRole(UserID, isAdmin: Bool)
  /// Secret: title; nil takes it away.
  case setTitle(Secret?)
  /// `MessageID` is made in the same turn, so that ids ascend. Secret: text.
  case say(MessageID, reply: MessageID?, media: [MediaReference] = [], secret: Secret)
  case unsay(MessageID)
  case read(through: MessageID)
}

/// A chat: who takes part, what was said, and how far each has read.
///
/// - A direct chat has two members, or one who keeps notes, and lasts for ever: nobody leaves it,
///   and nobody joins. Opening it again answers its id and changes nothing.
/// - Who never was a member is told that there is no such chat.
/// - Who opens a group is its admin. Admins add, remove, give roles and titles. A group with
///   members always has an admin: when the last one leaves or is removed, the member who joined
///   first becomes one; the last one cannot be made a mere member.
/// - Who left reads what was said until then and nothing after, may not speak, and leaves again
///   without effect. Who left and was added again reads what was said in both times and nothing
///   between, and is a mere member.
/// - A chat remains, with its history, when all have left.
///
/// Journals from before there were roles say nothing of admins, nor who followed the last one. The
/// fold makes the opener admin and promotes by itself, so that their groups have admins too; the
/// event that now says so is for those who listen.
package struct ChatState: Entity {
  package typealias Command = ChatCommand

  /// Who take part at the same time.
  package static let membersMax = 512

  package let id: ChatID
  package var sequence: UInt64 = 0
  package var isDirect = false
  package var opened = Instant(ms: 0)
  /// Every title that there was, oldest first.
  package var titles: [ChatTitle] = []
  /// Who take part, in order of joining.
  package var members: [ChatMember] = []
  /// Who took part once.
  package var formers = IDMap<UserID, ChatMember>()
  /// In the order in which they were said: ids and positions ascend.
  package var messages: ContiguousArray<ChatMessage> = []
  /// Messages that are shown without what they said; with the position from which on.
  package var unsaid = IDMap<MessageID, Position>()

  package init(key: EntityKey) {
    guard case .chat(let id) = key else { preconditionFailure("\(key) is not a chat") }
    self.id = id
  }

  package var isOpen: Bool { sequence > 0 }
}

/// A title, from an event on.
package struct ChatTitle: Equatable, Sendable {
  package let position: Position
  /// Whether the event took the title away; otherwise the title is sealed at its position.
  package let isNone: Bool

  package init(position: Position, isNone: Bool) {
    self.position = position
    self.isNone = isNone
  }
}

/// A time in which a person took part.
package struct ChatStay: Equatable, Sendable {
  package let joined: Position
  package let left: Position

  package init(joined: Position, left: Position) {
    self.joined = joined
    self.left = left
  }
}

/// One person's part in a chat.
package struct ChatMember: Equatable, Sendable {
  package let user: UserID
  /// Of the present stay, or else of the last one.
  package var joined: Position
  /// Nil while they take part.
  package var left: Position?
  /// Before the stay that began at `joined`, oldest first; almost always none.
  package var earlier: [ChatStay] = []
  package var isAdmin = false
  /// The newest message that they have read; nil if none.
  package var readThrough: MessageID?
  /// How many of the chat's messages lie at or before the read mark.
  package var readCount = 0
  /// Where in the chat's messages those are that this person said, ascending.
  package var said: ContiguousArray<UInt32> = []

  package init(user: UserID, joined: Position) {
    self.user = user
    self.joined = joined
  }
}

/// One message; its text is sealed at its position.
package struct ChatMessage: Hashable, Sendable {
  package let id: MessageID
  package let author: UserID
  package let position: Position
  package let time: Instant
  package let reply: MessageID?
  package let media: [MediaReference]

  package init(
    id: MessageID, author: UserID, position: Position, time: Instant, reply: MessageID?,
    media: [MediaReference]
  ) {
    self.id = id
    self.author = author
    self.position = position
    self.time = time
    self.reply = reply
    self.media = media
  }
}
