internal import Domain

/// Something that events set and later events set anew: where it stands now is what the newest of
/// them says.
enum Subject: Hashable, Sendable {
  /// Whether the first follows the second.
  case follow(UserID, UserID)
  case block(by: UserID, UserID)
  case mute(by: UserID, UserID)
  case bookmark(UserID, PostID)
  case pin(UserID, PostID)
  case followedTag(UserID, Tag)
  case list(UserID, ListID)
  case listed(UserID, ListID, UserID)
  case verification(UserID)
  case token(UserID, TokenID)
  case report(ReportID)
  case post(PostID)
  case like(UserID, PostID)
  case share(UserID, PostID)
  case reaction(UserID, PostID)
  case moderation(PostID)
  case message(ChatID, MessageID)
  case member(ChatID, UserID)
  case admin(ChatID, UserID)
  case trending(Tag)
}

extension Subject {
  /// The post that it is about, if that must be there for it to change.
  var post: PostID? {
    switch self {
    case .bookmark(_, let post), .pin(_, let post), .like(_, let post), .share(_, let post),
      .reaction(_, let post), .moderation(let post):
      post
    case .follow, .block, .mute, .followedTag, .list, .listed, .verification, .token, .report,
      .post, .message, .member, .admin, .trending:
      nil
    }
  }

  /// Whether what has ended cannot begin again: then only its first and its last event count.
  var isOneWay: Bool {
    switch self {
    case .post, .message, .token, .list, .report: true
    case .follow, .block, .mute, .bookmark, .pin, .followedTag, .listed, .verification, .like,
      .share, .reaction, .moderation, .member, .admin, .trending:
      false
    }
  }
}

/// Where a subject stands.
enum Standing: Hashable, Sendable {
  /// As before any event: not followed, not liked, not there.
  case off
  case on
  /// A follow that waits for the owner's consent.
  case asked
  /// A reaction's emoji.
  case word(String)
  case moderated(Moderation)
}

/// What an event did, in terms of what can be undone.
enum Effect {
  /// These subjects stand so from then on; undone in this order.
  case sets([(Subject, Standing)])
  /// Nothing that anybody could see or that counts anywhere.
  case nothing
  /// No command takes it back: a sentence on what there is to do.
  case lasting(String)
}

extension Effect {
  /// Where an event leaves subjects, also where it cannot itself be undone.
  static func standings(after record: Record) -> [(Subject, Standing)] {
    if case .sets(let standings) = Effect(of: record) { return standings }
    guard case .chat(.opened(_, let members)) = record.event, case .chat(let chat) = record.entity
    else { return [] }
    return members.map { (.member(chat, $0), .on) } + [(.admin(chat, record.actor), .on)]
  }

  init(of record: Record) {
    switch record.event {
    case .user(let event):
      guard case .user(let owner) = record.entity else { preconditionFailure("a user's event") }
      self.init(event, of: owner, by: record.actor)
    case .post(let event):
      guard case .post(let post) = record.entity else { preconditionFailure("a post's event") }
      self.init(event, on: post, by: record.actor)
    case .chat(let event):
      guard case .chat(let chat) = record.entity else { preconditionFailure("a chat's event") }
      self.init(event, in: chat, by: record.actor)
    case .tag(.reviewed(let isAllowed)):
      guard case .tag(let tag) = record.entity else { preconditionFailure("a tag's event") }
      self = .sets([(.trending(tag), isAllowed ? .on : .off)])
    }
  }

