package import Domain
package import Entities

/// The states of entities of one kind by their names, for a fold on one thread.
///
/// A state is some hundred bytes and stays where it is: a fold changes it in place, where a
/// dictionary's value would be moved out and back for each event. Segments spare large moves when
/// the table grows. Nothing is ever taken away.
package struct EntityTable<Key: EntityName, State: Entity>: Sendable, Sequence {
  private static var segmentLength: Int { 256 }

  private var rows = Key.Rows()
  private var keys: [Key] = []
  private var segments: [[Frozen<State>]] = []

  package init() {}

  package var count: Int { keys.count }

  /// In the order in which they came.
  package var values: FlattenSequence<[[Frozen<State>]]> { segments.joined() }

  package subscript(key: Key) -> Frozen<State>? {
    guard let row = key.row(in: rows) else { return nil }
    return segments[row / Self.segmentLength][row % Self.segmentLength]
  }

  /// In the order in which they came.
  package struct Iterator: IteratorProtocol {
    fileprivate let table: EntityTable
    fileprivate var row = 0

    package mutating func next() -> (key: Key, value: Frozen<State>)? {
      guard row < table.count else { return nil }
      defer { row += 1 }
      return (table.keys[row], table.segments[row / segmentLength][row % segmentLength])
    }
  }

  package func makeIterator() -> Iterator { Iterator(table: self) }

  /// In place of the one of that name, or a new one.
  mutating func adopt(_ entity: Frozen<State>, as key: Key) {
    if let row = key.row(in: rows) {
      change(row) { $0 = entity }
    } else {
      append(entity, as: key)
    }
  }

  /// Changes an entity where it lies; false where there is none.
  @discardableResult
  mutating func change<Failure: Error>(
    _ key: Key, _ body: (inout Frozen<State>) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    guard let row = key.row(in: rows) else { return false }
    try change(row, body)
    return true
  }

  /// The same; where there is none, of a new one.
  mutating func change<Failure: Error>(
    _ key: Key, orNew blank: @autoclosure () -> Frozen<State>,
    _ body: (inout Frozen<State>) throws(Failure) -> Void
  ) throws(Failure) {
    if try change(key, body) { return }
    var entity = blank()
    try body(&entity)
    append(entity, as: key)
  }

  @inline(__always)
  private mutating func change<Failure: Error>(
    _ row: Int, _ body: (inout Frozen<State>) throws(Failure) -> Void
  ) throws(Failure) {
    try body(&segments[row / Self.segmentLength][row % Self.segmentLength])
  }

  private mutating func append(_ entity: Frozen<State>, as key: Key) {
    let row = keys.count
    if row % Self.segmentLength == 0 {
      segments.append([])
      segments[segments.count - 1].reserveCapacity(Self.segmentLength)
    }
    key.enter(row, into: &rows)
    keys.append(key)
    segments[segments.count - 1].append(entity)
  }

  /// Reads what a fold will need of an entity; the number means nothing.
  func touch(_ key: Key) -> Int {
    guard let row = key.row(in: rows) else { return 0 }
    let (segment, place) = (row / Self.segmentLength, row % Self.segmentLength)
    // Field by field: to take the whole out would retain its parts, which lie elsewhere.
    return Int(truncatingIfNeeded: segments[segment][place].ownPosition.raw)
      &+ Int(truncatingIfNeeded: segments[segment][place].observedPosition.raw)
  }
}

extension EntityTable where State == UserState {
  /// Reads what the fold of an own event will need; the number means nothing.
  func touchOwn(_ key: Key) -> Int {
    guard let row = key.row(in: rows) else { return 0 }
    let (segment, place) = (row / Self.segmentLength, row % Self.segmentLength)
    return Int(truncatingIfNeeded: segments[segment][place].state.own.sequence)
      &+ Int(truncatingIfNeeded: segments[segment][place].ownPosition.raw)
      &+ segments[segment][place].state.own.follows.count
  }
}

/// What tells entities of one kind apart, and how their rows are found by it.
package protocol EntityName: Hashable, Sendable {
  associatedtype Rows: RowTableOfNames
  func row(in rows: Rows) -> Int?
  /// It must not be there yet.
  func enter(_ row: Int, into rows: inout Rows)
}

/// From names to rows.
package protocol RowTableOfNames: Sendable {
  init()
}

extension RowIndex: RowTableOfNames {}
extension [Tag: Int32]: RowTableOfNames {}

extension EntityName where Self: Identifier, Rows == RowIndex {
  package func row(in rows: RowIndex) -> Int? { rows[mix64(raw)].map { Int($0) } }
  package func enter(_ row: Int, into rows: inout RowIndex) {
    rows.insert(UInt32(row), hash: mix64(raw))
  }
}

extension UserID: EntityName { package typealias Rows = RowIndex }
extension PostID: EntityName { package typealias Rows = RowIndex }
extension ChatID: EntityName { package typealias Rows = RowIndex }

extension Tag: EntityName {
  package func row(in rows: [Tag: Int32]) -> Int? { rows[self].map { Int($0) } }
  package func enter(_ row: Int, into rows: inout [Tag: Int32]) { rows[self] = Int32(row) }
}
