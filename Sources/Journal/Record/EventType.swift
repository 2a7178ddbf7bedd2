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
  case postPublished = 40
  case postDeleted = 41
  case postLiked = 42
  case postUnliked = 43
  case postShared = 44
  case postUnshared = 45
  case chatOpened = 70
  case chatLeft = 71
  case chatSaid = 72
  case chatRead = 73
  case tagReviewed = 100

  /// The version in which events of this kind are written today.
  package var version: UInt8 { 1 }

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
      }
  }

  private init(_ event: ChatEvent) {
    self =
      switch event {
      case .opened: .chatOpened
      case .left: .chatLeft
      case .said: .chatSaid
      case .read: .chatRead
      }
  }
}
