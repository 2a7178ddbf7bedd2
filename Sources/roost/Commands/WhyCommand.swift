internal import Domain
internal import Engine
internal import Journal

struct WhyCommand: Subcommand {
  static let name = "why"
  static let summary = "why something is, or is not, in a home, an inbox or the trends"
  static let details = """
    Explains from events. The question is one of
      home:alice POST          why a post is, or is not, in the home of alice
      inbox:alice POST         what her inbox says about a post, and why
      inbox:alice @bob         what her inbox says of what bob did, and why
      trending:#tag            what the trend of a hashtag is made of
    The verdict comes first; then the events that it follows from, each with its time and position.
    Works beside a running server, through an index in DIR/history that is made when it is needed.
    """
  static let options: [Option] = [
    .data, .word("QUESTION", "home:NAME, inbox:NAME or trending:#TAG"),
    .word("SUBJECT", "the post, or @NAME for an inbox"),
    .value("until", "POSITION|TIME", "as of then; the end if it is not given"), .json,
  ]

  private enum Question {
    case home(String, PostID)
    case inboxPost(String, PostID)
    case inboxPerson(String, String)
    case trending(Tag)
  }

  private let directory: String
  private let question: Question
  private let limit: Refold.Limit
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    question = try Self.question(options["QUESTION"], options["SUBJECT"])
    limit = try options["until"].map { try Refold.Limit(text: $0) } ?? .end
    isJSON = options.has(.json)
  }

  private static func question(_ text: String?, _ subject: String?) throws -> Question {
    guard let text else { throw UsageError("ask home:NAME POST, inbox:NAME POST or trending:#TAG") }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw UsageError("'\(text)' is no question") }
    if parts[0] == "trending" {
      guard let tag = Tag(parts[1]) else { throw UsageError("'\(parts[1])' is no hashtag") }
      if let subject { throw UsageError("'\(subject)' is too much: a hashtag is all") }
      return .trending(tag)
    }
    guard parts[0] == "home" || parts[0] == "inbox" else {
      throw UsageError("'\(parts[0])' cannot be explained; home, inbox and trending can")
    }
    guard let subject else { throw UsageError("which post? \(text) POST") }
    if parts[0] == "inbox", subject.hasPrefix("@") {
      return .inboxPerson(parts[1], String(subject.dropFirst()))
    }
    guard let post = PostID(text: subject) else { throw UsageError("'\(subject)' is no post") }
    return parts[0] == "home" ? .home(parts[1], post) : .inboxPost(parts[1], post)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let reader = try JournalReader(directory: directory)
    let index = try terminal.history(of: reader, directory: directory)
    let position = min(try reader.position(at: limit), index.head)
    let moment: Instant
    if case .time(let time) = limit {
      moment = time
    } else {
      moment = try reader.record(at: position)?.time ?? Instant(ms: 0)
    }
    guard let explanation = try explain(index, position, moment, terminal) else { return .wrong }
    if isJSON {
      terminal.print(explanation.json.text)
    } else {
      for line in explanation.lines { terminal.print(line) }
    }
    return explanation.hasSubject ? .done : .wrong
  }

  private func explain(
    _ index: HistoryIndex, _ position: Position, _ moment: Instant, _ terminal: Terminal
  ) throws -> Explanation? {
    func user(_ name: String) throws -> UserID? {
      let id = try index.user(named: name, at: position)
      if id == nil { terminal.complain("there is no user:\(name) at position \(position)") }
      return id
    }
    switch question {
    case .home(let name, let post):
      guard let viewer = try user(name) else { return nil }
      return try WhyHome(index, viewer: viewer, post: post, at: position, moment).explain()
    case .inboxPost(let name, let post):
      guard let owner = try user(name) else { return nil }
      return try WhyInbox(index, owner: owner, about: .post(post), at: position, moment).explain()
    case .inboxPerson(let name, let other):
      guard let owner = try user(name), let person = try user(other) else { return nil }
      return try WhyInbox(
        index, owner: owner, about: .person(person), at: position, moment
      ).explain()
    case .trending(let tag):
      return try WhyTrending(index, tag: tag, at: position, moment).explain()
    }
  }
}
