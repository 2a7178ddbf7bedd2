import Domain
import Testing
import Wire

/// Every command on posts, with its refusals, in every dialect.
@Suite(.timeLimit(.minutes(1)))
struct PostScriptTests {
  enum Answer {
    case ok
    case id
    case count(Int)
    case code(String)
    /// A page of so many items.
    case items(Int)
  }

  struct Line {
    let who: String
    let words: [String]
    let answer: Answer
    /// What the answered id is called from then on.
    let name: String?

    init(_ who: String, _ words: [String], _ answer: Answer, as name: String? = nil) {
      self.who = who
      self.words = words
      self.answer = answer
      self.name = name
    }
  }

  static let drafts = [
    Line("alice", ["POST", "A boson?", "DRAFT", "LINK", "https://cern.ch"], .id, as: "%d"),
    Line("alice", ["DRAFTS"], .items(1)), Line("bob", ["DRAFTS"], .items(0)),
    Line("nobody", ["DRAFTS"], .code("NOAUTH")),
    Line("bob", ["GET", "%d"], .code("NOTFOUND")),
    Line("bob", ["LIKE", "%d"], .code("NOTFOUND")),
    Line("bob", ["EDIT", "%d", "x"], .code("NOTFOUND")),
    Line("bob", ["PUBLISH", "%d"], .code("NOTFOUND")),
    Line("bob", ["DELETE", "%d"], .code("NOTFOUND")),
    Line("bob", ["EDITS", "%d"], .code("NOTFOUND")),
    Line("alice", ["LIKE", "%d"], .code("INVALID")),
    Line("alice", ["SHARE", "%d"], .code("INVALID")),
    Line("alice", ["REACT", "%d", "🎉"], .code("INVALID")),
    Line("alice", ["VOTE", "%d", "0"], .code("INVALID")),
    Line("alice", ["REPLY", "%d", "x"], .code("INVALID")),
    Line("alice", ["POST", "x", "QUOTE", "%d"], .code("INVALID")),
    Line("alice", ["VIEW", "%d"], .count(0)),
    Line("alice", ["EDIT", "%d", "A boson! @bob"], .ok),
    Line("alice", ["EDITS", "%d"], .items(1)),
    Line("nobody", ["PUBLISH", "%d"], .code("NOAUTH")),
    Line("alice", ["PUBLISH", "%d"], .id), Line("alice", ["PUBLISH", "%d"], .id),
    Line("alice", ["DRAFTS"], .items(0)),
    Line("bob", ["PUBLISH", "%d"], .code("DENIED")),
    Line("bob", ["EDIT", "%d", "x"], .code("DENIED")),
    Line("bob", ["DELETE", "%d"], .code("DENIED")),
    Line("alice", ["EDIT", "%d", " "], .code("INVALID")),
    Line("alice", ["EDIT", "%d", "A boson."], .ok),
    Line("nobody", ["EDITS", "%d"], .items(2)),
    Line("alice", ["POST", "never mind", "DRAFT"], .id, as: "%n"),
    Line("alice", ["DELETE", "%n"], .ok), Line("alice", ["GET", "%n"], .code("NOTFOUND")),
    Line("alice", ["PUBLISH", "%n"], .code("NOTFOUND")),
  ]

  static let marks = [
    Line("alice", ["POST", "A boson!"], .id, as: "%p"),
    Line("bob", ["REACT", "%p", "🎉"], .count(1)),
    Line("carol", ["REACT", "%p", "🎉"], .count(2)),
    Line("bob", ["REACT", "%p", "👍🏽"], .count(2)),
    Line("bob", ["REACT", "%p", "no"], .code("INVALID")),
    Line("bob", ["REACT", "%p"], .code("ERR")),
    Line("nobody", ["REACT", "%p", "🎉"], .code("NOAUTH")),
    Line("bob", ["REACT", "12345", "🎉"], .code("NOTFOUND")),
    Line("bob", ["UNREACT", "%p"], .count(1)), Line("bob", ["UNREACT", "%p"], .count(1)),
    Line("nobody", ["UNREACT", "%p"], .code("NOAUTH")),
    Line("bob", ["VIEW", "%p", "12345", "%p"], .count(1)),
    Line("bob", ["VIEW", "%p"], .count(0)), Line("alice", ["VIEW", "%p"], .count(0)),
    Line("nobody", ["VIEW", "%p"], .code("NOAUTH")), Line("bob", ["VIEW"], .code("ERR")),
    Line("bob", ["VOTE", "%p", "0"], .code("INVALID")),
    Line("bob", ["LIKE", "%p"], .count(1)), Line("bob", ["SHARE", "%p"], .count(1)),
    Line("nobody", ["LIKES", "%p"], .items(1)), Line("nobody", ["SHARES", "%p"], .items(1)),
    Line("nobody", ["LIKES", "12345"], .code("NOTFOUND")),
  ]

