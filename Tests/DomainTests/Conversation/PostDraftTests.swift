import Domain
import Testing

struct PostDraftTests {
  typealias Post = Scenario<PostState>
  static let order = ShareID(5_000)
  static let text = Secret([.text: "A boson?"])
  static let facts = PostFacts(author: anna, visibility: .public, mentions: [bert])

  @Test func `a draft has an author, a text and no date of publication`() throws {
    var post = Post(.post(Post.postID))
    let result = try post.when(.draft(Self.facts, scheduled: nil, secret: Self.text), by: anna)
    #expect(
      result.drafts == [
        Draft(.post(.drafted(Self.facts, scheduled: nil)), secret: Self.text)
      ])
    #expect(result.outcome == .id(Post.postID.raw))
    #expect(post.state.status == .draft)
    #expect(post.state.facts?.order == nil)
    #expect(post.state.pollCloses == nil && post.state.expires == nil)
    #expect(
      post.refusal(of: .draft(Self.facts, scheduled: nil, secret: Self.text), by: anna)
        == .conflict)
  }

  @Test func `nobody drafts in another's name, and a draft keeps the rules of a post`() {
    let post = Post(.post(Post.postID))
    let draft = PostCommand.draft(Self.facts, scheduled: nil, secret: Self.text)
    #expect(post.refusal(of: draft, by: bert) == .denied)
    let blank = PostCommand.draft(Self.facts, scheduled: nil, secret: Secret([.text: " "]))
    #expect(post.refusal(of: blank, by: anna) == .invalid)
  }

  static let bounds: [(ms: Int64, isTaken: Bool)] = [
    (-1, false), (0, false), (1, true), (PostState.scheduleAheadMsMax, true),
    (PostState.scheduleAheadMsMax + 1, false),
  ]

  @Test(arguments: bounds)
  func `a schedule lies ahead, by a year at most`(ms: Int64, isTaken: Bool) throws {
    var post = Post(.post(Post.postID))
    let time = post.now.adding(ms: ms)
    let command = PostCommand.draft(Self.facts, scheduled: time, secret: Self.text)
    if isTaken {
      try post.when(command, by: anna)
      #expect(post.state.status == .scheduled)
      #expect(post.state.own.extras.value.scheduled == time)
    } else {
      #expect(post.refusal(of: command, by: anna) == .invalid)
    }
  }

  @Test func `an edited draft is redrafted, and keeps its schedule but no versions`() throws {
    var post = try Post.drafted(after: 60_000)
    let time = post.now.adding(ms: 60_000)
    let result = try post.edit("Another", tags: [Hashtag(folded: "higgs")], mentions: [carl])
    var facts = PostFacts(author: anna, visibility: .public)
    facts.tags = [Hashtag(folded: "higgs")]
    facts.mentions = [carl]
    #expect(result.events == [.post(.redrafted(facts, scheduled: time))])
    #expect(result.outcome == .ok)
    #expect(post.state.status == .scheduled)
    #expect(post.state.own.textPosition == Position(2))
    #expect(post.state.own.extras.value.versions.isEmpty)
    #expect(post.state.own.extras.value.editedAt == nil)
  }

  @Test func `a draft may be changed more often than a post`() throws {
    var post = try Post.drafted()
    for number in 0...PostState.editsMax { try post.edit("Text \(number)") }
    #expect(post.state.sequence == UInt64(PostState.editsMax) + 2)
  }

  @Test func `its author publishes a draft at any time, once`() throws {
    var post = try Post.drafted(after: 60_000)
    let begun = post.now
    post.pass(ms: 10)
    let result = try post.when(.release(order: Self.order), by: anna)
    var facts = PostFacts(author: anna, visibility: .public)
    facts.order = Self.order
    #expect(result.events == [.post(.released(facts))])
    #expect(result.outcome == .id(Post.postID.raw))
    #expect(post.state.status == .published)
    #expect(post.state.own.publishedAt == begun.adding(ms: 10))
    #expect(post.state.own.textPosition == Position(1))
    #expect(post.state.own.extras.isBlank)
    #expect(post.state.facts?.orderKey(of: Post.postID) == Self.order.raw)
    for actor in [anna, .system] {
      let again = try post.when(.release(order: ShareID(6_000)), by: actor)
      #expect(again.events == [])
      #expect(again.outcome == .id(Post.postID.raw))
    }
    #expect(post.state.facts?.order == Self.order)
  }

  @Test func `the system publishes a draft when its time has come and no ms before`() throws {
    var post = try Post.drafted(after: 60_000)
    let release = PostCommand.release(order: Self.order)
    #expect(post.refusal(of: release, by: .system) == .notFound)
    post.pass(ms: 59_999)
    #expect(post.refusal(of: release, by: .system) == .notFound)
    post.pass(ms: 1)
    #expect(try post.when(release, by: .system).events.count == 1)
    #expect(post.state.status == .published)
    #expect(post.state.facts?.author == anna)
  }

  @Test func `the system leaves a draft without a schedule alone`() throws {
    var post = try Post.drafted()
    post.pass(ms: PostState.scheduleAheadMsMax)
    #expect(post.refusal(of: .release(order: Self.order), by: .system) == .notFound)
    #expect(post.refusal(of: .release(order: Self.order), by: bert) == .notFound)
  }

  @Test func `what is given up cannot be published, by anybody`() throws {
    var post = try Post.drafted(after: 60_000)
    #expect(post.refusal(of: .delete, by: bert) == .denied)
    let result = try post.when(.delete, by: anna)
    #expect(result.events == [.post(.discarded)])
    #expect(result.outcome == .ok)
    #expect(post.state.status == .deleted)
    #expect(post.state.own.extras.isBlank)
    post.pass(ms: 60_000)
    for actor in [anna, .system] {
      #expect(post.refusal(of: .release(order: Self.order), by: actor) == .notFound)
    }
    let fresh = PostCommand.publish(
      PostFacts(author: anna, visibility: .public), secret: Self.text)
    #expect(post.refusal(of: fresh, by: anna) == .conflict)
  }

  @Test func `there is nothing to publish where nothing was written`() {
    let post = Post(.post(Post.postID))
    for actor in [anna, .system] {
      #expect(post.refusal(of: .release(order: Self.order), by: actor) == .notFound)
    }
  }

  @Test func `a poll and a story live from their publication on`() throws {
    var facts = PostFacts(author: anna, visibility: .public)
    facts.isStory = true
    facts.poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: 60)
    var post = Post(.post(Post.postID))
    try post.when(
      .draft(facts, scheduled: nil, secret: .poll(["yes", "no"])), by: anna)
    post.pass(ms: 1_000_000)
    try post.when(.release(order: Self.order), by: anna)
    #expect(post.state.pollCloses == post.now.adding(ms: 60_000))
    #expect(post.state.expires == post.now.adding(ms: PostState.storyMs))
  }
}
