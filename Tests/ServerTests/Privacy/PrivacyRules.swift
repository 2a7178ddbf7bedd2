/// Who may see what, written down from PROTOCOL.md and docs/decisions/0010 a second time, without
/// the rules of Domain: what the matrix is held against.

/// What a viewer is to an author.
enum Relation: String, CaseIterable, Sendable {
  case oneself, follower, friend, stranger, anonymous
  /// Would be friends, but for the block.
  case blocking, blockedBy
  /// Follows, and mutes.
  case mutingFollower, mutingFriend

  /// The name of the viewer's account.
  var username: String { "v_" + rawValue.lowercased() }
}

/// What has become of a post.
enum Fate: String, CaseIterable, Sendable {
  case draft, scheduled, published, story, underReview, removed, deleted, expired, erased
}

/// How somebody may come to see a post.
enum Path: String, CaseIterable, Sendable {
  case get, thread, home, list, timeline, tag, everybody, likes, shares, edits, quote, inbox,
    stories
  case bookmarks, trending, subscribeHome, subscribeTag, subscribeUser, subscribePublic
  case subscribePost
}

/// What a path gives.
enum Answer: String, Sendable {
  case shown
  /// Not there: left out of a list, or answered as what does not exist.
  case hidden
  /// Told that it is over.
  case gone
  /// Refused although it is seen: the caller knows of it.
  case refused
}

struct Cell: Sendable {
  var visibility: String
  var relation: Relation
  var fate: Fate
  var accountIsPrivate: Bool

  /// Whether the visibility of the post, once published, lets the viewer in.
  private var isAdmitted: Bool {
    switch relation {
    case .oneself: true
    case .blocking, .blockedBy: false
    case .anonymous, .stranger: visibility == "public" && !accountIsPrivate
    case .follower, .mutingFollower: visibility == "public" || visibility == "followers"
    case .friend, .mutingFriend: visibility != "private"
    }
  }

  private var isMuting: Bool { relation == .mutingFollower || relation == .mutingFriend }
  private var isFollowing: Bool {
    [.follower, .friend, .mutingFollower, .mutingFriend].contains(relation)
  }

  /// Asked for by its id.
  private var byID: Answer {
    switch fate {
    case .draft, .scheduled, .underReview, .removed: relation == .oneself ? .shown : .hidden
    case .published, .story: isAdmitted ? .shown : .hidden
    case .deleted: .hidden
    case .expired, .erased: isAdmitted ? .gone : .hidden
    }
  }

  private func listed(_ condition: Bool) -> Answer {
    fate == .published && isAdmitted && condition ? .shown : .hidden
  }

  /// Nil where nobody is left to ask.
  func expected(_ path: Path) -> Answer? {
    if fate == .erased, relation == .oneself { return nil }
    switch path {
    case .get, .thread, .likes, .shares, .edits, .subscribePost: return byID
    case .quote:
      guard relation != .anonymous else { return .refused }
      return byID == .shown && fate != .published ? .refused : byID
    // Not in the author's own: the posts mention somebody who blocks the author.
    case .home, .subscribeHome: return listed(isFollowing && !isMuting)
    case .list: return listed(relation != .anonymous && relation != .oneself && !isMuting)
    case .timeline, .subscribeUser, .trending: return listed(true)
    case .tag, .everybody, .subscribeTag, .subscribePublic: return listed(visibility == "public")
    case .bookmarks: return listed(relation != .anonymous)
    case .inbox:
      // Told at publication; taken back by deletion and by moderators; an end leaves the item.
      let wasTold = isAdmitted && !isMuting && relation != .oneself && relation != .anonymous
      let isThere = [.published, .story, .expired, .erased].contains(fate)
      return wasTold && isThere ? .shown : .hidden
    case .stories:
      let isSource = (relation == .oneself || isFollowing) && !isMuting
      return fate == .story && isAdmitted && isSource ? .shown : .hidden
    }
  }
}