  static let polls = [
    Line("alice", ["POST", "Which?", "POLL", "2", "yes", "no"], .id, as: "%q"),
    Line("bob", ["VOTE", "%q", "1"], .ok), Line("bob", ["VOTE", "%q", "1"], .ok),
    Line("bob", ["VOTE", "%q", "0"], .code("CONFLICT")),
    Line("alice", ["VOTE", "%q", "0"], .code("DENIED")),
    Line("carol", ["VOTE", "%q", "2"], .code("INVALID")),
    Line("carol", ["VOTE", "%q", "10"], .code("INVALID")),
    Line("carol", ["VOTE", "%q", "-1"], .code("INVALID")),
    Line("carol", ["VOTE", "%q", "yes"], .code("INVALID")),
    Line("carol", ["VOTE", "%q", "0", "1"], .code("INVALID")),
    Line("carol", ["VOTE", "%q"], .code("ERR")),
    Line("nobody", ["VOTE", "%q", "0"], .code("NOAUTH")),
    Line("alice", ["EDIT", "%q", "Which now?"], .ok), Line("carol", ["VOTE", "%q", "0"], .ok),
    Line("alice", ["POST", "?", "POLL", "3", "a", "b", "c", "MULTIPLE"], .id, as: "%m"),
    Line("bob", ["VOTE", "%m", "2", "0"], .ok), Line("bob", ["VOTE", "%m", "0", "2"], .ok),
    Line("bob", ["VOTE", "%m", "0"], .code("CONFLICT")),
  ]

  static let stories = [
    Line("alice", ["POST", "Look", "STORY"], .id, as: "%s"),
    Line("bob", ["STORIES"], .items(0)), Line("alice", ["STORIES"], .items(1)),
    Line("nobody", ["STORIES"], .code("NOAUTH")),
    Line("bob", ["SHARE", "%s"], .code("INVALID")),
    Line("bob", ["REPLY", "%s", "x"], .code("INVALID")),
    Line("bob", ["POST", "x", "REPLY", "%s"], .code("INVALID")),
    Line("bob", ["POST", "x", "QUOTE", "%s"], .code("INVALID")),
    Line("bob", ["POST", "x", "STORY", "REPLY", "12345"], .code("NOTFOUND")),
    Line("bob", ["LIKE", "%s"], .count(1)), Line("bob", ["REACT", "%s", "🎉"], .count(1)),
    Line("alice", ["DELETE", "%s"], .ok), Line("bob", ["LIKE", "%s"], .code("NOTFOUND")),
    Line("alice", ["STORIES"], .items(0)),
  ]

  @Test(arguments: Dialect.allCases, [drafts, marks, polls, stories].indices)
  func `every command answers as the contract says`(_ dialect: Dialect, script: Int) async throws {
    let world = try await TestWorld(shards: 2)
    var people = ["nobody": await world.connect(dialect)]
    for name in ["alice", "bob", "carol"] { people[name] = await world.person(name, dialect) }
    var names: [String: String] = [:]
    for line in [Self.drafts, Self.marks, Self.polls, Self.stories][script] {
      let person = try #require(people[line.who])
      let reply = await person.call(line.words.map { names[$0] ?? $0 })
      #expect(Self.fits(reply, line.answer, dialect), "\(line.who) \(line.words): \(reply)")
      if let name = line.name { names[name] = Self.unquoted(reply) }
    }
  }

  @Test func `the scripts use every command on posts`() {
    let used = Set(
      [Self.drafts, Self.marks, Self.polls, Self.stories].joined().map { $0.words[0] })
    let expected = [
      "POST", "EDIT", "PUBLISH", "DELETE", "DRAFTS", "EDITS", "REACT", "UNREACT", "VOTE", "VIEW",
      "LIKES", "SHARES", "STORIES",
    ]
    #expect(used.isSuperset(of: expected))
  }

  /// A line's JSON string without its quotes.
  static func unquoted(_ reply: Reply) -> String {
    (reply.string ?? "").replacing("\"", with: "")
  }

  static func fits(_ reply: Reply, _ answer: Answer, _ dialect: Dialect) -> Bool {
    switch (answer, dialect) {
    case (.ok, .line): reply.string == "\"OK\""
    case (.ok, _): reply == .ok
    case (.id, _): PostID(text: unquoted(reply)) != nil
    case (.count(let count), .line): reply.string == "\(count)"
    case (.count(let count), _): reply == .integer(Int64(count))
    case (.code(let code), .line):
      reply.string?.hasPrefix("{\"error\":{\"code\":\"\(code)\",\"message\":\"") ?? false
    case (.code(let code), _): reply.code == code
    case (.items(let count), .line):
      reply.string?.hasPrefix("{\"items\":[") ?? false
        && (reply.string?.contains("{\"items\":[]") ?? false) == (count == 0)
    case (.items(let count), _): reply["items"] != nil && reply.items.count == count
    }
  }
}
