import Domain

/// A command as a client means it. People are named by username, everything else by id.
indirect enum Call: Equatable, Sendable {
  case signUp(String, password: String)
  case authenticate(String, password: String)
  /// AUTH with a token's text.
  case present(token: String)
  case relate(Relating, String)
  case post(PostCall)
  case own(OwnCall)
  case chat(ChatCall)
  case moderate(ModerationCall)
  case read(Read)
  case page(List)
  /// A service's call in somebody's place.
  case inPlaceOf(String, Call)

  enum Relating: String, CaseIterable, Sendable {
    case follow, unfollow, block, unblock, mute, unmute, accept, reject
  }

  /// What is one value.
  enum Read: Equatable, Hashable, Sendable {
    case get(UInt64)
    case profile(String)
    case relation(String)
    case unread
    case chatInfo(UInt64)
    case trendingTags
    case trendingPosts
    case lists
    case list(UInt64)
    case tokens
  }

  /// What is read in pages.
  enum List: Equatable, Hashable, Sendable {
    case home, everybody, chats, requests, drafts, bookmarks, stories, hashtags, reports
    case timeline(String, replies: Bool)
    case listTimeline(UInt64)
    case tag(String)
    case thread(UInt64)
    case edits(UInt64)
    case likes(UInt64)
    case shares(UInt64)
    case followers(String)
    case following(String)
    case inbox(unread: Bool)
    case history(UInt64)
  }

  var words: [String] {
    switch self {
    case .signUp(let name, let password): ["SIGNUP", name, password]
    case .authenticate(let name, let password): ["AUTH", name, password]
    case .present(let token): ["AUTH", token]
    case .relate(let verb, let name): [verb.rawValue.uppercased(), name]
    case .post(let call): call.words
    case .own(let call): call.words
    case .chat(let call): call.words
    case .moderate(let call): call.words
    case .read(let read): read.words
    case .page(let list): list.words
    case .inPlaceOf(let name, let call): ["AS", name] + call.words
    }
  }

  var isWrite: Bool {
    switch self {
    case .signUp, .relate, .post, .own, .chat, .moderate: true
    case .authenticate, .present, .read, .page: false
    case .inPlaceOf(_, let call): call.isWrite
    }
  }

  /// The text that marks this one call, where its event carries one.
  var mark: String? {
    switch self {
    case .post(.write(let draft)): draft.text
    case .post(.edit(_, let text, _, _)): text
    case .chat(.say(_, let text, _, _)), .chat(.message(_, let text)): text
    case .inPlaceOf(_, let call): call.mark
    case .signUp, .authenticate, .present, .relate, .post, .own, .chat, .moderate, .read, .page:
      nil
    }
  }
}

extension Call.Read {
  var words: [String] {
    switch self {
    case .get(let id): ["GET", String(id)]
    case .profile(let name): ["PROFILE", name]
    case .relation(let name): ["RELATION", name]
    case .unread: ["UNREAD"]
    case .chatInfo(let chat): ["CHAT", "INFO", String(chat)]
    case .trendingTags: ["TRENDING", "TAGS", "COUNT", "50"]
    case .trendingPosts: ["TRENDING", "POSTS", "COUNT", "50"]
    case .lists: ["LIST", "SHOW"]
    case .list(let id): ["LIST", "SHOW", String(id)]
    case .tokens: ["TOKEN", "LIST"]
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
    case .drafts: ["DRAFTS"]
    case .bookmarks: ["BOOKMARKS"]
    case .stories: ["STORIES"]
    case .hashtags: ["HASHTAGS"]
    case .reports: ["REPORTS"]
    case .timeline(let name, let replies): ["TIMELINE", name] + (replies ? ["REPLIES"] : [])
    case .listTimeline(let id): ["TIMELINE", "LIST", String(id)]
    case .tag(let tag): ["TAG", tag]
    case .thread(let id): ["THREAD", String(id)]
    case .edits(let id): ["EDITS", String(id)]
    case .likes(let id): ["LIKES", String(id)]
    case .shares(let id): ["SHARES", String(id)]
    case .followers(let name): ["FOLLOWERS", name]
    case .following(let name): ["FOLLOWING", name]
    case .inbox(let unread): ["INBOX"] + (unread ? ["UNREAD"] : [])
    case .history(let chat): ["HISTORY", String(chat)]
    }
  }
}
