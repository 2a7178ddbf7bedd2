import Domain

/// Posts and chats, with what hangs on them.
extension NaiveModel {
  struct Post: Equatable, Sendable {
    enum Stage: Equatable, Sendable { case draft, published, ended }

    var id: UInt64
    var author: UInt64
    var stage = Stage.published
    var facts: Facts
    var moderation = Moderation.none
    /// Of a draft, when it was begun; then when it was published.
    var time: Int64
    /// What lists are ordered by.
    var order: UInt64
    /// Earlier texts, oldest first.
    var versions: [Version] = []
    var editedAt: Int64?
    var likes: [Mark] = []
    var shares: [Mark] = []
    var reactions: [Reaction] = []
    var votes: [Vote] = []
    var viewers: [UInt64] = []
    /// What answers it and what quotes it, in the order of publication.
    var answers: [UInt64] = []
    var quotes: [UInt64] = []
    /// What counts for trends: since when it uses each tag, and since when it answers.
    var tagUses: [TagUse] = []
    var replyUse: Int64?
    var isPollClosed = false
  }

  /// What a post says, and whom it concerns.
  struct Facts: Equatable, Sendable {
    var text: String
    var visibility: Visibility
    var warning: String?
    var link: String?
    var parent: UInt64?
    var quote: UInt64?
    var tags: [String] = []
    var mentions: [UInt64] = []
    var media: [Medium] = []
    var poll: Poll?
    var isStory = false
    var scheduled: Int64?
  }

  struct Poll: Equatable, Sendable {
    var options: [String]
    var isMultiple: Bool
    var seconds: Int64?
  }

  struct Version: Equatable, Sendable {
    var text: String
    var warning: String?
    var link: String?
    var time: Int64
  }

  struct Mark: Equatable, Sendable {
    var person: UInt64
    var time: Int64
    /// Of a share, what it is ordered by; 0 for a like.
    var order: UInt64 = 0
  }

  struct Reaction: Equatable, Sendable {
    var person: UInt64
    var emoji: String
  }

  struct Vote: Equatable, Sendable {
    var person: UInt64
    var options: [Int]
  }

  struct TagUse: Equatable, Sendable {
    var tag: String
    var time: Int64
  }

  struct Chat: Equatable, Sendable {
    var id: UInt64
    var isDirect: Bool
    var title: String?
    /// Who gave the title: it goes with them.
    var titleAuthor: UInt64 = 0
    var opened: Int64
    var position: UInt64
    /// Who is in it, the longest first.
    var members: [UInt64]
    var admins: [UInt64] = []
    var stays: [Stay] = []
    var messages: [Message] = []
    var readMarks: [UInt64: UInt64] = [:]
  }

  /// What somebody was there for: everything after one position up to another.
  struct Stay: Equatable, Sendable {
    var person: UInt64
    var from: UInt64
    var through: UInt64 = .max
    /// What the chat was called when they left, and by whom.
    var title: String?
    var titleAuthor: UInt64 = 0
  }

  struct Message: Equatable, Sendable {
    var id: UInt64
    var author: UInt64
    var text: String
    var reply: UInt64?
    var media: [Medium]
    var time: Int64
    var position: UInt64
    var isUnsaid = false
  }
}
