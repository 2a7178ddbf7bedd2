import Domain
import Journal

/// Events of every kind with every optional field present and absent.
struct EventMaker {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func raw() -> UInt64 {
    // Small, middling and large, so that every width of integer occurs.
    UInt64.random(in: 1..<(1 << 63), using: &generator)
      >> UInt64.random(in: 0..<62, using: &generator)
  }

  mutating func flag() -> Bool { Bool.random(using: &generator) }
  mutating func user() -> UserID { UserID(raw()) }
  mutating func users() -> [UserID] {
    (0..<Int.random(in: 0..<4, using: &generator)).map { _ in user() }
  }

  mutating func facts(by author: UserID? = nil, order: ShareID? = nil) -> PostFacts {
    PostFacts(
      author: author ?? user(), visibility: Visibility.allCases.randomElement(using: &generator)!,
      reply: flag()
        ? ReplyReference(parent: PostID(raw()), parentAuthor: user(), root: PostID(raw())) : nil,
      quote: flag() ? QuoteReference(post: PostID(raw()), author: user()) : nil,
      tags: flag() ? [Tag(folded: "higgs"), Tag(folded: "日本語_\(raw())")] : [],
      mentions: users(), media: media(),
      poll: flag()
        ? PollFacts(
          optionCount: 2 + Int(raw() % 9), isMultiple: flag(),
          secondsOpen: flag() ? Int64(raw()) : nil) : nil,
      isStory: flag(), hasLink: flag(), order: order)
  }

  mutating func media() -> [MediaReference] {
    (0..<Int.random(in: 0..<3, using: &generator)).map { _ in
      MediaReference(
        id: MediaID(raw()), kind: flag() ? .image : .video, position: Position(raw()))
    }
  }

  mutating func tag() -> Tag { Tag(folded: "tag\(raw())") }

  /// `actor` is the author of what is published.
  mutating func event(of type: EventType, by actor: UserID) -> Event {
    switch type {
    case .userSignedUp:
      .user(
        .signedUp(
          username: Username("u\(raw() % 1_000_000)00")!, fields: flag() ? [.name, .email] : []))
    case .userPasswordChanged: .user(.passwordChanged)
    case .userProfileChanged:
      .user(
        .profileChanged(
          isPrivate: flag() ? flag() : nil,
          messages: flag() ? MessagePolicy.allCases.randomElement(using: &generator) : nil,
          fields: flag() ? [.bio] : []))
    case .userTokenIssued:
      .user(
        .tokenIssued(
          TokenID(raw()), scope: Scope.allCases.randomElement(using: &generator)!,
          expires: flag() ? Instant(ms: Int64(raw()) * (flag() ? 1 : -1)) : nil,
          hash: (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }))
    case .userTokenRevoked: .user(.tokenRevoked(TokenID(raw())))
    case .userFollowed: .user(.followed(user()))
    case .userUnfollowed: .user(.unfollowed(user()))
    case .userFollowRequested: .user(.followRequested(user()))
    case .userFollowRequestWithdrawn: .user(.followRequestWithdrawn(user()))
    case .userFollowAccepted: .user(.followAccepted(user()))
    case .userFollowRejected: .user(.followRejected(user()))
    case .userBlocked: .user(.blocked(user()))
    case .userUnblocked: .user(.unblocked(user()))
    case .userMuted: .user(.muted(user()))
    case .userUnmuted: .user(.unmuted(user()))
    case .userInboxRead: .user(.inboxRead(through: Position(raw())))
    case .userInboxItemRead: .user(.inboxItemRead(Position(raw())))
    case .userRequestAnswered: .user(.requestAnswered)
    case .postPublished: .post(.published(facts(by: actor)))
    case .postDeleted: .post(.deleted(facts(order: flag() ? ShareID(raw()) : nil)))
    case .postLiked: .post(.liked(author: user()))
    case .postUnliked: .post(.unliked(author: user()))
    case .postShared: .post(.shared(ShareID(raw()), author: user()))
    case .postUnshared: .post(.unshared(ShareID(raw()), author: user()))
    case .chatOpened: .chat(.opened(isDirect: flag(), members: users()))
    case .chatLeft: .chat(.left)
    case .chatSaid:
      .chat(.said(MessageID(raw()), reply: flag() ? MessageID(raw()) : nil, media: media()))
    case .chatRead: .chat(.read(through: MessageID(raw())))
    case .tagReviewed: .tag(.reviewed(trendingAllowed: flag()))
    default: laterEvent(of: type)
    }
  }

