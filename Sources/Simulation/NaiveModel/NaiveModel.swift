import Domain

/// Roost as PROTOCOL.md defines it, in lists and full scans: slow, short, and with nothing of the
/// engine in it but the types of its events.
///
/// Every question is answered from what happened, not from anything kept up to date beside it.
struct NaiveModel: Sendable {
  struct Person: Equatable, Sendable {
    var id: UInt64
    var name: String
    var created: Int64
    var display: String?
    var isPrivate = false
    var messages = MessagePolicy.everyone
    /// Inbox causes up to this position are read.
    var readThrough: UInt64 = 0
  }

  struct Pair: Equatable, Sendable {
    var from: UInt64
    var to: UInt64
  }

  struct Post: Equatable, Sendable {
    var id: UInt64
    var author: UInt64
    var text: String
    var visibility: Visibility
    var parent: UInt64?
    var quote: UInt64?
    var tags: [String]
    var mentions: [UInt64]
    var time: Int64
    var isDeleted = false
    /// Whether it counts for trends: public, by an account that was not private then.
    var trends: Bool
  }

  struct Mark: Equatable, Sendable {
    var post: UInt64
    var person: UInt64
    var time: Int64
    /// Of a share; 0 for a like.
    var id: UInt64 = 0
  }

  struct Chat: Equatable, Sendable {
    var id: UInt64
    var isDirect: Bool
    var members: [UInt64]
    var title: String?
    var opened: Int64
    var position: UInt64
  }

  struct Message: Equatable, Sendable {
    var id: UInt64
    var chat: UInt64
    var author: UInt64
    var text: String
    var reply: UInt64?
    var time: Int64
    var position: UInt64
  }

  /// Something worth telling. Never removed while its post stands, so that doing it again does not
  /// notify again.
  struct Cause: Equatable, Sendable {
    var owner: UInt64
    var kind: String
    /// The post; who asks, for a request; 0 for followings.
    var object: UInt64
    var actor: UInt64
    var position: UInt64
    var time: Int64
    var isActive = true
  }

  var position: UInt64 = 0
  var firstTime: Int64?
  var people: [Person] = []
  /// In the order of following.
  var follows: [Pair] = []
  /// In the order of asking.
  var requests: [Pair] = []
  var blocks: [Pair] = []
  var mutes: [Pair] = []
  /// Who once answered whom (accepting or rejecting) and did not block them since.
  var answered: [Pair] = []
  var posts: [Post] = []
  var likes: [Mark] = []
  var shares: [Mark] = []
  var chats: [Chat] = []
  var left: [(chat: UInt64, person: UInt64, position: UInt64)] = []
  var messages: [Message] = []
  var readMarks: [(chat: UInt64, person: UInt64, message: UInt64)] = []
  var causes: [Cause] = []
  /// Items read one by one: everything of the item with the cause, up to a position.
  var itemsRead: [(owner: UInt64, kind: String, object: UInt64, through: UInt64)] = []

  init() {}

  // MARK: Looking up

  func person(_ id: UInt64) -> Person? { people.first { $0.id == id } }
  func person(named name: String) -> Person? { people.first { $0.name == name } }
  func name(_ id: UInt64) -> String { person(id)?.name ?? "" }
  func post(_ id: UInt64) -> Post? { posts.first { $0.id == id } }
  func chat(_ id: UInt64) -> Chat? { chats.first { $0.id == id } }

  func follows(_ from: UInt64, _ to: UInt64) -> Bool { follows.contains(Pair(from: from, to: to)) }
  func blocks(_ from: UInt64, _ to: UInt64) -> Bool { blocks.contains(Pair(from: from, to: to)) }
  func mutes(_ from: UInt64, _ to: UInt64) -> Bool { mutes.contains(Pair(from: from, to: to)) }
  func isBlocked(_ one: UInt64, _ other: UInt64) -> Bool {
    blocks(one, other) || blocks(other, one)
  }

  /// Whether the viewer wants, or may have, nothing of the other.
  func isHidden(_ other: UInt64, from viewer: UInt64) -> Bool {
    other != viewer && (isBlocked(viewer, other) || mutes(viewer, other))
  }

  func maySee(_ post: Post, _ viewer: UInt64?) -> Bool {
    if post.isDeleted { return false }
    guard let viewer else {
      return post.visibility == .public && person(post.author)?.isPrivate == false
    }
    if viewer == post.author { return true }
    if isBlocked(viewer, post.author) { return false }
    let follows = follows(viewer, post.author)
    switch post.visibility {
    case .public: return follows || person(post.author)?.isPrivate == false
    case .followers: return follows
    case .friends: return follows && self.follows(post.author, viewer)
    case .private: return false
    }
  }
}
