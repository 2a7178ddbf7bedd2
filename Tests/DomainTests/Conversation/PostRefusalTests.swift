import Domain
import Testing

/// What becomes of every command on a post in every state of its life.
struct PostRefusalTests {
  typealias Post = Scenario<PostState>

  /// What is no mark on a post is told apart by name.
  static let marks: [(name: String, command: PostCommand)] = [
    ("like", .like), ("unlike", .unlike), ("share", .share(ShareID(7), authorIsPrivate: false)),
    ("unshare", .unshare), ("react", .react("🎉")), ("unreact", .unreact), ("vote", .vote([0])),
    ("view", .view),
  ]

  enum Life: String, CaseIterable {
    case unwritten, draft, scheduled, underReview, removed, expired, discarded, deleted

    /// A poll by anna, so that votes too are refused for what has become of it alone.
    func post() throws -> Post {
      var facts = PostFacts(author: anna, visibility: .public)
      facts.poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: nil)
      facts.isStory = self == .expired
      let secret = Secret.poll(["yes", "no"])
      var post = Post(.post(Post.postID))
      let time = self == .scheduled ? post.now.adding(ms: 1_000) : nil
      switch self {
      case .unwritten: return post
      case .draft, .scheduled, .discarded:
        try post.when(.draft(facts, scheduled: time, secret: secret), by: anna)
      case .underReview, .removed, .expired, .deleted:
        try post.when(.publish(facts, secret: secret), by: anna)
      }
      switch self {
      case .unwritten, .draft, .scheduled: break
      case .underReview: try post.when(.moderate(.underReview, secret: nil), by: dora)
      case .removed: try post.when(.moderate(.removed, secret: nil), by: dora)
      case .expired: post.pass(ms: PostState.storyMs)
      case .discarded, .deleted: try post.when(.delete, by: anna)
      }
      return post
    }

    /// What the author hears of a mark, and what others do.
    var codes: (author: Rejection.Code, other: Rejection.Code) {
      switch self {
      case .unwritten, .discarded, .deleted: (.notFound, .notFound)
      case .draft, .scheduled: (.invalid, .notFound)
      case .underReview, .removed: (.denied, .notFound)
      case .expired: (.gone, .gone)
      }
    }

    /// The same of an edit, whose text fits.
    var editCodes: (author: Rejection.Code?, other: Rejection.Code) {
      switch self {
      case .unwritten, .discarded, .deleted: (.notFound, .notFound)
      case .draft, .scheduled: (nil, .denied)
      case .underReview, .removed: (.denied, .denied)
      case .expired: (.gone, .denied)
      }
    }

    var deleteCodes: (author: Rejection.Code?, other: Rejection.Code) {
      switch self {
      case .unwritten, .discarded, .deleted: (.notFound, .notFound)
      case .underReview, .removed: (.denied, .denied)
      case .draft, .scheduled, .expired: (nil, .denied)
      }
    }
  }

  @Test(arguments: Life.allCases, marks.indices)
  func `a post that is not published takes no mark`(life: Life, mark: Int) throws {
    let post = try life.post()
    let command = Self.marks[mark].command
    #expect(post.refusal(of: command, by: anna) == life.codes.author)
    #expect(post.refusal(of: command, by: bert) == life.codes.other)
  }

  @Test(arguments: Life.allCases)
  func `the author alone changes and takes back, while they can`(life: Life) throws {
    let post = try life.post()
    let edit = PostCommand.edit(
      tags: [], mentions: [], base: post.state.own.textPosition, secret: .poll(["yes", "no"]))
    for (command, codes) in [(edit, life.editCodes), (.delete, life.deleteCodes)] {
      var copy = post
      if let code = codes.author {
        #expect(post.refusal(of: command, by: anna) == code)
      } else {
        #expect(try copy.when(command, by: anna).events.count == 1)
      }
      #expect(post.refusal(of: command, by: bert) == codes.other)
    }
  }

  @Test(arguments: Life.allCases)
  func `nothing is written twice under one id`(life: Life) throws {
    guard life != .unwritten else { return }
    let post = try life.post()
    let facts = PostFacts(author: anna, visibility: .public)
    let text = Secret([.text: "again"])
    #expect(post.refusal(of: .publish(facts, secret: text), by: anna) == .conflict)
    #expect(post.refusal(of: .draft(facts, scheduled: nil, secret: text), by: anna) == .conflict)
  }
}
