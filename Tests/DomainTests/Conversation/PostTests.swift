import Domain
import Testing

struct PostTests {
  static let id = PostID(1_000)
  static let key = EntityKey.post(id)
  static let text = Secret([.text: "A boson!"])

  static func published(_ visibility: Visibility = .public) throws -> Scenario<PostState> {
    var post = Scenario<PostState>(key)
    let facts = PostFacts(author: anna, visibility: visibility)
    try post.when(.publish(facts, secret: text), by: anna)
    return post
  }

  @Test func `publishing answers the id and remembers where the text is`() throws {
    var post = Scenario<PostState>(Self.key)
    #expect(post.state.status == nil)
    let facts = PostFacts(author: anna, visibility: .friends, mentions: [bert])
    let result = try post.when(.publish(facts, secret: Self.text), by: anna)
    #expect(result.drafts == [Draft(.post(.published(facts)), secret: Self.text)])
    #expect(result.outcome == .id(1_000))
    #expect(post.state.facts == facts)
    #expect(post.state.status == .published)
    #expect(post.state.own.textPosition == Position(1))
    #expect(post.state.own.publishedAt == post.now)
    #expect(post.refusal(of: .publish(facts, secret: Self.text), by: anna) == .conflict)
  }

  @Test func `nobody posts in another's name`() {
    let post = Scenario<PostState>(Self.key)
    let facts = PostFacts(author: anna, visibility: .public)
    #expect(post.refusal(of: .publish(facts, secret: Self.text), by: bert) == .denied)
  }

  @Test(arguments: [
    Secret([:]), Secret([.text: ""]), Secret([.text: " \n\t\u{3000}\r\n"]),
    Secret([.text: String(repeating: "é", count: 5_001)]), Secret([.warning: "no text"]),
    Secret([.text: "x", .name: "foreign"]),
    Secret([.text: "x", .warning: String(repeating: "w", count: 501)]),
  ])
  func `a post without a proper text is refused`(secret: Secret) {
    let post = Scenario<PostState>(Self.key)
    let facts = PostFacts(author: anna, visibility: .public)
    #expect(post.refusal(of: .publish(facts, secret: secret), by: anna) == .invalid)
  }

  @Test func `a post keeps the bounds of mentions and hashtags and does not answer itself`() {
    let post = Scenario<PostState>(Self.key)
    var facts = PostFacts(author: anna, visibility: .public)
    facts.mentions = (1...51).map { UserID($0) }
    #expect(post.refusal(of: .publish(facts, secret: Self.text), by: anna) == .invalid)
    facts.mentions = []
    facts.tags = (1...31).map { Hashtag(folded: "t\($0)") }
    #expect(post.refusal(of: .publish(facts, secret: Self.text), by: anna) == .invalid)
    facts.tags = []
    facts.reply = ReplyReference(parent: Self.id, parentAuthor: anna, root: Self.id)
    #expect(post.refusal(of: .publish(facts, secret: Self.text), by: anna) == .invalid)
    facts.reply = nil
    facts.quote = QuoteReference(post: Self.id, author: anna)
    #expect(post.refusal(of: .publish(facts, secret: Self.text), by: anna) == .invalid)
  }

  @Test func `likes count each person once`() throws {
    var post = try Self.published()
    let first = try post.when(.like, by: bert)
    #expect(first.events == [.post(.liked(author: anna))])
    #expect(first.outcome == .count(1))
    #expect(try post.when(.like, by: carl).outcome == .count(2))
    let again = try post.when(.like, by: bert)
    #expect(again.events == [])
    #expect(again.outcome == .count(2))
    let back = try post.when(.unlike, by: bert)
    #expect(back.events == [.post(.unliked(author: anna))])
    #expect(back.outcome == .count(1))
    let twice = try post.when(.unlike, by: bert)
    #expect(twice.events == [])
    #expect(twice.outcome == .count(1))
    #expect(post.state.own.likes.contains(carl))
    #expect(!post.state.own.likes.contains(bert))
  }

