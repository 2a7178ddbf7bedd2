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
    /// An array of unsigned integers.
    case numbers
    /// 0 image, 1 video.
    case medium
    /// An array of arrays: id, medium, position.
    case media
    /// An array: options, whether several may be chosen, seconds that it is open (if it closes).
    case poll
    /// 0 none, 1 under_review, 2 removed.
    case moderation
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
    self.init(name, fields)
  }

  init(_ name: String, _ fields: [(UInt64, String, Kind)]) {
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
    switch type.entityKind {
    case .user: userSchema(of: type)
    case .post: postSchema(of: type)
    case .chat: chatSchema(of: type)
    case .tag: .init("tag.reviewed", (1, "trending_allowed", .flag))
    }
  }

  private static func userSchema(of type: EventType) -> EventSchema {
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
    case .userErased: .init("user.erased")
    case .userVerified: .init("user.verified", (1, "verified", .flag))
    case .userBookmarked: .init("user.bookmarked", (1, "post", .id))
    case .userUnbookmarked: .init("user.unbookmarked", (1, "post", .id))
    case .userPinned: .init("user.pinned", (1, "post", .id))
    case .userUnpinned: .init("user.unpinned", (1, "post", .id))
    case .userMediaAdded: .init("user.media_added", (1, "media", .id), (2, "kind", .medium))
    case .userTagFollowed: .init("user.tag_followed", (1, "tag", .text))
    case .userTagUnfollowed: .init("user.tag_unfollowed", (1, "tag", .text))
    case .userListMade: .init("user.list_made", (1, "list", .id))
    case .userListDropped: .init("user.list_dropped", (1, "list", .id))
    case .userListAdded: .init("user.list_added", (1, "list", .id), (2, "user", .id))
    case .userListRemoved: .init("user.list_removed", (1, "list", .id), (2, "user", .id))
    case .userReported:
      .init("user.reported", (1, "report", .id), (2, "user", .id), (3, "post", .id))
    case .userReportClosed: .init("user.report_closed", (1, "report", .id))
    default: preconditionFailure("\(type) is no user's event")
    }
  }

  private static func postSchema(of type: EventType) -> EventSchema {
    switch type {
    case .postPublished: factsSchema("post.published")
    case .postDeleted: factsSchema("post.deleted")
    case .postDrafted: factsSchema("post.drafted", (11, "scheduled", .time))
    case .postRedrafted: factsSchema("post.redrafted", (11, "scheduled", .time))
    case .postReleased: factsSchema("post.released")
    case .postDiscarded: .init("post.discarded")
    case .postEdited:
      factsSchema(
        "post.edited", (13, "removed_tags", .texts), (14, "removed_mentions", .ids),
        (17, "added_tags", .texts), (18, "added_mentions", .ids))
    case .postReacted: .init("post.reacted", (1, "author", .id), (2, "emoji", .text))
    case .postUnreacted: .init("post.unreacted", (1, "author", .id))
    case .postVoted: .init("post.voted", (1, "author", .id), (2, "options", .numbers))
    case .postPollClosed: .init("post.poll_closed", (1, "author", .id))
    case .postViewed: .init("post.viewed", (1, "author", .id))
    case .postModerated:
      factsSchema("post.moderated", (15, "from", .moderation), (16, "to", .moderation))
    case .postLiked: .init("post.liked", (1, "author", .id))
    case .postUnliked: .init("post.unliked", (1, "author", .id))
    case .postShared: .init("post.shared", (1, "share", .id), (2, "author", .id))
    case .postUnshared: .init("post.unshared", (1, "share", .id), (2, "author", .id))
    default: preconditionFailure("\(type) is no post's event")
    }
  }

  private static func chatSchema(of type: EventType) -> EventSchema {
    switch type {
    case .chatOpened: .init("chat.opened", (1, "direct", .flag), (2, "members", .ids))
    case .chatLeft: .init("chat.left")
    case .chatSaid: .init("chat.said", (1, "message", .id), (2, "reply", .id), (3, "media", .media))
    case .chatRead: .init("chat.read", (1, "through", .id))
    case .chatAdded: .init("chat.added", (1, "members", .ids))
    case .chatRemoved: .init("chat.removed", (1, "user", .id))
    case .chatRoleChanged: .init("chat.role_changed", (1, "user", .id), (2, "admin", .flag))
    case .chatTitled: .init("chat.titled")
    case .chatUnsaid: .init("chat.unsaid", (1, "message", .id))
    default: preconditionFailure("\(type) is no chat's event")
    }
  }

  /// What a post's facts are stored as, and what else the event has.
  private static func factsSchema(
    _ name: String, _ more: (UInt64, String, EventSchema.Kind)...
  ) -> EventSchema {
    .init(
      name,
      ([
        (1, "author", .id), (2, "visibility", .visibility), (3, "reply", .reply),
        (4, "quote", .quote), (5, "tags", .texts), (6, "mentions", .ids), (7, "media", .media),
        (8, "poll", .poll), (9, "story", .flag), (10, "link", .flag), (12, "order", .id),
      ] + more).sorted { $0.0 < $1.0 })
  }
}
