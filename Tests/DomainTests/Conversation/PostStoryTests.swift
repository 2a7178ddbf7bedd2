import Domain
import Testing

struct PostStoryTests {
  typealias Post = Scenario<PostState>

  static func story() throws -> Post {
    try Post.published(PostFacts(author: anna, visibility: .public, isStory: true))
  }

  @Test func `a story expires after a day, to the millisecond`() throws {
    var post = try Self.story()
    let expires = post.now.adding(ms: 86_400_000)
    #expect(post.state.expires == expires)
    post.pass(ms: 86_399_999)
    try post.when(.like, by: bert)
    post.pass(ms: 1)
    #expect(post.refusal(of: .like, by: carl) == .gone)
    #expect(post.refusal(of: .unlike, by: bert) == .gone)
    #expect(post.state.status == .published)
  }

  @Test func `a story answers nothing and is shared by nobody`() throws {
    var facts = PostFacts(author: anna, visibility: .public, isStory: true)
    facts.reply = ReplyReference(parent: PostID(5), parentAuthor: bert, root: PostID(5))
    let text = Secret([.text: "x"])
    let fresh = Post(.post(Post.postID))
    #expect(fresh.refusal(of: .publish(facts, secret: text), by: anna) == .invalid)
    #expect(fresh.refusal(of: .draft(facts, scheduled: nil, secret: text), by: anna) == .invalid)
    let post = try Self.story()
    for actor in [anna, bert] {
      let share = PostCommand.share(ShareID(7), authorIsPrivate: false)
      #expect(post.refusal(of: share, by: actor) == .invalid)
    }
  }

  @Test func `a story may quote`() throws {
    var facts = PostFacts(author: anna, visibility: .public, isStory: true)
    facts.quote = QuoteReference(post: PostID(5), author: bert)
    #expect(try Post.published(facts).state.status == .published)
  }

  @Test func `its author takes a story back, expired or not`() throws {
    var post = try Self.story()
    post.pass(ms: PostState.storyMs)
    let facts = try #require(post.state.facts)
    #expect(try post.when(.delete, by: anna).events == [.post(.deleted(facts))])
    #expect(post.state.expires == nil)
    #expect(post.refusal(of: .like, by: bert) == .notFound)
  }

  /// What a status comes to: before, at and after the hour of expiry, then the same with an author
  /// who was erased, then where nothing expires, the author being there or not.
  static let table: [(PostStatus, String)] = [
    (.draft, "draft draft draft | deleted deleted deleted | draft deleted"),
    (.scheduled, "scheduled scheduled scheduled | deleted deleted deleted | scheduled deleted"),
    (.published, "published expired expired | erased erased erased | published erased"),
    (
      .underReview,
      "under_review under_review under_review | deleted deleted deleted | under_review deleted"
    ),
    (.removed, "removed removed removed | deleted deleted deleted | removed deleted"),
    (.deleted, "deleted deleted deleted | deleted deleted deleted | deleted deleted"),
    (.expired, "expired expired expired | erased erased erased | expired erased"),
    (.erased, "erased erased erased | erased erased erased | erased erased"),
  ]

  @Test(arguments: table)
  func `what a status comes to`(status: PostStatus, words: String) {
    let expires = Instant(ms: 1_000)
    let moments = [999, 1_000, 1_001].map { Instant(ms: $0) }
    var found: [String] = []
    for isErased in [false, true] {
      for now in moments {
        found.append(
          status.effective(expires: expires, at: now, authorIsErased: isErased).rawValue)
      }
    }
    for isErased in [false, true] {
      found.append(
        status.effective(expires: nil, at: moments[2], authorIsErased: isErased).rawValue)
    }
    #expect(found == words.split { " |".contains($0) }.map(String.init))
  }

  @Test func `the table is whole`() {
    #expect(Self.table.map(\.0) == PostStatus.allCases)
  }
}
