import Domain

/// Swift Testing has a `Tag` of its own.
typealias Hashtag = Tag

/// The read models once more, as simply as can be: lists, and full scans for every question,
/// written from the definitions in PROTOCOL.md.
struct NaiveTown {
  struct Pair: Hashable {
    var from: UserID
    var to: UserID
  }

  struct Post {
    var id: PostID
    var facts: PostFacts
    var status = PostStatus.published
    /// Of a story.
    var publication: (position: UInt64, time: Int64) = (0, 0)

    /// What lists are ordered by.
    var key: UInt64 { facts.orderKey(of: id) }
    var isListed: Bool { status == .published && !facts.isStory }
  }

  struct Share: Hashable {
    var id: ShareID
    var post: PostID
    var sharer: UserID
  }

  /// What somebody did to a post once.
  struct Mark: Hashable {
    var post: PostID
    var person: UserID
  }

  struct Cause {
    var position: UInt64
    var actor: UserID
    var isActive = true
  }

  struct Notice {
    var owner: UserID
    var kind: String
    /// The post, or who asks.
    var object: UInt64
    var causes: [Cause]
    var readThrough: UInt64 = 0

    /// Whether it says who did it.
    var isSigned: Bool { !["poll", "moderation"].contains(kind) }
  }

  struct Message {
    var id: MessageID
    var author: UserID
    var position: UInt64
  }

  struct Chat {
    var id: ChatID
    /// Who joined (true) and who left where, in order.
    var changes: [(user: UserID, position: UInt64, isIn: Bool)]
    var marks: [UserID: MessageID] = [:]
    var messages: [Message] = []

    func isIn(_ user: UserID, after position: UInt64 = .max) -> Bool {
      changes.last { $0.user == user && $0.position <= position }?.isIn ?? false
    }

    /// Now, by id.
    var members: [UserID] { Set(changes.map(\.user)).filter { isIn($0) }.sorted() }

    /// What was said while they took part.
    func visible(to user: UserID) -> [Message] {
      messages.filter { isIn(user, after: $0.position) }
    }
  }

  /// A contribution to a trend.
  struct Use {
    var subject: String
    var source: String
    var account: UserID
    var time: Int64
  }

  struct TagFollow: Hashable {
    var user: UserID
    var tag: Hashtag
  }

  struct PeopleList {
    var id: ListID
    var owner: UserID
    /// In the order of adding.
    var members: [UserID] = []
  }

  struct Report: Hashable {
    var id: ReportID
    var reporter: UserID
    var user: UserID
    var post: PostID?
  }

  var people: [UserID] = []
  var privates: Set<UserID> = []
  /// In order of following.
  var follows: [Pair] = []
  var requests: [Pair] = []
  var blocks: Set<Pair> = []
  var mutes: Set<Pair> = []
  var posts: [Post] = []
  var shares: [Share] = []
  var likes: Set<Share> = []
  var notices: [Notice] = []
  var readThrough: [UserID: UInt64] = [:]
  var chats: [Chat] = []
  var uses: [Use] = []
  var erased: Set<UserID> = []
  /// In the order of following.
  var tagFollows: [TagFollow] = []
  var lists: [PeopleList] = []
  var reports: [Report] = []
  var reactions: Set<Mark> = []
  var votes: Set<Mark> = []
  var views: Set<Mark> = []
  var closedPolls: Set<PostID> = []
  var firstTime: Int64?

  func post(_ id: PostID) -> Post? { posts.first { $0.id == id } }
  func follows(_ from: UserID, _ to: UserID) -> Bool { follows.contains(Pair(from: from, to: to)) }

  func blockedEitherWay(_ a: UserID, _ b: UserID) -> Bool {
    blocks.contains(Pair(from: a, to: b)) || blocks.contains(Pair(from: b, to: a))
  }

  func isHidden(_ other: UserID, from viewer: UserID) -> Bool {
    blockedEitherWay(viewer, other) || mutes.contains(Pair(from: viewer, to: other))
  }

  func canSee(_ viewer: UserID, _ facts: PostFacts) -> Bool {
    let author = facts.author
    if author == viewer { return true }
    if blockedEitherWay(viewer, author) { return false }
    switch facts.visibility {
    case .public: return !privates.contains(author) || follows(viewer, author)
    case .followers: return follows(viewer, author)
    case .friends: return follows(viewer, author) && follows(author, viewer)
    case .private: return false
    }
  }

  // MARK: Pages

  struct HomeItem: Hashable {
    var key: UInt64
    var post: PostID
    var sharer: UserID?
  }

