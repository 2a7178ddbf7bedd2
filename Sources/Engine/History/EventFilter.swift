package import Domain
package import Journal

/// Which events are asked for. What is nil or empty admits all; together they narrow.
package struct EventFilter: Sendable {
  /// Its own events, and those of others that concern it.
  package var entity: EntityKey?
  /// Only the entity's own.
  package var isOwn = false
  package var actor: UserID?
  package var types: Set<EventType> = []
  /// An idempotency key of the actor, as the client gave it.
  package var key: [UInt8]?
  /// Both included.
  package var from = Position(1)
  package var through = Position(.max)

  package init() {}

  /// Whether events are found by going through all in the range, without an index.
  package var isPlain: Bool { entity == nil && actor == nil && types.isEmpty }

  var query: HistoryQuery {
    var groups: [[HistoryTerm]] = []
    if let entity { groups.append([.entity(entity)]) }
    if let actor {
      groups.append([.deeds(actor), .entity(.user(actor))])
      if let key { groups.append([.request(actor, digest: JournalReader.requestDigest(of: key))]) }
    }
    if !types.isEmpty { groups.append(types.map { .type($0) }) }
    return HistoryQuery(groups, from: from, through: through)
  }

  package func admits(_ requested: RequestedRecord) -> Bool {
    if let key, requested.requestDigest != JournalReader.requestDigest(of: key) { return false }
    return admits(requested.record)
  }

  /// The same but for the key, which an event alone does not tell.
  package func admits(_ record: Record) -> Bool {
    guard record.position >= from, record.position <= through else { return false }
    if let actor, record.actor != actor { return false }
    if !types.isEmpty, !types.contains(EventType(record.event)) { return false }
    guard let entity, record.entity != entity else { return true }
    var isConcerned = false
    if !isOwn { forEachRecipient(of: record) { if $0 == entity { isConcerned = true } } }
    return isConcerned
  }
}

extension HistoryIndex {
  /// Calls `body` with the events that a filter admits, in order, until it returns false.
  package func forEachEvent(
    _ filter: EventFilter, _ body: (Record) throws -> Bool
  ) throws {
    try forEachRecord(of: filter.query) { requested in
      filter.admits(requested) ? try body(requested.record) : true
    }
  }
}

extension JournalReader {
  /// The same by going through the journal: without an index, and for filters that need none.
  package func forEachEvent(
    _ filter: EventFilter, _ body: (Record) throws -> Bool
  ) throws {
    var position = Position(max(filter.from.raw, 1) - 1)
    while position < filter.through {
      let block = try block(after: position)
      guard let last = block.last?.record.position else { return }
      for requested in block where filter.admits(requested) {
        guard try body(requested.record) else { return }
      }
      position = last
    }
  }
}

extension EventType {
  /// The kind of that name, as the journal and `roost tail` write it.
  package init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// How many names are suggested.
  package static let nearMax = 4

  /// Names that somebody may have meant, the likeliest first.
  package static func names(near text: String) -> [String] {
    let word = text.split(separator: ".").last.map(String.init) ?? text
    let ranked = allCases.map { type -> (name: String, distance: Int) in
      let own = type.name.split(separator: ".").last.map(String.init) ?? type.name
      let contains = own.contains(word) || word.contains(own)
      return (type.name, min(distance(text, type.name), distance(word, own)) - (contains ? 2 : 0))
    }
    return ranked.filter { $0.distance <= max(2, word.count / 3) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(nearMax).map(\.name)
  }

  /// How many letters must be changed, added or left out (Levenshtein).
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, one) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let cost = min(diagonal + (one == other ? 0 : 1), row[j] + 1, row[j + 1] + 1)
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
