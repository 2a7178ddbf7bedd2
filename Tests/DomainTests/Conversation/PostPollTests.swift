import Domain
import Testing

struct PostPollTests {
  typealias Post = Scenario<PostState>

  static func refusal(_ options: [String], count: Int? = nil) -> Rejection.Code? {
    let post = Post(.post(Post.postID))
    var facts = PostFacts(author: anna, visibility: .public)
    facts.poll = PollFacts(
      optionCount: count ?? options.count, isMultiple: false, secondsOpen: nil)
    do {
      _ = try post.state.decide(
        .publish(facts, secret: .poll(options)), by: anna, at: post.now)
      return nil
    } catch { return error.code }
  }

  @Test(arguments: [(1, false), (2, true), (10, true), (11, false)])
  func `a poll has two to ten options`(count: Int, isTaken: Bool) {
    #expect((PollFacts.optionsMin, PollFacts.optionsMax) == (2, 10))
    let options = (0..<count).map { "option \($0)" }
    #expect(Self.refusal(options) == (isTaken ? nil : .invalid))
  }

  @Test(arguments: [("é", 100, true), ("é", 101, false), ("👩‍👩‍👧", 100, true), ("x", 101, false)])
  func `an option has a hundred characters at most`(letter: String, count: Int, isTaken: Bool) {
    let option = String(repeating: letter, count: count)
    #expect(Self.refusal(["no", option]) == (isTaken ? nil : .invalid))
  }

  @Test(arguments: [
    ["yes", "yes"], ["yes", "no", "yes"], ["caf\u{E9}", "cafe\u{301}"], ["yes", ""],
    ["yes", " \t"], ["yes", "\u{3000}"], ["yes\r", "no"], ["yes", "no\r\n?"],
    ["yes", "no\u{2028}?"], ["yes", "no\u{B}?"],
  ])
  func `options differ, and each is one line that is not blank`(options: [String]) {
    #expect(Self.refusal(options, count: options.count) == .invalid)
  }

  @Test func `a poll has as many options as its facts say`() {
    #expect(Self.refusal(["a", "b", "c"], count: 2) == .invalid)
    #expect(Self.refusal(["a", "b"], count: 3) == .invalid)
    #expect(Self.refusal(["a", "b\nc"], count: 2) == .invalid)
    let post = Post(.post(Post.postID))
    let facts = PostFacts(author: anna, visibility: .public)
    #expect(post.refusal(of: .publish(facts, secret: .poll(["a", "b"])), by: anna) == .invalid)
  }

  @Test(
    arguments: [
      (0, false), (1, true), (30 * 86_400, true), (30 * 86_400 + 1, false), (-1, false),
    ] as [(Int64, Bool)])
  func `a poll is open for a second to thirty days`(seconds: Int64, isTaken: Bool) throws {
    var facts = PostFacts(author: anna, visibility: .public)
    facts.poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: seconds)
    var post = Post(.post(Post.postID))
    let command = PostCommand.publish(facts, secret: .poll(["yes", "no"]))
    if isTaken {
      try post.when(command, by: anna)
      #expect(post.state.pollCloses == post.now.adding(ms: seconds * 1_000))
    } else {
      #expect(post.refusal(of: command, by: anna) == .invalid)
    }
  }

  @Test func `each person votes once, and says the same again without an event`() throws {
    var post = try Post.poll()
    let first = try post.when(.vote([2]), by: bert)
    #expect(first.events == [.post(.voted([2], author: anna))])
    #expect(first.outcome == .ok)
    let again = try post.when(.vote([2]), by: bert)
    #expect(again.events == [])
    #expect(again.outcome == .ok)
    #expect(post.refusal(of: .vote([1]), by: bert) == .conflict)
    try post.when(.vote([0]), by: carl)
    let extras = post.state.own.extras.value
    #expect(extras.voteCounts == [1, 0, 1])
    #expect(extras.votes[bert]?.payload.options == [2])
    #expect(extras.votes.count == 2)
  }

  @Test func `one option unless the poll takes several`() throws {
    let single = try Post.poll()
    #expect(single.refusal(of: .vote([0, 1]), by: bert) == .invalid)
    var several = try Post.poll(isMultiple: true)
    let result = try several.when(.vote([2, 0, 2]), by: bert)
    #expect(result.events == [.post(.voted([0, 2], author: anna))])
    #expect(try several.when(.vote([0, 2]), by: bert).events == [])
    #expect(several.refusal(of: .vote([0]), by: bert) == .conflict)
    try several.when(.vote([1]), by: carl)
    #expect(several.state.own.extras.value.voteCounts == [1, 1, 1])
  }

  @Test(arguments: [[], [-1], [3], [0, 3], [10], [Int.max], [Int.min]])
  func `only the poll's own options can be chosen`(options: [Int]) throws {
    for isMultiple in [false, true] {
      let post = try Post.poll(options: 3, isMultiple: isMultiple)
      #expect(post.refusal(of: .vote(options), by: bert) == .invalid)
    }
  }

  @Test func `nobody votes in their own poll, nor where there is none`() throws {
    #expect(try Post.poll().refusal(of: .vote([0]), by: anna) == .denied)
    #expect(try Post.published().refusal(of: .vote([0]), by: bert) == .invalid)
  }

  @Test func `a poll closes to the millisecond, by the clock alone`() throws {
    var post = try Post.poll(secondsOpen: 60)
    post.pass(ms: 59_999)
    try post.when(.vote([0]), by: bert)
    post.pass(ms: 1)
    #expect(post.refusal(of: .vote([0]), by: carl) == .denied)
    #expect(try post.when(.vote([0]), by: bert).outcome == .ok)
    #expect(post.refusal(of: .vote([1]), by: bert) == .conflict)
    #expect(!post.state.own.extras.value.isPollClosed)
  }

  @Test func `a poll without a time stays open`() throws {
    var post = try Post.poll()
    #expect(post.state.pollCloses == nil)
    post.pass(ms: 10 * 365 * 86_400_000)
    try post.when(.vote([0]), by: bert)
    #expect(post.refusal(of: .closePoll, by: .system) == .notFound)
  }

  @Test func `the system alone says that a poll is closed, once, when it is`() throws {
    var post = try Post.poll(secondsOpen: 60)
    post.pass(ms: 59_999)
    #expect(post.refusal(of: .closePoll, by: .system) == .notFound)
    post.pass(ms: 1)
    for actor in [anna, bert] { #expect(post.refusal(of: .closePoll, by: actor) == .notFound) }
    let result = try post.when(.closePoll, by: .system)
    #expect(result.events == [.post(.pollClosed(author: anna))])
    #expect(post.state.own.extras.value.isPollClosed)
    let again = try post.when(.closePoll, by: .system)
    #expect(again.events == [])
    #expect(again.outcome == .ok)
  }

  @Test func `no poll is closed that is not there`() throws {
    #expect(try Post.published().refusal(of: .closePoll, by: .system) == .notFound)
    #expect(Post(.post(Post.postID)).refusal(of: .closePoll, by: .system) == .notFound)
    var post = try Post.poll(secondsOpen: 1)
    try post.when(.delete, by: anna)
    post.pass(ms: 1_000)
    #expect(post.refusal(of: .closePoll, by: .system) == .notFound)
  }

  @Test func `a choice is a set of the largest poll's options`() {
    #expect(PollChoice([9, 0, 9])?.options == [0, 9])
    #expect(PollChoice([]) == PollChoice(bits: 0))
    #expect(PollChoice([10]) == nil)
    #expect(PollChoice([-1]) == nil)
  }
}
