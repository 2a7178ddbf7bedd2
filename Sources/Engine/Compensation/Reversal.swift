internal import Domain

/// The commands that bring a subject from where it stands to where it stood.
enum Reversal {
  enum Word {
    case text(String)
    case name(UserID)
  }

  struct Command {
    var words: [Word]
    /// Whose command it is; nil for an admin's or a moderator's.
    var user: UserID?
  }

  /// In this order.
  case commands([Command])
  case lasting(String)

  private static func command(_ words: [Word], as user: UserID?) -> Reversal {
    .commands([Command(words: words, user: user)])
  }

  /// - Parameter actor: who set it last: in a chat, somebody who may.
  /// - Parameter isPrivate: whether somebody's account is private now.
  init(
    of subject: Subject, from now: Standing, to before: Standing, by actor: UserID,
    isPrivate: (UserID) -> Bool
  ) {
    let isOn = before != .off
    switch subject {
    case .follow(let follower, let followed):
      self = Self.follow(follower, followed, from: now, to: before, isPrivate(followed))
    case .block(let blocker, let blocked):
      self = Self.command([.text(isOn ? "BLOCK" : "UNBLOCK"), .name(blocked)], as: blocker)
    case .mute(let muter, let muted):
      self = Self.command([.text(isOn ? "MUTE" : "UNMUTE"), .name(muted)], as: muter)
    case .bookmark(let user, let post):
      self = Self.mark("BOOKMARK", "UNBOOKMARK", isOn, post, user)
    case .pin(let user, let post): self = Self.mark("PIN", "UNPIN", isOn, post, user)
    case .like(let user, let post): self = Self.mark("LIKE", "UNLIKE", isOn, post, user)
    case .share(let user, let post): self = Self.mark("SHARE", "UNSHARE", isOn, post, user)
    case .reaction(let user, let post):
      if case .word(let emoji) = before {
        self = Self.command([.text("REACT"), .text("\(post)"), .text(emoji)], as: user)
      } else {
        self = Self.command([.text("UNREACT"), .text("\(post)")], as: user)
      }
    case .followedTag(let user, let tag):
      self = Self.command(
        [.text("HASHTAG"), .text(isOn ? "FOLLOW" : "UNFOLLOW"), .text(tag.text)], as: user)
    case .list(let user, let list):
      self =
        isOn
        ? .lasting("a list that was dropped must be made again")
        : Self.command([.text("LIST"), .text("DROP"), .text("\(list)")], as: user)
    case .listed(let user, let list, let member):
      let verb = isOn ? "ADD" : "REMOVE"
      self = Self.command(
        [.text("LIST"), .text(verb), .text("\(list)"), .name(member)], as: user)
    case .verification(let user):
      self = Self.command([.text("VERIFY"), .name(user), .text(isOn ? "on" : "off")], as: nil)
    case .token(let user, let token):
      self =
        isOn
        ? .lasting("a token that was revoked stays so; the person must log in again")
        : Self.command([.text("TOKEN"), .text("REVOKE"), .text("\(token)")], as: user)
    case .report(let report):
      self =
        isOn
        ? .lasting("a report that was closed stays so")
        : Self.command([.text("REPORTS"), .text("CLOSE"), .text("\(report)")], as: nil)
    case .post(let post):
      self =
        isOn
        ? .lasting("a post that was deleted stays so; its text is in the journal")
        : Self.command([.text("DELETE"), .text("\(post)")], as: actor)
    case .moderation(let post): self = Self.moderate(post, back: before)
    case .message(let chat, let message):
      self =
        isOn
        ? .lasting("a message that was taken back stays so")
        : Self.command([.text("UNSAY"), .text("\(chat)"), .text("\(message)")], as: actor)
    case .member(let chat, let user): self = Self.membership(of: user, in: chat, isOn, actor)
    case .admin(let chat, let user): self = Self.role(of: user, in: chat, isOn, actor)
    case .trending(let tag):
      self = Self.command(
        [.text("HASHTAG"), .text("REVIEW"), .text(tag.text), .text(isOn ? "allow" : "deny")],
        as: nil)
    }
  }

  /// Who was let in by a private account is let in again by it; who only asked asks again.
  private static func follow(
    _ follower: UserID, _ followed: UserID, from now: Standing, to before: Standing,
    _ isPrivate: Bool
  ) -> Reversal {
    let unfollow = Command(words: [.text("UNFOLLOW"), .name(followed)], user: follower)
    let follow = Command(words: [.text("FOLLOW"), .name(followed)], user: follower)
    let accept = Command(words: [.text("ACCEPT"), .name(follower)], user: followed)
    switch before {
    case .on where isPrivate: return .commands(now == .asked ? [accept] : [follow, accept])
    case .on: return .commands([follow])
    case .asked where !isPrivate:
      return .lasting("a request to follow cannot wait: the account is not private any more")
    case .asked: return .commands(now == .on ? [unfollow, follow] : [follow])
    case .off, .word, .moderated: return .commands([unfollow])
    }
  }

  private static func moderate(_ post: PostID, back before: Standing) -> Reversal {
    let verb =
      switch before {
      case .moderated(.underReview): "review"
      case .moderated(.removed): "remove"
      case .moderated(.none), .off, .on, .asked, .word: "restore"
      }
    return command([.text("MODERATE"), .text("\(post)"), .text(verb)], as: nil)
  }

  private static func mark(
    _ on: String, _ off: String, _ isOn: Bool, _ post: PostID, _ user: UserID
  ) -> Reversal {
    command([.text(isOn ? on : off), .text("\(post)")], as: user)
  }

  private static func membership(
    of user: UserID, in chat: ChatID, _ isOn: Bool, _ actor: UserID
  ) -> Reversal {
    guard user != actor else {
      return .lasting("who left a chat must be added again by an admin of the chat")
    }
    let verb = Word.text(isOn ? "ADD" : "REMOVE")
    return command([.text("CHAT"), verb, .text("\(chat)"), .name(user)], as: actor)
  }

  private static func role(
    of user: UserID, in chat: ChatID, _ isOn: Bool, _ actor: UserID
  ) -> Reversal {
    let role = Word.text(isOn ? "admin" : "member")
    return command([.text("CHAT"), .text("ROLE"), .text("\(chat)"), .name(user), role], as: actor)
  }
}