  func timeline(_ author: UserID, seenBy viewer: UserID, replies: Bool) -> [HomeItem] {
    var items: [HomeItem] = []
    for post in posts where post.facts.author == author && post.isListed {
      let other = post.facts.reply?.parentAuthor
      if canSee(viewer, post.facts), replies || other == nil || other == author {
        items.append(HomeItem(key: post.key, post: post.id, sharer: nil))
      }
    }
    for share in shares where share.sharer == author {
      if let post = post(share.post), post.isListed, canSee(viewer, post.facts) {
        items.append(HomeItem(key: share.id.raw, post: post.id, sharer: author))
      }
    }
    return items.sorted { $0.key > $1.key }
  }

  func tag(_ tag: Tag, seenBy viewer: UserID) -> [PostID] {
    posts.filter {
      $0.isListed && $0.facts.visibility == .public && $0.facts.tags.contains(tag)
        && canSee(viewer, $0.facts)
    }.sorted { $0.key > $1.key }.map(\.id)
  }

  func everyones(seenBy viewer: UserID) -> [PostID] {
    posts.filter {
      let other = $0.facts.reply?.parentAuthor
      return $0.isListed && $0.facts.visibility == .public
        && (other == nil || other == $0.facts.author) && canSee(viewer, $0.facts)
    }.sorted { $0.key > $1.key }.map(\.id)
  }

  func followers(_ user: UserID) -> [UserID] {
    follows.reversed().filter { $0.to == user }.map(\.from)
  }

  func following(_ user: UserID) -> [UserID] {
    follows.reversed().filter { $0.from == user }.map(\.to)
  }

  // MARK: Inbox and chats

  struct InboxLine: Hashable {
    var id: UInt64
    var kind: String
    var object: UInt64
    var actors: [UserID]
    var count: Int
    var isRead: Bool
  }

  func inbox(_ owner: UserID) -> [InboxLine] {
    notices.filter { $0.owner == owner && $0.causes.contains(where: \.isActive) }
      .sorted { $0.causes.last!.position > $1.causes.last!.position }
      .map { notice in
        let active = notice.causes.filter(\.isActive)
        let actors = notice.isSigned ? Array(active.reversed().map(\.actor).prefix(10)) : []
        return InboxLine(
          id: notice.causes[0].position, kind: notice.kind, object: notice.object,
          actors: actors, count: active.count,
          isRead: !isUnread(notice))
      }
  }

  func unread(_ owner: UserID) -> Int {
    notices.count { $0.owner == owner && isUnread($0) }
  }

  private func isUnread(_ notice: Notice) -> Bool {
    let mark = max(notice.readThrough, readThrough[notice.owner] ?? 0)
    return notice.causes.contains { $0.isActive && $0.position > mark }
  }

  struct ChatLine: Hashable {
    var chat: ChatID
    var unread: Int
  }

  func chats(_ user: UserID) -> [ChatLine] {
    func place(_ chat: Chat) -> UInt64 {
      let joined = chat.changes.last { $0.user == user }!.position
      return max(joined, chat.visible(to: user).last?.position ?? 0)
    }
    return chats.filter { $0.isIn(user) }.sorted { place($0) > place($1) }
      .map { ChatLine(chat: $0.id, unread: unread($0, user)) }
  }

  func unread(_ chat: Chat, _ user: UserID) -> Int {
    let mark = chat.marks[user] ?? MessageID(0)
    return chat.visible(to: user).count { $0.author != user && $0.id > mark }
  }

  // MARK: Trends

  struct TrendLine: Hashable {
    var subject: String
    var now: Int
    var usual: Double
    var score: Double { (Double(now) - usual) / (usual + 1).squareRoot() }
  }

  /// Subjects named `tag:…` or `post:…`, by score; all with a score above zero.
  func trends(_ prefix: String, at moment: Int64) -> [TrendLine] {
    let bucket = moment / 600_000
    let hour = max(0, bucket - 5) / 6
    let firstHour = (firstTime ?? 0) / 3_600_000
    let hours = Double(min(168, max(1, hour - firstHour)))
    var lines: [TrendLine] = []
    for subject in Set(uses.map(\.subject)) where subject.hasPrefix(prefix) {
      let own = uses.filter { $0.subject == subject }
      let now = Set(
        own.filter { (bucket - 5...bucket).contains($0.time / 600_000) }.map(\.account))
      var sum = 0
      for past in max(0, hour - 168)..<max(0, hour) {
        sum += Set(own.filter { $0.time / 3_600_000 == past }.map(\.account)).count
      }
      lines.append(TrendLine(subject: subject, now: now.count, usual: Double(sum) / hours))
    }
    return lines.filter { $0.now > 0 && $0.score > 0 }
  }
}
