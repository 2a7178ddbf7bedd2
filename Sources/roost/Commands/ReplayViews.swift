internal import Domain
internal import Engine
internal import Journal
internal import Server
internal import Wire

/// The part of `roost replay` that shows pages as somebody would have got them then.
struct ReplayViews {
  static let options: [Option] = [
    .value("view", "VIEW", "a page of then, as home:alice, timeline:bob, tag:higgs, thread:ID"),
    .value("command", "WORDS", "any reading command, as 'HOME COUNT 5'"),
    .value("as", "NAME", "who is shown it; somebody not logged in if it is not given"),
    .value("count", "N", "how many items of the page"),
    .value("after", "CURSOR", "the page after this one"),
    .value(
      "views", "FILE",
      "many: lines of TIME, VIEW and, if need be, NAME, between tabs; - reads"
        + " them from the standard input"),
    .flag("no-snapshots", "fold from the first event, even where a snapshot would do"),
  ]

  /// Lines of a file of views.
  static let viewsMax = 1_000_000

  private enum Source {
    case one(PastServer.Question, text: String)
    case file(String)
  }

  private let source: Source
  private let usesSnapshots: Bool
  private let isJSON: Bool

  /// Nil where no page is asked for.
  init?(_ options: Options) throws {
    usesSnapshots = !options.has("no-snapshots")
    isJSON = options.has(.json)
    let given = ["view", "command", "views"].filter { options[$0] != nil }
    guard given.count < 2 else { throw UsageError("either --\(given[0]) or --\(given[1])") }
    guard let name = given.first, let text = options[name] else {
      for other in ["as", "count", "after"] where options[other] != nil {
        throw UsageError("--\(other) goes with --view or --command")
      }
      if !usesSnapshots {
        throw UsageError("--no-snapshots goes with --view, --views or --command")
      }
      return nil
    }
    if name == "views" {
      for other in ["until", "as", "count", "after"] where options[other] != nil {
        throw UsageError("the lines of --views say that themselves: no --\(other) beside it")
      }
      source = .file(text == "-" ? "/dev/stdin" : text)
      return
    }
    let page = [("COUNT", options["count"]), ("AFTER", options["after"])]
      .flatMap { word, value in value.map { [Argument(word), Argument($0)] } ?? [] }
    var question = try Self.question(text, as: options["as"])
    question.words += page
    source = .one(question, text: text)
  }

  private static func question(_ text: String, as viewer: String?) throws -> PastServer.Question {
    guard let view = PastView(text) else {
      throw UsageError(
        "'\(text)' is no view; there are public, trending and, with a colon and a name or an id, "
          + PastView.names.joined(separator: ", "))
    }
    guard let question = view.question(as: viewer) else {
      throw UsageError("'\(text)' is shown to nobody else: leave out '\(viewer ?? "")'")
    }
    return question
  }

  /// `limit` is for what is asked for alone; the lines of a file have their own.
  func run(_ directory: String, until limit: Refold.Limit, _ terminal: Terminal) throws
    -> ExitStatus
  {
    let reader = try JournalReader(directory: directory)
    switch source {
    case .one(let question, let text):
      let moment = try PastMoment(limit, in: reader)
      let asked = [PastPages.Asked(moment: moment, question: question, text: text)]
      var isError = false
      try PastPages(reader, usesSnapshots: usesSnapshots).answer(asked) { page in
        if case .error = page.reply { isError = true }
        terminal.print(isJSON ? page.line : page.plain)
      }
      return isError ? .wrong : .done
    case .file(let path):
      let asked = try Self.read(path, in: reader)
      try PastPages(reader, usesSnapshots: usesSnapshots).answer(asked) {
        terminal.print($0.line)
      }
      return .done
    }
  }

  /// What the lines of a file ask for.
  static func read(
    _ path: String, in reader: JournalReader, viewsMax: Int = viewsMax
  ) throws -> [PastPages.Asked] {
    var lines = try LineReader(path: path)
    var asked: [PastPages.Asked] = []
    while let line = try lines.next() {
      guard !line.isEmpty else { continue }
      guard asked.count < viewsMax else {
        throw UsageError("--views has more than \(viewsMax) lines")
      }
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      do {
        guard fields.count == 2 || fields.count == 3 else {
          throw UsageError("it needs a time and a view, with a tab between")
        }
        let limit = try Refold.Limit(text: fields[0])
        let viewer = fields.count == 3 && !fields[2].isEmpty ? fields[2] : nil
        asked.append(
          PastPages.Asked(
            moment: try PastMoment(limit, in: reader),
            question: try question(fields[1], as: viewer),
            text: fields[1]))
      } catch let error as UsageError {
        throw UsageError("\(path), line \(lines.number): \(error)")
      }
    }
    return asked
  }
}

/// Pages of the past, answered in one pass over the journal and handed out as they were asked for.
struct PastPages {
  struct Asked {
    var moment: PastMoment
    var question: PastServer.Question
    var text: String
  }

  struct Page {
    var asked: Asked
    var reply: Reply

    /// As a plain line of the wire is answered, without its end.
    var plain: String {
      let bytes = ReplyWriter.bytes(reply, framing: .line, version: .three)
      return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    /// The same in an object that says what was asked for and where that is.
    var line: String {
      var json = JSONWriter()
      json.beginObject()
      json.key("view")
      json.string(asked.text)
      json.key("as")
      if let viewer = asked.question.viewer { json.string(viewer) } else { json.null() }
      json.key("position")
      json.integer(Int64(asked.moment.position.raw))
      json.key("time")
      json.integer(asked.moment.clock.ms)
      json.key("reply")
      json.raw(plain)
      json.endObject()
      return json.text
    }
  }

  private let reader: JournalReader
  private let usesSnapshots: Bool

  init(_ reader: JournalReader, usesSnapshots: Bool) {
    self.reader = reader
    self.usesSnapshots = usesSnapshots
  }

  /// Calls `body` for each, in the order of asking. Keeps those that come out earlier than their
  /// turn.
  func answer(_ asked: [Asked], _ body: (Page) -> Void) throws {
    let order = asked.indices.sorted { asked[$0].moment < asked[$1].moment }
    guard let first = order.first else { return }
    let (reader, usesSnapshots) = (reader, usesSnapshots)
    let server = try Blocking.wait {
      try await PastServer.start(
        reader, at: asked[first].moment, usesSnapshots: usesSnapshots)
    }
    defer { server.stop() }
    var waiting: [Int: Page] = [:]
    var next = 0
    for index in order {
      let one = asked[index]
      let reply = try Blocking.wait {
        try await server.advance(to: one.moment)
        return await server.answer(one.question)
      }
      waiting[index] = Page(asked: one, reply: reply)
      while let page = waiting.removeValue(forKey: next) {
        body(page)
        next += 1
      }
    }
  }
}