  private mutating func laterEvent(of type: EventType) -> Event {
    switch type {
    case .userErased: .user(.erased)
    case .userVerified: .user(.verified(flag()))
    case .userBookmarked: .user(.bookmarked(PostID(raw())))
    case .userUnbookmarked: .user(.unbookmarked(PostID(raw())))
    case .userPinned: .user(.pinned(PostID(raw())))
    case .userUnpinned: .user(.unpinned(PostID(raw())))
    case .userMediaAdded: .user(.mediaAdded(MediaID(raw()), flag() ? .image : .video))
    case .userTagFollowed: .user(.tagFollowed(tag()))
    case .userTagUnfollowed: .user(.tagUnfollowed(tag()))
    case .userListMade: .user(.listMade(ListID(raw())))
    case .userListDropped: .user(.listDropped(ListID(raw())))
    case .userListAdded: .user(.listAdded(ListID(raw()), user()))
    case .userListRemoved: .user(.listRemoved(ListID(raw()), user()))
    case .userReported: .user(.reported(ReportID(raw()), user(), flag() ? PostID(raw()) : nil))
    case .userReportClosed: .user(.reportClosed(ReportID(raw())))
    case .postDrafted: .post(.drafted(facts(), scheduled: flag() ? Instant(ms: 5) : nil))
    case .postRedrafted: .post(.redrafted(facts(), scheduled: flag() ? Instant(ms: 6) : nil))
    case .postReleased: .post(.released(facts(order: ShareID(raw()))))
    case .postDiscarded: .post(.discarded)
    case .postEdited:
      .post(
        .edited(
          facts(order: flag() ? ShareID(raw()) : nil),
          PostRevision(
            addedTags: flag() ? [tag()] : [], removedTags: flag() ? [tag()] : [],
            addedMentions: users(), removedMentions: users())))
    case .postReacted: .post(.reacted("👋", author: user()))
    case .postUnreacted: .post(.unreacted(author: user()))
    case .postVoted: .post(.voted(flag() ? [0] : [1, 3], author: user()))
    case .postPollClosed: .post(.pollClosed(author: user()))
    case .postViewed: .post(.viewed(author: user()))
    case .postModerated:
      .post(
        .moderated(
          facts(), from: Moderation.allCases.randomElement(using: &generator)!,
          to: Moderation.allCases.randomElement(using: &generator)!))
    case .chatAdded: .chat(.added(users()))
    case .chatRemoved: .chat(.removed(user()))
    case .chatRoleChanged: .chat(.roleChanged(user(), isAdmin: flag()))
    case .chatTitled: .chat(.titled)
    case .chatUnsaid: .chat(.unsaid(MessageID(raw())))
    default: preconditionFailure("there is no event of type \(type)")
    }
  }

  mutating func anyType() -> EventType { EventType.allCases.randomElement(using: &generator)! }

  /// The entity that owns an event of this kind.
  mutating func entity(for type: EventType) -> EntityKey {
    switch type.rawValue {
    case 1...39: .user(user())
    case 40...69: .post(PostID(raw()))
    case 70...99: .chat(ChatID(raw()))
    default: .tag(Tag(folded: "tag\(raw())"))
    }
  }

  mutating func secret() -> Secret? {
    guard flag() else { return nil }
    var fields: [Secret.Field: String] = [:]
    for field in Secret.Field.allCases where flag() {
      fields[field] = String(repeating: "Grüße 👋 ", count: Int(raw() % 8))
    }
    return Secret(fields)
  }
}
