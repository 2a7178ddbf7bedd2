/// The name of an event kind and of its fields, for people and for JSON.
package struct EventSchema: Sendable {
  package enum Kind: String, Sendable {
    /// An identifier: an unsigned integer, a decimal string in JSON.
    case id
    /// An array of identifiers.
    case ids
    /// A journal position: an unsigned integer.
    case position
    /// Milliseconds since 1970: an integer.
    case time
    case flag
    case text
    case texts
    /// An unsigned integer: which sealed fields there are, the bit of field n is 2^n.
    case bits
    /// Bytes; hexadecimal in JSON.
    case bytes
    /// 0 public, 1 followers, 2 friends, 3 private.
    case visibility
    /// 0 everyone, 1 following, 2 none.
    case messages
    /// 0 read, 1 write, 2 service, 3 moderator, 4 admin.
    case scope
    /// An array of three ids: parent, parent_author, root.
    case reply
    /// An array of two ids: post, author.
    case quote
  }

  package struct Field: Sendable {
    package let number: UInt64
    package let name: String
    package let kind: Kind
  }

  package let name: String
  package let fields: [Field]

  init(_ name: String, _ fields: (UInt64, String, Kind)...) {
    self.name = name
    self.fields = fields.map { Field(number: $0.0, name: $0.1, kind: $0.2) }
  }
}

extension EventType {
  /// The one table of names and field numbers. docs/format.md and tools/journal.py repeat it, and
  /// tests compare them.
  package var schema: EventSchema { Self.schemas[Int(rawValue)]! }

  private static let schemas: [EventSchema?] = {
    var table = [EventSchema?](repeating: nil, count: 256)
    for type in allCases { table[Int(type.rawValue)] = makeSchema(of: type) }
    return table
  }()

  private static func makeSchema(of type: EventType) -> EventSchema {
    switch type {
    case .userSignedUp: .init("user.signed_up", (1, "username", .text), (2, "texts", .bits))
    case .userPasswordChanged: .init("user.password_changed")
    case .userProfileChanged:
      .init(
        "user.profile_changed", (1, "private", .flag), (2, "messages", .messages),
        (3, "texts", .bits))
    case .userTokenIssued:
      .init(
        "user.token_issued", (1, "token", .id), (2, "scope", .scope), (3, "expires", .time),
        (4, "hash", .bytes))
    case .userTokenRevoked: .init("user.token_revoked", (1, "token", .id))
    case .userFollowed: .init("user.followed", (1, "user", .id))
    case .userUnfollowed: .init("user.unfollowed", (1, "user", .id))
    case .userFollowRequested: .init("user.follow_requested", (1, "user", .id))
    case .userFollowRequestWithdrawn: .init("user.follow_request_withdrawn", (1, "user", .id))
    case .userFollowAccepted: .init("user.follow_accepted", (1, "user", .id))
    case .userFollowRejected: .init("user.follow_rejected", (1, "user", .id))
    case .userBlocked: .init("user.blocked", (1, "user", .id))
    case .userUnblocked: .init("user.unblocked", (1, "user", .id))
    case .userMuted: .init("user.muted", (1, "user", .id))
    case .userUnmuted: .init("user.unmuted", (1, "user", .id))
    case .userInboxRead: .init("user.inbox_read", (1, "through", .position))
    case .userInboxItemRead: .init("user.inbox_item_read", (1, "item", .position))
    case .userRequestAnswered: .init("user.request_answered")
    case .postPublished: postSchema("post.published")
    case .postDeleted: postSchema("post.deleted")
    case .postLiked: .init("post.liked", (1, "author", .id))
    case .postUnliked: .init("post.unliked", (1, "author", .id))
    case .postShared: .init("post.shared", (1, "share", .id), (2, "author", .id))
    case .postUnshared: .init("post.unshared", (1, "share", .id), (2, "author", .id))
    case .chatOpened: .init("chat.opened", (1, "direct", .flag), (2, "members", .ids))
    case .chatLeft: .init("chat.left")
    case .chatSaid: .init("chat.said", (1, "message", .id), (2, "reply", .id))
    case .chatRead: .init("chat.read", (1, "through", .id))
    case .tagReviewed: .init("tag.reviewed", (1, "trending_allowed", .flag))
    }
  }

  private static func postSchema(_ name: String) -> EventSchema {
    .init(
      name, (1, "author", .id), (2, "visibility", .visibility), (3, "reply", .reply),
      (4, "quote", .quote), (5, "tags", .texts), (6, "mentions", .ids))
  }
}
