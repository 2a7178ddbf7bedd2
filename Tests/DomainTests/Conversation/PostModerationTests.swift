import Domain
import Testing

struct PostModerationTests {
  typealias Post = Scenario<PostState>
  static let reason = Secret([.text: "spam"])

  @Test func `a moderator hides, removes and restores, each once`() throws {
    var post = try Post.published()
    let facts = try #require(post.state.facts)
    try post.when(.like, by: bert)
    let steps: [(Moderation, Moderation, PostStatus)] = [
      (.none, .underReview, .underReview), (.underReview, .removed, .removed),
      (.removed, .none, .published), (.none, .removed, .removed),
      (.removed, .underReview, .underReview), (.underReview, .none, .published),
    ]
    for (from, to, status) in steps {
      let result = try post.when(.moderate(to, secret: Self.reason), by: dora)
      #expect(
        result.drafts == [
          Draft(.post(.moderated(facts, from: from, to: to)), secret: Self.reason)
        ])
      #expect(result.outcome == .ok)
      #expect(post.state.status == status)
      let again = try post.when(.moderate(to, secret: nil), by: dora)
      #expect(again.events == [])
      #expect(again.outcome == .ok)
    }
    #expect(post.state.own.likes.count == 1)
    #expect(post.state.own.extras.isBlank)
  }

  @Test func `what was never hidden is restored without an event`() throws {
    var post = try Post.published()
    #expect(try post.when(.moderate(.none, secret: nil), by: dora).events == [])
  }

  @Test(arguments: [
    (Secret([.text: String(repeating: "é", count: 1_000)]), true),
    (Secret([.text: String(repeating: "é", count: 1_001)]), false), (Secret([.text: " "]), false),
    (Secret([:]), false), (Secret([.text: "x", .warning: "y"]), false),
    (Secret([.warning: "y"]), false),
  ])
  func `a reason is a text of up to a thousand characters`(secret: Secret, isTaken: Bool) throws {
    #expect(TextRules.reasonCharactersMax == 1_000)
    var post = try Post.published()
    let command = PostCommand.moderate(.removed, secret: secret)
    if isTaken {
      #expect(try post.when(command, by: dora).events.count == 1)
    } else {
      #expect(post.refusal(of: command, by: dora) == .invalid)
    }
  }

  @Test(arguments: Moderation.allCases)
  func `only what is published can be moderated`(moderation: Moderation) throws {
    let command = PostCommand.moderate(moderation, secret: nil)
    #expect(Post(.post(Post.postID)).refusal(of: command, by: dora) == .notFound)
    #expect(try Post.drafted().refusal(of: command, by: dora) == .notFound)
    var deleted = try Post.published()
    try deleted.when(.delete, by: anna)
    #expect(deleted.refusal(of: command, by: dora) == .notFound)
    var discarded = try Post.drafted()
    try discarded.when(.delete, by: anna)
    #expect(discarded.refusal(of: command, by: dora) == .notFound)
  }

  @Test(arguments: [Moderation.underReview, .removed])
  func `what is hidden stays for moderators to look at`(moderation: Moderation) throws {
    var post = try Post.published()
    try post.when(.moderate(moderation, secret: nil), by: dora)
    #expect(post.refusal(of: .delete, by: anna) == .denied)
    #expect(post.refusal(of: .delete, by: bert) == .denied)
    try post.when(.moderate(.none, secret: nil), by: dora)
    try post.when(.delete, by: anna)
    #expect(post.state.status == .deleted)
  }

  @Test func `a hidden poll closes nevertheless`() throws {
    var post = try Post.poll(secondsOpen: 1)
    try post.when(.moderate(.removed, secret: nil), by: dora)
    post.pass(ms: 1_000)
    #expect(try post.when(.closePoll, by: .system).events.count == 1)
  }

  @Test func `an answer and a quote count while they are not hidden`() throws {
    var post = try Post.published()
    let reply = ReplyReference(parent: Post.postID, parentAuthor: anna, root: Post.postID)
    let quote = QuoteReference(post: Post.postID, author: anna)
    let both = PostFacts(author: bert, visibility: .public, reply: reply, quote: quote)
    let answer = EntityKey.post(PostID(2_000))
    func counts() -> [Int] { [post.state.observed.replyCount, post.state.observed.quoteCount] }
    post.given(.post(.published(both)), by: bert, of: answer)
    let steps: [(Moderation, Moderation, Int)] = [
      (.none, .underReview, 0), (.underReview, .removed, 0), (.removed, .none, 1),
      (.none, .removed, 0), (.removed, .underReview, 0), (.underReview, .none, 1),
    ]
    for (from, to, count) in steps {
      post.given(.post(.moderated(both, from: from, to: to)), by: dora, of: answer)
      #expect(counts() == [count, count])
    }
    post.given(.post(.deleted(both)), by: bert, of: answer)
    #expect(counts() == [0, 0])
    #expect(post.state.observed.replies == [PostID(2_000)])
  }

  @Test func `a draft that answers counts from its publication on`() throws {
    var post = try Post.published()
    let reply = ReplyReference(parent: Post.postID, parentAuthor: anna, root: Post.postID)
    var facts = PostFacts(author: bert, visibility: .public, reply: reply)
    let answer = EntityKey.post(PostID(2_000))
    post.given(.post(.drafted(facts, scheduled: nil)), by: bert, of: answer)
    post.given(.post(.redrafted(facts, scheduled: nil)), by: bert, of: answer)
    #expect(post.state.observed == PostState.Observed())
    facts.order = ShareID(5_000)
    post.given(.post(.released(facts)), by: .system, of: answer)
    #expect(post.state.observed.replyCount == 1)
    #expect(post.state.observed.replies == [PostID(2_000)])
  }

  @Test func `an author's counts leave out drafts, stories and what is hidden`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    func counts() -> [Int] { [user.state.observed.posts, user.state.observed.replies] }
    func given(_ event: PostEvent) { user.given(.post(event), by: dora, of: .post(Post.postID)) }
    var facts = PostFacts(author: anna, visibility: .public)
    given(.drafted(facts, scheduled: nil))
    #expect(counts() == [0, 0])
    facts.order = ShareID(9)
    given(.released(facts))
    #expect(counts() == [1, 0])
    given(.moderated(facts, from: .none, to: .underReview))
    given(.moderated(facts, from: .underReview, to: .removed))
    #expect(counts() == [0, 0])
    given(.moderated(facts, from: .removed, to: .none))
    #expect(counts() == [1, 0])
    given(.deleted(facts))
    let story = PostFacts(author: anna, visibility: .public, isStory: true)
    given(.published(story))
    given(.moderated(story, from: .none, to: .removed))
    given(.deleted(story))
    #expect(counts() == [0, 0])
    let reply = ReplyReference(parent: PostID(1), parentAuthor: bert, root: PostID(1))
    let answer = PostFacts(author: anna, visibility: .public, reply: reply)
    given(.released(answer))
    #expect(counts() == [0, 1])
    given(.moderated(answer, from: .none, to: .removed))
    #expect(counts() == [0, 0])
    given(.published(PostFacts(author: bert, visibility: .public, mentions: [anna])))
    #expect(counts() == [0, 0])
  }
}
