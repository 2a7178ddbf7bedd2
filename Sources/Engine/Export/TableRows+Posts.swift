internal import Domain
internal import Entities
internal import Journal

extension TableRows {
  func forEachPost(_ body: (PostState, PostFacts) throws -> Void) throws {
    for (_, post) in refold.entities.posts.sorted(by: { $0.key < $1.key }) {
      guard let facts = post.state.facts, let status = judge.status(of: post.state) else {
        continue
      }
      switch status {
      case .deleted: continue
      case .draft, .scheduled: if !isPrivate { continue }
      case .published, .underReview, .removed, .expired, .erased: break
      }
      try body(post.state, facts)
    }
  }

  func post(_ post: PostState, _ facts: PostFacts) throws -> [String] {
    let extras = post.own.extras.value
    let hasText = isPrivate || judge.isPublic(post)
    return [
      "\(post.id)", "\(facts.author)", time(post.own.publishedAt), time(extras.editedAt),
      "\(facts.visibility)", judge.status(of: post)?.rawValue ?? "", id(facts.reply?.parent),
      id(facts.reply?.root), id(facts.quote?.post), flag(facts.isStory), "\(facts.media.count)",
      "\(facts.poll?.optionCount ?? 0)", "\(post.own.likes.count)", "\(post.own.shares.count)",
      "\(post.observed.replyCount)", "\(post.observed.quoteCount)", "\(extras.reactions.count)",
      "\(extras.votes.count)", "\(extras.viewers.count)",
      hasText ? try text(.warning, at: post.own.textPosition, by: facts.author) : "",
      hasText ? try text(.text, at: post.own.textPosition, by: facts.author) : "",
    ]
  }

  func likes(_ body: ([String]) throws -> Void) throws {
    try forEachPost { post, _ in
      for entry in post.own.likes.all {
        try body(["\(post.id)", "\(entry.key)", time(of: entry.position)])
      }
    }
  }

  func shares(_ body: ([String]) throws -> Void) throws {
    try forEachPost { post, _ in
      for entry in post.own.shares.all {
        try body(["\(entry.payload)", "\(post.id)", "\(entry.key)", time(of: entry.position)])
      }
    }
  }

  func reactions(_ body: ([String]) throws -> Void) throws {
    try forEachPost { post, _ in
      for entry in post.own.extras.value.reactions.all {
        try body(["\(post.id)", "\(entry.key)", entry.payload, time(of: entry.position)])
      }
    }
  }

  // MARK: Chats

  func forEachChat(_ body: (ChatState) throws -> Void) throws {
    for (_, chat) in refold.entities.chats.sorted(by: { $0.key < $1.key }) {
      if chat.state.isOpen { try body(chat.state) }
    }
  }

  func chat(_ chat: ChatState) throws -> [String] {
    let title = chat.titles.last.map { $0.isNone ? Position.zero : $0.position } ?? .zero
    return [
      "\(chat.id)", flag(chat.isDirect), time(chat.opened), "\(chat.members.count)",
      "\(chat.messages.count)", isPrivate ? try text(.title, at: title) : "",
    ]
  }

  /// Who take part and who once did.
  func members(_ chat: ChatState, _ body: ([String]) throws -> Void) throws {
    for member in chat.members + chat.formers.entries.map(\.value) {
      try body([
        "\(chat.id)", "\(member.user)", member.isAdmin ? "admin" : "member",
        time(of: member.joined), member.left.map { time(of: $0) } ?? "", id(member.readThrough),
      ])
    }
  }

  func messages(_ chat: ChatState, _ body: ([String]) throws -> Void) throws {
    for message in chat.messages {
      let isUnsaid = chat.unsaid[message.id] != nil
      try body([
        "\(message.id)", "\(chat.id)", "\(message.author)", time(message.time),
        id(message.reply), "\(message.media.count)", flag(isUnsaid),
        isPrivate && !isUnsaid ? try text(.text, at: message.position, by: message.author) : "",
      ])
    }
  }
}

extension MarkLog {
  /// Earliest first; a copy.
  fileprivate var all: [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    forEach { entry in
      entries.append(entry)
      return true
    }
    return entries
  }
}