  @Test func `shares keep their ids and their order`() throws {
    var post = try Self.published()
    let share = PostCommand.share(ShareID(7), authorIsPrivate: false)
    let first = try post.when(share, by: carl)
    #expect(first.events == [.post(.shared(ShareID(7), author: anna))])
    #expect(first.outcome == .count(1))
    let other = PostCommand.share(ShareID(8), authorIsPrivate: false)
    #expect(try post.when(other, by: bert).outcome == .count(2))
    let again = try post.when(.share(ShareID(9), authorIsPrivate: false), by: carl)
    #expect(again.events == [])
    #expect(again.outcome == .count(2))
    var order: [UserID] = []
    post.state.own.shares.forEach { entry in
      order.append(entry.key)
      return true
    }
    #expect(order == [carl, bert])
    let back = try post.when(.unshare, by: carl)
    #expect(back.events == [.post(.unshared(ShareID(7), author: anna))])
    #expect(back.outcome == .count(1))
    #expect(try post.when(.unshare, by: carl).events == [])
  }

  @Test(arguments: Visibility.allCases, [false, true])
  func `others share only what is public`(visibility: Visibility, isPrivate: Bool) throws {
    var post = try Self.published(visibility)
    let share = PostCommand.share(ShareID(7), authorIsPrivate: isPrivate)
    if visibility == .public && !isPrivate {
      #expect(try post.when(share, by: bert).outcome == .count(1))
    } else {
      #expect(post.refusal(of: share, by: bert) == .denied)
    }
    #expect(try post.when(share, by: anna).events.count == 1)
  }

  @Test func `a share can be taken back after the author's account turned private`() throws {
    var post = try Self.published()
    try post.when(.share(ShareID(7), authorIsPrivate: false), by: bert)
    let again = try post.when(.share(ShareID(8), authorIsPrivate: true), by: bert)
    #expect(again.outcome == .count(1))
    #expect(try post.when(.unshare, by: bert).outcome == .count(0))
  }

  @Test func `only the author deletes, and then there is no such post`() throws {
    var post = try Self.published()
    try post.when(.like, by: bert)
    try post.when(.share(ShareID(7), authorIsPrivate: false), by: bert)
    #expect(post.refusal(of: .delete, by: bert) == .denied)
    let facts = try #require(post.state.facts)
    #expect(try post.when(.delete, by: anna).events == [.post(.deleted(facts))])
    #expect(post.state.status == .deleted)
    #expect(post.state.own.likes.isEmpty)
    #expect(post.state.own.shares.isEmpty)
    for command in Self.commands {
      #expect(post.refusal(of: command, by: anna) == .notFound)
      #expect(post.refusal(of: command, by: bert) == .notFound)
    }
  }

  static let commands: [PostCommand] = [
    .delete, .like, .unlike, .share(ShareID(7), authorIsPrivate: false), .unshare,
  ]

  @Test(arguments: commands)
  func `nothing happens to a post that is not there`(command: PostCommand) {
    let post = Scenario<PostState>(Self.key)
    #expect(post.refusal(of: command, by: anna) == .notFound)
  }

  @Test func `answers and quotes count until they are deleted`() throws {
    var post = try Self.published()
    let reply = ReplyReference(parent: Self.id, parentAuthor: anna, root: Self.id)
    let quote = QuoteReference(post: Self.id, author: anna)
    let answer = PostFacts(author: bert, visibility: .public, reply: reply)
    let both = PostFacts(author: carl, visibility: .public, reply: reply, quote: quote)
    let elsewhere = PostFacts(
      author: carl, visibility: .public,
      reply: ReplyReference(parent: PostID(5), parentAuthor: bert, root: Self.id), quote: quote)
    post.given(.post(.published(answer)), by: bert, of: .post(PostID(2_000)))
    post.given(.post(.published(both)), by: carl, of: .post(PostID(1_500)))
    post.given(.post(.published(elsewhere)), by: carl, of: .post(PostID(3_000)))
    #expect(post.state.observed.replyCount == 2)
    #expect(post.state.observed.quoteCount == 2)
    #expect(post.state.observed.replies == [PostID(2_000), PostID(1_500)])
    post.given(.post(.deleted(both)), by: carl, of: .post(PostID(1_500)))
    #expect(post.state.observed.replyCount == 1)
    #expect(post.state.observed.quoteCount == 1)
    #expect(post.state.observed.replies == [PostID(2_000), PostID(1_500)])
  }
}
