package import Domain

/// The kinds of events by their number in the journal. Part of the format: never reuse a number,
/// never change a name. 1–39 belong to users, 40–69 to posts, 70–99 to chats, 100–119 to hashtags.
package enum EventType: UInt8, Sendable, CaseIterable {
  case userSignedUp = 1
  case userPasswordChanged = 2
  case userProfileChanged = 3
  case userTokenIssued = 4
  case userTokenRevoked = 5
  case userFollowed = 6
  case userUnfollowed = 7
  case userFollowRequested = 8
  case userFollowRequestWithdrawn = 9
  case userFollowAccepted = 10
  case userFollowRejected = 11
  case userBlocked = 12
  case userUnblocked = 13
  case userMuted = 14
  case userUnmuted = 15
  case userInboxRead = 16
  case userInboxItemRead = 17
  case userRequestAnswered = 18
  case userErased = 19
  case userVerified = 20
  case userBookmarked = 21
  case userUnbookmarked = 22
  case userPinned = 23
  case userUnpinned = 24
  case userMediaAdded = 25
  case userTagFollowed = 26
  case userTagUnfollowed = 27
  case userListMade = 28
  case userListDropped = 29
  case userListAdded = 30
  case userListRemoved = 31
  case userReported = 32
  case userReportClosed = 33
  case postPublished = 40
  case postDeleted = 41
  case postLiked = 42
  case postUnliked = 43
  case postShared = 44
  case postUnshared = 45
  case postDrafted = 46
  case postRedrafted = 47
  case postReleased = 48
  case postDiscarded = 49
  case postEdited = 50
  case postReacted = 51
  case postUnreacted = 52
  case postVoted = 53
  case postPollClosed = 54
  case postViewed = 55
  case postModerated = 56
  case chatOpened = 70
  case chatLeft = 71
  case chatSaid = 72
  case chatRead = 73
  case chatAdded = 74
  case chatRemoved = 75
  case chatRoleChanged = 76
  case chatTitled = 77
  case chatUnsaid = 78
  case tagReviewed = 100

  /// The newest version of events of this kind.
  package var version: UInt8 {
    if self == .postPublished { return 3 }
    return self == .postDeleted || self == .postShared || self == .chatSaid ? 2 : 1
  }

  /// Versions that are read and written no more: they are upcast.
  package var olderVersions: Range<UInt8> {
    if self == .postPublished { return 1..<3 }
    return self == .postShared ? 1..<2 : 1..<1
  }

  /// The version in which an event is written: of a kind whose versions differ only by the fields
  /// that there can be, the oldest that can say it; of any other, the newest.
  package static func version(of event: Event) -> UInt8 {
    switch event {
    case .post(.published): 3
    case .post(.deleted(let facts)): facts.isOfVersion1 ? 1 : 2
    case .post(.shared): 2
    case .chat(.said(_, _, let media)): media.isEmpty ? 1 : 2
    default: 1
    }
  }

  /// The oldest version whose fields are those that `EventCodec.spellOut` gives.
  package static func spelledOutVersion(of event: Event) -> UInt8 {
    switch event {
    case .post(.published(let facts)): facts.isOfVersion1 ? 1 : 2
    case .post(.shared): 1
    case .user, .post, .chat, .tag: version(of: event)
    }
  }

  package var name: String { schema.name }

  package init(_ event: Event) {
    switch event {
    case .user(let event): self.init(event)
    case .post(let event): self.init(event)
    case .chat(let event): self.init(event)
    case .tag(.reviewed): self = .tagReviewed
    }
  }

  private init(_ event: UserEvent) {
    self =
      switch event {
      case .signedUp: .userSignedUp
      case .passwordChanged: .userPasswordChanged
      case .profileChanged: .userProfileChanged
      case .tokenIssued: .userTokenIssued
      case .tokenRevoked: .userTokenRevoked
      case .followed: .userFollowed
      case .unfollowed: .userUnfollowed
      case .followRequested: .userFollowRequested
      case .followRequestWithdrawn: .userFollowRequestWithdrawn
      case .followAccepted: .userFollowAccepted
      case .followRejected: .userFollowRejected
      case .blocked: .userBlocked
      case .unblocked: .userUnblocked
      case .muted: .userMuted
      case .unmuted: .userUnmuted
      case .inboxRead: .userInboxRead
      case .inboxItemRead: .userInboxItemRead
      case .requestAnswered: .userRequestAnswered
      case .erased: .userErased
      case .verified: .userVerified
      case .bookmarked: .userBookmarked
      case .unbookmarked: .userUnbookmarked
      case .pinned: .userPinned
      case .unpinned: .userUnpinned
      case .mediaAdded: .userMediaAdded
      case .tagFollowed: .userTagFollowed
      case .tagUnfollowed: .userTagUnfollowed
      case .listMade: .userListMade
      case .listDropped: .userListDropped
      case .listAdded: .userListAdded
      case .listRemoved: .userListRemoved
      case .reported: .userReported
      case .reportClosed: .userReportClosed
      }
  }

  private init(_ event: PostEvent) {
    self =
      switch event {
      case .published: .postPublished
      case .deleted: .postDeleted
      case .liked: .postLiked
      case .unliked: .postUnliked
      case .shared: .postShared
      case .unshared: .postUnshared
      case .drafted: .postDrafted
      case .redrafted: .postRedrafted
      case .released: .postReleased
      case .discarded: .postDiscarded
      case .edited: .postEdited
      case .reacted: .postReacted
      case .unreacted: .postUnreacted
      case .voted: .postVoted
      case .pollClosed: .postPollClosed
      case .viewed: .postViewed
      case .moderated: .postModerated
      }
  }

  private init(_ event: ChatEvent) {
    self =
      switch event {
      case .opened: .chatOpened
      case .left: .chatLeft
      case .said: .chatSaid
      case .read: .chatRead
      case .added: .chatAdded
      case .removed: .chatRemoved
      case .roleChanged: .chatRoleChanged
      case .titled: .chatTitled
      case .unsaid: .chatUnsaid
      }
  }
}

extension PostFacts {
  /// Whether version 1 of the facts, which had fields 1 to 6, can say it.
  var isOfVersion1: Bool {
    media.isEmpty && poll == nil && !isStory && !hasLink && order == nil
  }
}
