package import Domain
internal import Entities
internal import Journal
package import Projections

/// The entries of a whole state at one position, to be walked as often as need be.
///
/// An entity's value is its state alone, as digests have it: where the entity stands is no part.
package protocol StateEntries {
  var position: Position { get }
  /// Calls `body` with each entry of a part, in no particular order.
  func forEachEntry(
    of part: StatePart, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws
  /// Who has a number in `People`.
  func person(_ row: UInt64) -> UserID?
  /// As clients see it: `GONE` for one who was erased.
  func name(of user: UserID) -> String?
}

/// A fold of the journal from its first event on, of those parts that are asked for.
package struct FoldedEntries: StateEntries, Sendable {
  private static let batch = 4_096
  private static let reportedEvery: UInt64 = 65_536

  private(set) var models: ReadModels
  private(set) var entities: EntityStates?
  /// Of the newest record folded.
  package private(set) var time = Instant(ms: 0)

  /// Before the first event. Entities take as much again, so they are left out unless a part asks
  /// for them.
  package init(of parts: [StatePart], limits: ProjectionLimits = ProjectionLimits()) {
    models = ReadModels(shard: .first, of: 1, limits: limits)
    if parts.contains(where: \.isEntities) { entities = EntityStates() }
  }

  package var position: Position { models.position }

  /// Folds what follows, up to a position or to the journal's end. A copy made before costs what
  /// changes since.
  package mutating func run(
    _ journal: some RecordSource, through end: Position, title: String = "folding",
    report: ProgressReport? = nil
  ) throws {
    let start = position.raw
    var cursor = journal.cursor(after: position)
    var next = start + Self.reportedEvery
    while position < end {
      let left = Int(clamping: end.raw - position.raw)
      let records = try cursor.next(max: min(Self.batch, left))
      guard let last = records.last else { break }
      try fold(records)
      time = last.time
      guard position.raw >= next else { continue }
      report?(
        Progress(
          title: title, done: position.raw - start, total: end.raw - start, unit: "records"))
      next = position.raw + Self.reportedEvery
    }
  }

  mutating func fold(_ records: [Record]) throws {
    do throws(ProjectionError) {
      try models.fold(contentsOf: records)
    } catch {
      throw RefoldError.projection(error)
    }
    for record in records { try entities?.fold(record) }
  }

  /// Folds the next record into the read models alone, one of which goes wrong here.
  mutating func fold(
    _ record: Record, with fault: FoldFault, in name: ProjectionName
  ) throws(ProjectionError) {
    try models.fold(record, with: fault, in: name)
    time = record.time
  }

  /// Brings each entity to where it stands in a snapshot of the same position: live, entities are
  /// written down one after another, while others go on.
  package mutating func stand(as snapshot: SnapshotEntries, in journal: some RecordSource) throws {
    guard var entities, snapshot.through > position else { return }
    var stands: [EntityKey: EntityStand] = [:]
    try snapshot.forEachEntity { _, key, stand, _ in
      stands[try EntityEntry.readKey(key[...])] = stand
    }
    self.entities = nil
    var cursor = journal.cursor(after: position)
    while cursor.position < snapshot.through {
      let records = try cursor.next()
      if records.isEmpty { break }
      for record in records {
        try entities.fold(record) { key, isOwn in
          guard let stand = stands[key] else { return false }
          return record.position <= (isOwn ? stand.own : stand.observed)
        }
      }
    }
    self.entities = entities
  }

  package func forEachEntry(
    of part: StatePart, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    switch part {
    case .projection(let name):
      var failure: (any Error)?
      models.forEachEntry(of: name) { key, value in
        guard failure == nil else { return }
        do { try body(key, value) } catch { failure = error }
      }
      if let failure { throw failure }
    case .entities(let kind):
      try withoutActuallyEscaping(body) { try entities?.visit(kind, StateWriter(body: $0)) }
    }
  }

  package func person(_ row: UInt64) -> UserID? {
    row < UInt64(models.people.count) ? models.people.id(of: PersonIndex(UInt32(row))) : nil
  }

  package func name(of user: UserID) -> String? {
    guard let person = models.people.index(of: user) else { return nil }
    if models.people.isErased(person) { return EntityViews.goneName }
    return models.people.username(of: person)?.text
  }
}

/// Writes entities as entries: key [kind, identifier] → state.
private final class StateWriter: EntityVisitor {
  private let body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  private var key = CBOREncoder()
  private var value = CBOREncoder()

  init(body: @escaping (_ key: [UInt8], _ value: [UInt8]) throws -> Void) { self.body = body }

  func visit<State: StateCoding>(_ entity: Frozen<State>) throws {
    if entity.state.isBlank(entity.key) { return }
    key.reset()
    entity.key.encode(into: &key)
    value.reset()
    entity.state.encode(into: &value)
    try body(key.bytes, value.bytes)
  }
}

/// What a snapshot holds, as it is written there. Each walk reads the file.
package struct SnapshotEntries: StateEntries {
  package let position: Position
  /// How far what is in it reaches beyond `position`: its entities may stand later.
  let through: Position
  private let path: String
  private var people: [UserID] = []
  private var names: [UserID: String] = [:]

  /// Throws if the file is damaged, or of another version: that one's entries mean something else.
  package init(path: String, limits: ProjectionLimits = ProjectionLimits()) throws {
    self.path = path
    let header = try SnapshotReader(path).header
    guard header.fingerprint == SnapshotFingerprint.bytes(limits) else {
      throw EntriesError(
        "the snapshot at position \(header.position) was written by another version; compare with"
          + " what that version's replay --projection writes")
    }
    position = header.position
    var through = header.position
    var rows: [(row: UInt64, id: UserID)] = []
    var names: [UserID: String] = [:]
    try Self.walk(path) { name, key, value in
      if name == StatePart.projection(.people).name {
        var key = CBORDecoder(key)
        var value = CBORDecoder(value)
        let row = try key.uint()
        _ = try value.array()
        let id = UserID(try value.uint())
        rows.append((row, id))
        let username = value.isNull ? nil : try value.text()
        if value.isNull { try value.null() }
        _ = try value.bool()
        if let username { names[id] = try value.bool() ? EntityViews.goneName : username }
      } else if name == SnapshotPart.journal.name {
        through = try JournalMark(value).through
      }
    }
    self.through = through
    self.names = names
    people = rows.sorted { $0.row < $1.row }.map(\.id)
  }

  package func forEachEntry(
    of part: StatePart, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    try Self.walk(path) { name, key, value in
      guard name == part.name else { return }
      try body(key, part.isEntities ? Self.state(in: value).state : value)
    }
  }

  /// Of every part, by one walk.
  func digests() throws -> [StatePart: Digest] {
    var digests: [StatePart: Digest] = [:]
    let hash = BLAKE2b()
    try Self.walk(path) { name, key, value in
      guard let part = StatePart(section: name) else { return }
      hash.update(key)
      hash.update(part.isEntities ? try Self.state(in: value).state : value)
      digests[part, default: Digest()].add(entry: hash.finish())
    }
    return digests
  }

  /// The entities of all kinds, with where each stands.
  func forEachEntity(
    _ body: (_ part: StatePart, _ key: [UInt8], _ stand: EntityStand, _ state: [UInt8]) throws
      -> Void
  ) throws {
    try Self.walk(path) { name, key, value in
      guard let part = StatePart(section: name), part.isEntities else { return }
      let (stand, state) = try Self.state(in: value)
      try body(part, key, stand, state)
    }
  }

  private static func state(in value: [UInt8]) throws -> (stand: EntityStand, state: [UInt8]) {
    let parts = try EntityEntry.parts(of: value)
    return (EntityStand(own: parts.own, observed: parts.observed), Array(parts.state))
  }

  private static func walk(
    _ path: String, _ body: (_ section: String, _ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    let reader = try SnapshotReader(path)
    while let section = try reader.nextSection() {
      try reader.forEachEntry(of: section) { key, value in try body(section.name, key, value) }
    }
  }

  package func person(_ row: UInt64) -> UserID? {
    row < UInt64(people.count) ? people[Int(row)] : nil
  }

  package func name(of user: UserID) -> String? { names[user] }
}

/// Up to where an entity has folded: its own events, and those of others.
struct EntityStand: Hashable {
  var own: Position
  var observed: Position
}

/// Why entries cannot be read or compared, in one sentence.
package struct EntriesError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
