internal import Domain

/// The command that brings a subject from where it stands to where it stood.
enum Reversal {
  enum Word {
    case text(String)
    case name(UserID)
  }

  /// `as`: whose command it is; nil for an admin's or a moderator's.
  case command([Word], as: UserID?)
  case lasting(String)

  /// - Parameter actor: who set it last: in a chat, somebody who may.
  init(of subject: Subject, from now: Standing, to before: Standing, by actor: UserID) {
    let isOn = before != .off
    switch subject {
    case .follow(let follower, let followed):
      self = .command([.text(isOn ? "FOLLOW" : "UNFOLLOW"), .name(followed)], as: follower)
    case .block(let blocker, let blocked):
      self = .command([.text(isOn ? "BLOCK" : "UNBLOCK"), .name(blocked)], as: blocker)
    case .mute(let muter, let muted):
      self = .command([.text(isOn ? "MUTE" : "UNMUTE"), .name(muted)], as: muter)
    case .bookmark(let user, let post):
      self = Self.mark("BOOKMARK", "UNBOOKMARK", isOn, post, user)
    case .pin(let user, let post): self = Self.mark("PIN", "UNPIN", isOn, post, user)
    case .like(let user, let post): self = Self.mark("LIKE", "UNLIKE", isOn, post, user)
    case .share(let user, let post): self = Self.mark("SHARE", "UNSHARE", isOn, post, user)
    case .reaction(let user, let post):
      if case .word(let emoji) = before {
        self = .command([.text("REACT"), .text("\(post)"), .text(emoji)], as: user)
      } else {
        self = .command([.text("UNREACT"), .text("\(post)")], as: user)
      }
    case .followedTag(let user, let tag):
      self = .command(
        [.text("HASHTAG"), .text(isOn ? "FOLLOW" : "UNFOLLOW"), .text(tag.text)], as: user)
    case .list(let user, let list):
      self =
        isOn
        ? .lasting("a list that was dropped must be made again")
        : .command([.text("LIST"), .text("DROP"), .text("\(list)")], as: user)
    case .listed(let user, let list, let member):
      let verb = isOn ? "ADD" : "REMOVE"
      self = .command(
        [.text("LIST"), .text(verb), .text("\(list)"), .name(member)], as: user)
    case .verification(let user):
      self = .command([.text("VERIFY"), .name(user), .text(isOn ? "on" : "off")], as: nil)
    case .token(let user, let token):
      self =
        isOn
        ? .lasting("a token that was revoked stays so; the person must log in again")
        : .command([.text("TOKEN"), .text("REVOKE"), .text("\(token)")], as: user)
    case .report(let report):
      self =
        isOn
        ? .lasting("a report that was closed stays so")
        : .command([.text("REPORTS"), .text("CLOSE"), .text("\(report)")], as: nil)
    case .post(let post):
      self =
        isOn
        ? .lasting("a post that was deleted stays so; its text is in the journal")
        : .command([.text("DELETE"), .text("\(post)")], as: actor)
    case .moderation(let post):
      let verb =
        switch before {
        case .moderated(.underReview): "review"
        case .moderated(.removed): "remove"
        case .moderated(.none), .off, .on, .asked, .word: "restore"
        }
      self = .command([.text("MODERATE"), .text("\(post)"), .text(verb)], as: nil)
    case .message(let chat, let message):
      self =
        isOn
        ? .lasting("a message that was taken back stays so")
        : .command([.text("UNSAY"), .text("\(chat)"), .text("\(message)")], as: actor)
    case .member(let chat, let user): self = Self.membership(of: user, in: chat, isOn, actor)
    case .admin(let chat, let user): self = Self.role(of: user, in: chat, isOn, actor)
    case .trending(let tag):
      self = .command(
        [.text("HASHTAG"), .text("REVIEW"), .text(tag.text), .text(isOn ? "allow" : "deny")],
        as: nil)
    }
  }

  private static func mark(
    _ on: String, _ off: String, _ isOn: Bool, _ post: PostID, _ user: UserID
  ) -> Reversal {
    .command([.text(isOn ? on : off), .text("\(post)")], as: user)
  }

  private static func membership(
    of user: UserID, in chat: ChatID, _ isOn: Bool, _ actor: UserID
  ) -> Reversal {
    guard user != actor else {
      return .lasting("who left a chat must be added again by an admin of the chat")
    }
    let verb = Word.text(isOn ? "ADD" : "REMOVE")
    return .command([.text("CHAT"), verb, .text("\(chat)"), .name(user)], as: actor)
  }

  private static func role(
    of user: UserID, in chat: ChatID, _ isOn: Bool, _ actor: UserID
  ) -> Reversal {
    let role = Word.text(isOn ? "admin" : "member")
    return .command([.text("CHAT"), .text("ROLE"), .text("\(chat)"), .name(user), role], as: actor)
  }
}
