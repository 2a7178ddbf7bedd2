import Domain

/// What there is of people, and what they are told.
extension NaiveModel {
  struct Person: Equatable, Sendable {
    var id: UInt64
    var name: String
    var created: Int64
    var display: String?
    var bio: String?
    var avatar: String?
    var isPrivate = false
    var isVerified = false
    var isErased = false
    var messages = MessagePolicy.everyone
    /// Inbox causes up to this position are read.
    var readThrough: UInt64 = 0
    /// Each oldest first.
    var bookmarks: [UInt64] = []
    var pins: [UInt64] = []
    var media: [Medium] = []
    var tags: [String] = []
    var lists: [PeopleList] = []
    var tokens: [Token] = []
  }

  struct Medium: Equatable, Sendable {
    var id: UInt64
    var kind: MediaKind
    var url: String
    var alt: String?
  }

  struct PeopleList: Equatable, Sendable {
    var id: UInt64
    var title: String
    var members: [UInt64] = []
  }

  struct Token: Equatable, Sendable {
    var id: UInt64
    var scope: Scope
    var label: String?
    var created: Int64
    var expires: Int64?
  }

  struct Report: Equatable, Sendable {
    var id: UInt64
    var reporter: UInt64
    var person: UInt64
    var post: UInt64?
    var reason: String
    var time: Int64
    var isClosed = false
  }

  /// Something worth telling. Never removed while its post stands, so that doing it again does not
  /// notify again.
  struct Cause: Equatable, Sendable {
    var kind: String
    /// The post or chat; who asks, for a request; 0 for followings.
    var object: UInt64
    var actor: UInt64
    var position: UInt64
    var time: Int64
    var isActive = true
  }

  struct ItemRead: Equatable, Sendable {
    var kind: String
    var object: UInt64
    var through: UInt64
  }
}
