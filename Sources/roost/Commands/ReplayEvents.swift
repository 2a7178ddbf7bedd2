internal import Domain
internal import Engine
internal import Journal

/// `roost replay --events`: the events that filters leave, through the history index.
struct ReplayEvents {
  static let options: [Option] = [
    .flag("events", "print events, oldest first, instead of states; the next ones narrow them"),
    .flag("own", "of --entity, leave out the events of others that concern it"),
    .value("actor", "user:NAME", "who did it"),
    .value("type", "NAME,…", "kinds of events, as roost tail prints them"),
    .value("since", "POSITION|TIME", "where to begin"),
    .value("key", "KEY", "the idempotency key that the actor gave"),
    .value("limit", "COUNT", "print at most so many"),
  ]
  /// Those that mean nothing without --events.
  private static let narrowing = ["own", "actor", "type", "since", "key", "limit"]

  private let entity: EntityAddress?
  private let entityName: String
  private let isOwn: Bool
  private let actor: String?
  private let types: Set<EventType>
  private let since: Refold.Limit?
  private let until: Refold.Limit
  private let key: String?
  private let limit: UInt64?
  private let isJSON: Bool

  /// Nil where states are asked for.
  init?(_ options: Options, entity: EntityAddress?, until: Refold.Limit) throws {
    guard options.has("events") else {
      if let given = Self.narrowing.first(where: { options[$0] != nil || options.has($0) }) {
        throw UsageError("--\(given) is for --events")
      }
      return nil
    }
    if options.has("trending") { throw UsageError("either --events or --trending") }
    self.entity = entity
    entityName = options["entity"] ?? ""
    isOwn = options.has("own")
    if isOwn, entity == nil { throw UsageError("--own is for an --entity") }
    actor = try options["actor"].map(Self.actor)
    types = try Set(options["type"].map(Self.types) ?? [])
    since = try options["since"].map { try Refold.Limit(text: $0) }
    self.until = until
    key = options["key"]
    if key != nil, actor == nil {
      throw UsageError("--key needs an --actor: a key is somebody's own")
    }
    limit = try options.number("limit")
    isJSON = options.has(.json)
  }

  static func actor(_ text: String) throws -> String {
    guard case .user(let name) = EntityAddress(text) else {
      throw UsageError("'\(text)' is nobody; name who did it as user:alice")
    }
    return name
  }

  static func types(_ text: String) throws -> [EventType] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
      let name = String(name)
      if let type = EventType(name: name) { return type }
      let near = EventType.names(near: name)
      throw UsageError(
        "there is no event '\(name)'"
          + (near.isEmpty
            ? "; roost stat lists those that occur"
            : "; did you mean \(near.joined(separator: ", "))?"))
    }
  }

  func run(_ reader: JournalReader, directory: String, _ terminal: Terminal) throws -> ExitStatus {
    var filter = EventFilter()
    filter.isOwn = isOwn
    filter.types = types
    filter.key = key.map { Array($0.utf8) }
    filter.through = try reader.position(at: until)
    filter.from = try reader.first(since: since)
    if isJSON, filter.isPlain, entity == nil, actor == nil {
      try show(terminal, reader, nil) { try reader.forEachEvent(filter, $0) }
      return .done
    }
    let index = try terminal.history(of: reader, directory: directory)
    if let entity {
      guard let key = try index.key(of: entity) else {
        terminal.complain("there is no \(entityName)")
        return .wrong
      }
      filter.entity = key
    }
    if let actor {
      guard let id = try index.user(named: actor, at: index.head) else {
        terminal.complain("there is no user:\(actor)")
        return .wrong
      }
      filter.actor = id
    }
    let words = EventWords(reader, names: NameBook(index, at: index.head))
    try show(terminal, reader, words) { body in
      if filter.isPlain {
        try reader.forEachEvent(filter, body)
      } else {
        try index.forEachEvent(filter, body)
      }
    }
    return .done
  }

  /// JSON without words.
  private func show(
    _ terminal: Terminal, _ reader: JournalReader, _ words: EventWords?,
    _ forEachEvent: ((Record) throws -> Bool) throws -> Void
  ) throws {
    var shown: UInt64 = 0
    try forEachEvent { record in
      if shown == limit {
        terminal.flush()
        terminal.log("more follow; go on with --since \(record.position)")
        return false
      }
      shown += 1
      if let words, !isJSON {
        terminal.print(try words.line(record))
      } else {
        terminal.print(
          RecordJSON.line(
            record, secret: record.hasSecret ? try reader.secret(of: record) : nil))
      }
      return true
    }
    terminal.flush()
  }
}

extension Terminal {
  /// The history index of a data directory, brought up to date.
  func history(of reader: JournalReader, directory: String) throws -> HistoryIndex {
    let index = try HistoryIndex(reader, directory: directory) {
      self.progress($0)
    } note: {
      self.log("note: \($0)")
    }
    finish()
    return index
  }
}

extension HistoryIndex {
  /// What an address names now; nil for a name that nobody has.
  func key(of address: EntityAddress) throws -> EntityKey? {
    switch address {
    case .user(let name): try user(named: name, at: head).map { .user($0) }
    case .post(let id): .post(id)
    case .chat(let id): .chat(id)
    case .tag(let tag): .tag(tag)
    }
  }
}

extension JournalReader {
  /// The last position of a limit.
  func position(at limit: Refold.Limit) throws -> Position {
    switch limit {
    case .end: try head().position
    case .position(let position): min(position, try head().position)
    case .time(let moment): try position(at: moment)
    }
  }

  /// The first position that is not before a limit.
  func first(since limit: Refold.Limit?) throws -> Position {
    switch limit {
    case nil, .end: Position(1)
    case .position(let position): max(position, Position(1))
    case .time(let moment): try position(at: moment.adding(ms: -1)).next
    }
  }
}

extension Refold.Limit {
  /// The year 2001 in milliseconds; no journal has as many events.
  private static let positionsEnd: UInt64 = 1_000_000_000_000

  /// Reads a position, milliseconds since 1970 or a date.
  init(text: String) throws {
    if let number = UInt64(text) {
      self =
        number < Self.positionsEnd
        ? .position(Position(number)) : .time(Instant(ms: Int64(clamping: number)))
    } else if let moment = CalendarTime.parse(text) {
      self = .time(moment)
    } else {
      throw UsageError(
        "'\(text)' is neither a position nor a time; write 1200 or 2012-07-04T08:00:00Z")
    }
  }
}
