package import Domain
internal import Journal

/// What something that is wrong concerns: whose events they are and whom they name, where that can
/// be read; positions, where it cannot.
package struct Affected: Hashable, Sendable {
  /// Problems whose surroundings are looked at.
  static let surveysMax = 8
  /// Entities named one by one; beyond that they are counted.
  package static let namedMax = 16

  /// The positions that it concerns.
  package private(set) var positions: ClosedRange<Position>?
  /// Those of them whose events cannot be read, at most `namedMax`.
  package private(set) var unreadable: [Position] = []
  /// Owners and recipients of what can be read, people first; at most `namedMax`.
  package private(set) var entities: [EntityKey] = []
  /// How many there are in all.
  package private(set) var entityCount = 0
  /// Projections, or kinds of entities, whose state it reaches.
  package private(set) var states: [String] = []

  /// Around a bad position of the chain: its block, each event by its own checksum. Nil beyond the
  /// journal's end.
  init?(_ reader: JournalReader, around position: Position) throws(JournalError) {
    guard let survey = try DamageSurvey(reader, at: position) else { return nil }
    positions = survey.extent
    unreadable = Array(survey.unreadable.prefix(Self.namedMax))
    // An event whose own checksum does not fit is the one that was changed; if they all fit, any
    // of the block may be, up from the position that is named.
    if survey.unreadable.isEmpty { name(survey.records.filter { $0.position >= position }) }
    // Every fold has passed these events.
    states = ["everything that is folded from position \(position.raw) on"]
  }

  /// Of one event that itself is sound: its text, or what its request is answered.
  init?(_ reader: JournalReader, only position: Position, _ state: String) throws(JournalError) {
    guard let record = try reader.record(at: position) else { return nil }
    positions = position...position
    name([record])
    states = [state]
  }

  private mutating func name(_ records: [Record]) {
    var found: Set<EntityKey> = []
    for record in records {
      found.formUnion([record.entity, .user(record.actor)])
      forEachRecipient(of: record) { found.insert($0) }
    }
    entityCount = found.count
    let sorted = found.sorted { ($0.rank, $0.description) < ($1.rank, $1.description) }
    entities = Array(sorted.prefix(Self.namedMax))
  }

  /// Of a snapshot: one state, as of the snapshot's position.
  init(state: String, from position: Position) {
    states = ["\(state) of a start from the snapshot at position \(position.raw)"]
  }

  /// In words.
  package var sentence: String {
    var parts: [String] = []
    if let positions {
      parts.append(
        positions.lowerBound == positions.upperBound
          ? "position \(positions.lowerBound)"
          : "positions \(positions.lowerBound) to \(positions.upperBound)")
    }
    if !unreadable.isEmpty {
      parts.append(
        "unreadable: " + unreadable.map(\.description).joined(separator: ", "))
    }
    if !entities.isEmpty {
      let more = entityCount > entities.count ? " and \(entityCount - entities.count) more" : ""
      parts.append(entities.map(\.description).joined(separator: ", ") + more)
    }
    return "affected: " + (parts + states).joined(separator: "; ")
  }

  package var json: JSON {
    .object([
      ("from", positions.map { .uint($0.lowerBound.raw) } ?? .null),
      ("to", positions.map { .uint($0.upperBound.raw) } ?? .null),
      ("unreadable", .array(unreadable.map { .uint($0.raw) })),
      ("entities", .array(entities.map { .string($0.description) })),
      ("entity_count", .uint(UInt64(entityCount))),
      ("states", .array(states.map { .string($0) })),
    ])
  }
}

extension EntityKey {
  /// People come first.
  fileprivate var rank: Int {
    switch self {
    case .user: 0
    case .post: 1
    case .chat: 2
    case .tag: 3
    }
  }
}
