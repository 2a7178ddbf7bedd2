import Domain

/// A command as a client means it. People are named by username, everything else by id.
indirect enum Call: Equatable, Sendable {
  case signUp(String, password: String)
  case authenticate(String, password: String)
  case setPrivate(Bool)
  case setMessages(MessagePolicy)
  case setName(String)
  case relate(Relating, String)
  case post(String, Visibility, reply: UInt64?, quote: UInt64?)
  case act(Acting, UInt64)
  case chatNew([String], title: String?)
  case chatLeave(UInt64)
  case say(UInt64, String, reply: UInt64?)
  case dm(String, String)
  case readChat(UInt64, UInt64)
  case inboxReadAll
  case inboxRead([UInt64])
  case get(UInt64)
  case profile(String)
  case relation(String)
  case unread
  case chatInfo(UInt64)
  case trendingTags
  case trendingPosts
  case page(List)

  enum Relating: String, CaseIterable, Sendable {
    case follow, unfollow, block, unblock, mute, unmute, accept, reject
  }

  enum Acting: String, CaseIterable, Sendable {
    case delete, like, unlike, share, unshare
  }

  /// What is read in pages.
  enum List: Equatable, Hashable, Sendable {
    case home, everybody, chats, requests
    case timeline(String, replies: Bool)
    case tag(String)
    case thread(UInt64)
    case followers(String)
    case following(String)
    case inbox(unread: Bool)
    case history(UInt64)
  }

  var words: [String] {
    switch self {
    case .signUp(let name, let password): ["SIGNUP", name, password]
    case .authenticate(let name, let password): ["AUTH", name, password]
    case .setPrivate(let value): ["PROFILE", "SET", "private", value ? "on" : "off"]
    case .setMessages(let policy): ["PROFILE", "SET", "messages", "\(policy)"]
    case .setName(let name): ["PROFILE", "SET", "name", name]
    case .relate(let verb, let name): [verb.rawValue.uppercased(), name]
    case .post(let text, let visibility, let reply, let quote):
      ["POST", text, "VISIBILITY", "\(visibility)"]
        + (reply.map { ["REPLY", String($0)] } ?? [])
        + (quote.map { ["QUOTE", String($0)] } ?? [])
    case .act(let verb, let id): [verb.rawValue.uppercased(), String(id)]
    case .chatNew(let names, let title):
      ["CHAT", "NEW"] + names + (title.map { ["TITLE", $0] } ?? [])
    case .chatLeave(let chat): ["CHAT", "LEAVE", String(chat)]
    case .say(let chat, let text, let reply):
      ["SAY", String(chat), text] + (reply.map { ["REPLY", String($0)] } ?? [])
    case .dm(let name, let text): ["DM", name, text]
    case .readChat(let chat, let message): ["READ", String(chat), String(message)]
    case .inboxReadAll: ["INBOX", "READ", "ALL"]
    case .inboxRead(let ids): ["INBOX", "READ"] + ids.map { String($0) }
    case .get(let id): ["GET", String(id)]
    case .profile(let name): ["PROFILE", name]
    case .relation(let name): ["RELATION", name]
    case .unread: ["UNREAD"]
    case .chatInfo(let chat): ["CHAT", "INFO", String(chat)]
    case .trendingTags: ["TRENDING", "TAGS", "COUNT", "50"]
    case .trendingPosts: ["TRENDING", "POSTS", "COUNT", "50"]
    case .page(let list): list.words
    }
  }

  var isWrite: Bool {
    switch self {
    case .signUp, .setPrivate, .setMessages, .setName, .relate, .post, .act, .chatNew, .chatLeave,
      .say, .dm, .readChat, .inboxReadAll, .inboxRead:
      true
    case .authenticate, .get, .profile, .relation, .unread, .chatInfo, .trendingTags,
      .trendingPosts, .page:
      false
    }
  }

  /// The text that marks this one call, where its event carries one.
  var mark: String? {
    switch self {
    case .post(let text, _, _, _), .say(_, let text, _), .dm(_, let text): text
    case .signUp, .authenticate, .setPrivate, .setMessages, .setName, .relate, .act, .chatNew,
      .chatLeave, .readChat, .inboxReadAll, .inboxRead, .get, .profile, .relation, .unread,
      .chatInfo, .trendingTags, .trendingPosts, .page:
      nil
    }
  }
}

extension Call.List {
  var words: [String] {
    switch self {
    case .home: ["HOME"]
    case .everybody: ["PUBLIC"]
    case .chats: ["CHATS"]
    case .requests: ["REQUESTS"]
    case .timeline(let name, let replies): ["TIMELINE", name] + (replies ? ["REPLIES"] : [])
    case .tag(let tag): ["TAG", tag]
    case .thread(let id): ["THREAD", String(id)]
    case .followers(let name): ["FOLLOWERS", name]
    case .following(let name): ["FOLLOWING", name]
    case .inbox(let unread): ["INBOX"] + (unread ? ["UNREAD"] : [])
    case .history(let chat): ["HISTORY", String(chat)]
    }
  }
}
