internal import Domain
internal import Engine
internal import Journal
internal import Projections

struct ReplayCommand: Subcommand {
  static let name = "replay"
  static let summary = "state and events as of then"
  static let details = """
    Folds the journal up to a position or a moment: whole numbers below 10^12 are positions, others
    milliseconds since 1970; dates are ISO 8601. Prints the digests as of then; or an entity with
    its text; or what was trending; or a page as somebody would have got it (--view); or all entries
    of a projection. Works beside a running server.
    With --events it prints what happened: to or by an entity, by somebody, of some kind, in a time,
    under an idempotency key. Entities and events are found through an index in DIR/history, which
    is made when it is first needed and can be deleted at any time.
    """
  static let options: [Option] =
    [
      .data,
      .value("until", "POSITION|TIME", "where to stop; the end if it is not given"),
      .value("entity", "ENTITY", "user:alice, user:17, post:ID, chat:ID or tag:higgs"),
      .flag("trending", "print the trending hashtags and posts of that moment"),
      .flag("check-upcasters", "only read every event as its version, and upcast the older ones"),
      .json,
    ] + ReplayEvents.options + ReplayViews.options + ReplayEntries.options

  private static let trendsMax = 10

  private let directory: String
  private let limit: Refold.Limit
  private let entity: EntityAddress?
  private let entityName: String
  private let isTrending: Bool
  private let checksUpcasters: Bool
  private let isJSON: Bool
  private let events: ReplayEvents?
  private let views: ReplayViews?
  private let entries: ReplayEntries?

  init(_ options: Options) throws {
    directory = options.require(.data)
    limit = try options["until"].map { try Refold.Limit(text: $0) } ?? .end
    entityName = options["entity"] ?? ""
    entity = try options["entity"].map { text in
      guard let address = EntityAddress(text) else {
        throw UsageError(
          "'\(text)' is no entity; name one as user:alice, post:ID, chat:ID or tag:x")
      }
      return address
    }
    isTrending = options.has("trending")
    isJSON = options.has(.json)
    events = try ReplayEvents(options, entity: entity, until: limit)
    views = try ReplayViews(options)
    entries = try ReplayEntries(options)
    let shown = [views != nil, entries != nil, entity != nil && events == nil, isTrending]
    guard shown.count(where: { $0 }) < 2 else {
      throw UsageError("one thing at a time: a page, --projection, --entity or --trending")
    }
    if events != nil, shown.contains(true) {
      throw UsageError("one thing at a time: --events, or a page, --projection or --trending")
    }
    checksUpcasters = options.has("check-upcasters")
    if checksUpcasters, entity != nil || shown.contains(true) || options["until"] != nil {
      throw UsageError("--check-upcasters looks at the whole journal, and at nothing else")
    }
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    if checksUpcasters {
      return try Self.checkUpcasters(directory, isJSON: isJSON, terminal)
    }
    if let entries { return try entries.run(directory, until: limit, terminal) }
    if let views { return try views.run(directory, until: limit, terminal) }
    let reader = try JournalReader(directory: directory)
    if let events { return try events.run(reader, directory: directory, terminal) }
    if let entity { return try show(entity, reader, terminal) }
    let replay = try Replay(reader, through: limit) { terminal.progress($0) }
    terminal.finish()
    if isTrending { try showTrends(replay, terminal) } else { showDigests(replay, terminal) }
    return .done
  }

  private func show(
    _ entity: EntityAddress, _ reader: JournalReader, _ terminal: Terminal
  ) throws -> ExitStatus {
    let index = try terminal.history(of: reader, directory: directory)
    let past = PastView(index, at: try reader.position(at: limit))
    guard let view = try past.view(of: entity) else {
      terminal.complain("there is no \(entityName) at position \(past.position)")
      return .wrong
    }
    if case .object(let members) = view, !isJSON {
      for (name, value) in members { terminal.print("\(name): \(Self.plain(value))") }
    } else {
      terminal.print(view.text)
    }
    return .done
  }

  private static func plain(_ value: JSON) -> String {
    if case .string(let text) = value { return text }
    return value.text
  }

  private func showDigests(_ replay: Replay, _ terminal: Terminal) {
    let refold = replay.refold
    let digests = refold.digests()
    if isJSON {
      terminal.print(
        JSON.object([
          ("position", .uint(refold.position.raw)),
          ("time", refold.position == .zero ? .null : .int(refold.time.ms)),
          (
            "entities",
            .object(
              EntityKind.all.map { ($0.plural, .int(Int64(refold.entities.count(of: $0)))) })
          ),
          ("events", .object(refold.counts.present.map { ($0.type.name, .uint($0.count)) })),
          ("digests", .object(digests.all.map { ($0.name, .string($0.digest.description)) })),
        ]).text)
      return
    }
    if refold.position > .zero { terminal.print("time \(CalendarTime.text(refold.time))") }
    for kind in EntityKind.all {
      terminal.print("\(kind.plural): \(grouped(refold.entities.count(of: kind)))")
    }
    terminal.print(digests.text)
  }

  private func showTrends(_ replay: Replay, _ terminal: Terminal) throws {
    let tags = replay.trendingTags(count: Self.trendsMax)
    let posts = try replay.trendingPosts(count: Self.trendsMax)
    if isJSON {
      terminal.print(
        JSON.object([
          ("at", .int(replay.moment.ms)), ("position", .uint(replay.refold.position.raw)),
          ("tags", .array(tags.map(\.json))), ("posts", .array(posts.map(\.json))),
        ]).text)
      return
    }
    terminal.print(
      "trending at \(CalendarTime.text(replay.moment)), position \(replay.refold.position)")
    terminal.print("hashtags")
    for tag in tags { terminal.print("  \(tag.subject): \(Self.why(tag))") }
    terminal.print("posts")
    for post in posts {
      terminal.print("  \(post.subject) by \(post.author ?? ""): \(Self.why(post))")
      terminal.print("    \(post.text ?? "")")
    }
  }

  private static func why(_ trend: Replay.Trend) -> String {
    "score \(rounded(trend.score)), \(trend.accounts) accounts in the last hour, usually "
      + rounded(trend.usual)
  }
}
