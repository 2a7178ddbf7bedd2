/// What a run has to know of a call beyond its words.
extension Call {
  /// What is carried out, in whoever's place.
  var unwrapped: Call {
    if case .inPlaceOf(_, let call) = self { call } else { self }
  }

  /// Whether asking again with the same key gives the same answer whatever came in between.
  var mayBeRepeated: Bool {
    switch self {
    // What views add up to counts anew if only some of them were durable.
    case .post(.view): false
    case .post, .relate, .chat: true
    case .signUp, .authenticate, .present, .own, .moderate, .read, .page, .inPlaceOf: false
    }
  }

  /// Whether only somebody logged in may ask, of what may be read.
  var takesSomebody: Bool {
    switch self {
    case .page(let list):
      switch list {
      case .everybody, .timeline, .tag, .thread, .edits, .likes, .shares, .followers, .following:
        false
      case .home, .chats, .requests, .drafts, .bookmarks, .stories, .hashtags, .reports,
        .listTimeline, .inbox, .history:
        true
      }
    case .read(let read):
      switch read {
      case .get, .profile, .trendingTags, .trendingPosts: false
      case .relation, .unread, .chatInfo, .lists, .list, .tokens: true
      }
    case .signUp, .authenticate, .present, .relate, .post, .own, .chat, .moderate, .inPlaceOf: true
    }
  }

  /// What nobody does in another's place.
  var isAboutCredentials: Bool {
    switch self {
    case .own(let own):
      switch own {
      case .newToken, .revokeToken, .password, .erase: true
      case .set, .addMedia, .followTag, .makeList, .changeList, .dropList, .readInbox,
        .readAllInbox:
        false
      }
    case .read(let read): read == .tokens
    case .signUp, .authenticate, .present: true
    case .relate, .post, .chat, .moderate, .page, .inPlaceOf: false
    }
  }
}
