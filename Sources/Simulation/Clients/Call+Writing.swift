import Domain

/// What is done with posts.
enum PostCall: Equatable, Sendable {
  case write(PostDraft)
  case edit(UInt64, String, warning: String?, link: String?)
  case act(Acting, UInt64)
  case react(UInt64, String)
  case vote(UInt64, [Int])
  case view([UInt64])

  enum Acting: String, CaseIterable, Sendable {
    case delete, like, unlike, share, unshare, publish, unreact, bookmark, unbookmark, pin, unpin
  }

  var words: [String] {
    switch self {
    case .write(let draft): draft.words
    case .edit(let id, let text, let warning, let link):
      ["EDIT", String(id), text] + option("WARNING", warning) + option("LINK", link)
    case .act(let verb, let id): [verb.rawValue.uppercased(), String(id)]
    case .react(let id, let emoji): ["REACT", String(id), emoji]
    case .vote(let id, let options): ["VOTE", String(id)] + options.map { String($0) }
    case .view(let ids): ["VIEW"] + ids.map { String($0) }
    }
  }
}

/// A post as POST and REPLY take it.
struct PostDraft: Equatable, Sendable {
  var text: String
  var visibility = Visibility.public
  var reply: UInt64?
  /// Whether the command is REPLY and not POST.
  var isReplyCommand = false
  var quote: UInt64?
  var warning: String?
  var link: String?
  var media: [UInt64] = []
  var poll: NaiveModel.Poll?
  var isStory = false
  var isDraft = false
  var at: Int64?

  var words: [String] {
    var words = ["POST", text]
    if isReplyCommand, let reply { words = ["REPLY", String(reply), text] }
    words += ["VISIBILITY", "\(visibility)"]
    if !isReplyCommand { words += option("REPLY", reply.map { String($0) }) }
    words += option("QUOTE", quote.map { String($0) }) + option("WARNING", warning)
    words += option("LINK", link)
    if !media.isEmpty { words += ["MEDIA"] + media.map { String($0) } }
    if let poll {
      words += ["POLL", String(poll.options.count)] + poll.options
      if poll.isMultiple { words.append("MULTIPLE") }
      words += option("CLOSES", poll.seconds.map { String($0) })
    }
    if isStory { words.append("STORY") }
    if isDraft { words.append("DRAFT") }
    return words + option("AT", at.map { String($0) })
  }
}

/// What somebody does to their account and to what they keep.
enum OwnCall: Equatable, Sendable {
  case set(Field, String)
  case addMedia(MediaKind, String, alt: String?)
  case followTag(String, Bool)
  case makeList(String)
  case changeList(UInt64, String, adding: Bool)
  case dropList(UInt64)
  case readInbox([UInt64])
  case readAllInbox
  case newToken(Scope, label: String?, seconds: Int64?)
  case revokeToken(UInt64)
  case password(old: String, new: String)
  case erase(password: String)

  enum Field: String, CaseIterable, Sendable {
    case name, bio, avatar, `private`, messages, email
  }

  var words: [String] {
    switch self {
    case .set(let field, let value): ["PROFILE", "SET", field.rawValue, value]
    case .addMedia(let kind, let url, let alt):
      ["MEDIA", "ADD", "\(kind)", url] + option("ALT", alt)
    case .followTag(let tag, let isOn): ["HASHTAG", isOn ? "FOLLOW" : "UNFOLLOW", tag]
    case .makeList(let title): ["LIST", "NEW", title]
    case .changeList(let list, let name, let isAdding):
      ["LIST", isAdding ? "ADD" : "REMOVE", String(list), name]
    case .dropList(let list): ["LIST", "DROP", String(list)]
    case .readInbox(let ids): ["INBOX", "READ"] + ids.map { String($0) }
    case .readAllInbox: ["INBOX", "READ", "ALL"]
    case .newToken(let scope, let label, let seconds):
      ["TOKEN", "NEW"] + option("LABEL", label) + ["SCOPE", "\(scope)"]
        + option("TTL", seconds.map { String($0) })
    case .revokeToken(let id): ["TOKEN", "REVOKE", String(id)]
    case .password(let old, let new): ["PASSWORD", old, new]
    case .erase(let password): ["ERASE", password]
    }
  }
}

/// What is done in chats.
enum ChatCall: Equatable, Sendable {
  case open([String], title: String?)
  case add(UInt64, String)
  case remove(UInt64, String)
  case role(UInt64, String, isAdmin: Bool)
  case title(UInt64, String?)
  case leave(UInt64)
  case say(UInt64, String, reply: UInt64?, media: [UInt64])
  case message(String, String)
  case unsay(UInt64, UInt64)
  case read(UInt64, UInt64)

  var words: [String] {
    switch self {
    case .open(let names, let title): ["CHAT", "NEW"] + names + option("TITLE", title)
    case .add(let chat, let name): ["CHAT", "ADD", String(chat), name]
    case .remove(let chat, let name): ["CHAT", "REMOVE", String(chat), name]
    case .role(let chat, let name, let isAdmin):
      ["CHAT", "ROLE", String(chat), name, isAdmin ? "admin" : "member"]
    case .title(let chat, let title): ["CHAT", "TITLE", String(chat)] + (title.map { [$0] } ?? [])
    case .leave(let chat): ["CHAT", "LEAVE", String(chat)]
    case .say(let chat, let text, let reply, let media):
      ["SAY", String(chat), text] + option("REPLY", reply.map { String($0) })
        + (media.isEmpty ? [] : ["MEDIA"] + media.map { String($0) })
    case .message(let name, let text): ["DM", name, text]
    case .unsay(let chat, let message): ["UNSAY", String(chat), String(message)]
    case .read(let chat, let message): ["READ", String(chat), String(message)]
    }
  }
}

/// Reports, and what moderators and admins decide.
enum ModerationCall: Equatable, Sendable {
  case reportPost(UInt64, String)
  case reportPerson(String, String)
  case closeReport(UInt64)
  case moderate(UInt64, Verdict, reason: String?)
  case review(String, isAllowed: Bool)
  case verify(String, Bool)

  enum Verdict: String, CaseIterable, Sendable { case review, remove, restore }

  var words: [String] {
    switch self {
    case .reportPost(let id, let reason): ["REPORT", String(id), reason]
    case .reportPerson(let name, let reason): ["REPORT", "@" + name, reason]
    case .closeReport(let id): ["REPORTS", "CLOSE", String(id)]
    case .moderate(let id, let verdict, let reason):
      ["MODERATE", String(id), verdict.rawValue] + option("REASON", reason)
    case .review(let tag, let isAllowed):
      ["HASHTAG", "REVIEW", tag, isAllowed ? "allow" : "deny"]
    case .verify(let name, let isOn): ["VERIFY", name, isOn ? "on" : "off"]
    }
  }
}

private func option(_ word: String, _ value: String?) -> [String] {
  value.map { [word, $0] } ?? []
}
