import Domain
import Testing

/// Posts in the middle of their lives.
extension Scenario where State == PostState {
  static let postID = PostID(1_000)

  /// A post by anna.
  static func published(
    _ facts: PostFacts = PostFacts(author: anna, visibility: .public),
    _ secret: Secret = Secret([.text: "A boson!"])
  ) throws -> Scenario {
    var post = Scenario(.post(postID))
    try post.when(.publish(facts, secret: secret), by: anna)
    return post
  }

  /// A draft by anna.
  static func drafted(
    _ facts: PostFacts = PostFacts(author: anna, visibility: .public), after ms: Int64? = nil
  ) throws -> Scenario {
    var post = Scenario(.post(postID))
    let time = ms.map { post.now.adding(ms: $0) }
    try post.when(
      .draft(facts, scheduled: time, secret: Secret([.text: "A boson?"])), by: anna)
    return post
  }

  static func poll(
    options: Int = 3, isMultiple: Bool = false, secondsOpen: Int64? = nil
  ) throws -> Scenario {
    var facts = PostFacts(author: anna, visibility: .public)
    facts.poll = PollFacts(
      optionCount: options, isMultiple: isMultiple, secondsOpen: secondsOpen)
    return try published(facts, .poll((1...options).map { "option \($0)" }))
  }

  /// With the newest text as its base, as somebody does who has just read it.
  @discardableResult
  mutating func edit(
    _ text: String, tags: [Hashtag] = [], mentions: [UserID] = [], by actor: UserID = anna
  ) throws -> Result {
    try when(
      .edit(
        tags: tags, mentions: mentions, base: state.own.textPosition,
        secret: Secret([.text: text])), by: actor)
  }

  mutating func pass(ms: Int64) { now = now.adding(ms: ms) }
}

extension Secret {
  static func poll(_ options: [String]) -> Secret {
    Secret([.text: "Which?", .options: options.joined(separator: "\n")])
  }
}