  private init(_ event: UserEvent, of owner: UserID, by actor: UserID) {
    switch event {
    case .followed(let other), .followAccepted(let other):
      let isOwn = if case .followed = event { true } else { false }
      self = .sets([(isOwn ? .follow(actor, other) : .follow(other, actor), .on)])
    case .unfollowed(let other), .followRequestWithdrawn(let other):
      self = .sets([(.follow(actor, other), .off)])
    case .followRequested(let other): self = .sets([(.follow(actor, other), .asked)])
    case .followRejected(let other): self = .sets([(.follow(other, actor), .off)])
    case .blocked(let other):
      // A block ends the follows between the two.
      self = .sets([
        (.block(by: actor, other), .on), (.follow(actor, other), .off),
        (.follow(other, actor), .off),
      ])
    case .unblocked(let other): self = .sets([(.block(by: actor, other), .off)])
    case .muted(let other): self = .sets([(.mute(by: actor, other), .on)])
    case .unmuted(let other): self = .sets([(.mute(by: actor, other), .off)])
    case .bookmarked(let post): self = .sets([(.bookmark(actor, post), .on)])
    case .unbookmarked(let post): self = .sets([(.bookmark(actor, post), .off)])
    case .pinned(let post): self = .sets([(.pin(actor, post), .on)])
    case .unpinned(let post): self = .sets([(.pin(actor, post), .off)])
    case .tagFollowed(let tag): self = .sets([(.followedTag(actor, tag), .on)])
    case .tagUnfollowed(let tag): self = .sets([(.followedTag(actor, tag), .off)])
    case .listMade(let list): self = .sets([(.list(actor, list), .on)])
    case .listDropped(let list): self = .sets([(.list(actor, list), .off)])
    case .listAdded(let list, let user): self = .sets([(.listed(actor, list, user), .on)])
    case .listRemoved(let list, let user): self = .sets([(.listed(actor, list, user), .off)])
    case .tokenIssued(let token, _, _, _): self = .sets([(.token(actor, token), .on)])
    case .tokenRevoked(let token): self = .sets([(.token(actor, token), .off)])
    case .reported(let report, _, _): self = .sets([(.report(report), .on)])
    case .reportClosed(let report): self = .sets([(.report(report), .off)])
    case .verified(let isVerified):
      self = .sets([(.verification(owner), isVerified ? .on : .off)])
    case .requestAnswered, .mediaAdded, .inboxItemRead, .inboxRead: self = .nothing
    case .signedUp: self = .lasting("a person who signed up stays; they can ERASE themselves")
    case .passwordChanged: self = .lasting("the person must choose another password")
    case .profileChanged:
      self = .lasting(
        "set the profile again; roost replay --entity user:NAME --until shows how it was"
      )
    case .erased: self = .lasting("the key is destroyed; nothing brings the text back")
    }
  }

  private init(_ event: PostEvent, on post: PostID, by actor: UserID) {
    switch event {
    case .published, .drafted: self = .sets([(.post(post), .on)])
    case .deleted, .discarded: self = .sets([(.post(post), .off)])
    case .liked: self = .sets([(.like(actor, post), .on)])
    case .unliked: self = .sets([(.like(actor, post), .off)])
    case .shared: self = .sets([(.share(actor, post), .on)])
    case .unshared: self = .sets([(.share(actor, post), .off)])
    case .reacted(let emoji, _): self = .sets([(.reaction(actor, post), .word(emoji))])
    case .unreacted: self = .sets([(.reaction(actor, post), .off)])
    case .moderated(_, _, let to): self = .sets([(.moderation(post), .moderated(to))])
    case .released: self = .lasting("what was published stays so until it is deleted")
    case .redrafted, .edited:
      self = .lasting(
        "edit it again; roost replay --entity post:ID --until shows how it was")
    case .voted: self = .lasting("a vote stays")
    case .pollClosed: self = .lasting("a closed poll stays closed")
    case .viewed: self = .lasting("a view stays counted")
    }
  }

  private init(_ event: ChatEvent, in chat: ChatID, by actor: UserID) {
    switch event {
    case .said(let message, _, _): self = .sets([(.message(chat, message), .on)])
    case .unsaid(let message): self = .sets([(.message(chat, message), .off)])
    case .added(let users): self = .sets(users.map { (.member(chat, $0), .on) })
    case .removed(let user): self = .sets([(.member(chat, user), .off)])
    case .left: self = .sets([(.member(chat, actor), .off)])
    case .roleChanged(let user, let isAdmin):
      self = .sets([(.admin(chat, user), isAdmin ? .on : .off)])
    case .read: self = .nothing
    case .opened: self = .lasting("a chat stays open; its members can leave")
    case .titled: self = .lasting("set the title again")
    }
  }
}
