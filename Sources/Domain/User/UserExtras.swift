/// What few people have: lists of people, bookmarks, pins, followed hashtags, open reports.
package struct UserExtras: Blank {
  /// In the order in which they were made: identifiers ascend.
  package var lists = IDMap<ListID, PeopleList>()
  package var bookmarks = MarkLog<PostID, NoPayload>()
  /// Posts on the own page, the oldest pin first.
  package var pins: ContiguousArray<PostID> = []
  /// In the order of following.
  package var tags: ContiguousArray<FollowedTag> = []
  /// Reports by this person that no moderator has closed.
  package var reports = IDSet<ReportID>()

  package init() {}
}

/// A list of people, for its owner's eyes.
package struct PeopleList: Equatable, Sendable {
  /// Where its sealed title lies.
  package var titlePosition: Position
  /// In the order of adding.
  package var members: ContiguousArray<UserID> = []

  package init(titlePosition: Position) { self.titlePosition = titlePosition }
}

/// A hashtag whose public posts come into somebody's home.
package struct FollowedTag: Equatable, Sendable {
  package var tag: Tag
  /// Of the event that began it; pages of followed hashtags are ordered by it.
  package var position: Position

  package init(tag: Tag, position: Position) {
    self.tag = tag
    self.position = position
  }
}

extension UserExtras {
  mutating func apply(_ event: UserEvent, _ record: Record) {
    switch event {
    case .listMade(let list):
      lists[list] = PeopleList(titlePosition: record.position)
    case .listDropped(let list):
      lists[list] = nil
    case .listAdded(let list, let user):
      lists[list]?.members.append(user)
    case .listRemoved(let list, let user):
      lists[list]?.members.removeAll { $0 == user }
    case .bookmarked(let post):
      bookmarks.append(post, at: record.position)
    case .unbookmarked(let post):
      bookmarks.remove(post)
    case .pinned(let post):
      pins.append(post)
    case .unpinned(let post):
      pins.removeAll { $0 == post }
    case .tagFollowed(let tag):
      tags.append(FollowedTag(tag: tag, position: record.position))
    case .tagUnfollowed(let tag):
      tags.removeAll { $0.tag == tag }
    case .reported(let report, _, _):
      reports.insert(report)
    case .reportClosed(let report):
      reports.remove(report)
    case .signedUp, .passwordChanged, .profileChanged, .tokenIssued, .tokenRevoked, .followed,
      .unfollowed, .followRequested, .followRequestWithdrawn, .followAccepted, .followRejected,
      .blocked, .unblocked, .muted, .unmuted, .inboxRead, .inboxItemRead, .requestAnswered,
      .erased, .verified, .mediaAdded:
      break
    }
  }
}

extension UserState {
  /// Which of these posts the person has bookmarked, in their order; empty if none at all.
  package func bookmarkMarks(on posts: [PostID]) -> [Bool] {
    guard own.extras.isStored else { return [] }
    let bookmarks = own.extras.value.bookmarks
    return bookmarks.isEmpty ? [] : posts.map { bookmarks.contains($0) }
  }
}
