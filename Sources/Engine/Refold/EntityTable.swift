package import Domain
package import Entities

/// The states of entities of one kind by their names, for a fold on one thread.
///
/// A state is some hundred bytes and stays where it is: a fold changes it in place, where a
/// dictionary's value would be moved out and back for each event. Segments spare large moves when
/// the table grows. Nothing is ever taken away.
package struct EntityTable<Key: Hashable & Sendable, State: Entity>: Sendable, Sequence {
  private static var segmentLength: Int { 256 }

  private var rows: [Key: Int32] = [:]
  private var segments: [[Frozen<State>]] = []

  package init() {}

  package var count: Int { rows.count }

  /// In the order in which they came.
  package var values: FlattenSequence<[[Frozen<State>]]> { segments.joined() }

  package subscript(key: Key) -> Frozen<State>? {
    guard let row = rows[key].map({ Int($0) }) else { return nil }
    return segments[row / Self.segmentLength][row % Self.segmentLength]
  }

  /// In no particular order.
  package struct Iterator: IteratorProtocol {
    fileprivate var rows: Dictionary<Key, Int32>.Iterator
    fileprivate let segments: [[Frozen<State>]]

    package mutating func next() -> (key: Key, value: Frozen<State>)? {
      guard let (key, row) = rows.next() else { return nil }
      return (key, segments[Int(row) / segmentLength][Int(row) % segmentLength])
    }
  }

  package func makeIterator() -> Iterator {
    Iterator(rows: rows.makeIterator(), segments: segments)
  }

  /// In place of the one of that name, or a new one.
  mutating func adopt(_ entity: Frozen<State>, as key: Key) {
    if let row = rows[key] {
      change(Int(row)) { $0 = entity }
    } else {
      append(entity, as: key)
    }
  }

  /// Changes an entity where it lies; false where there is none.
  @discardableResult
  mutating func change<Failure: Error>(
    _ key: Key, _ body: (inout Frozen<State>) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    guard let row = rows[key] else { return false }
    try change(Int(row), body)
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
    if rows.count % Self.segmentLength == 0 {
      segments.append([])
      segments[segments.count - 1].reserveCapacity(Self.segmentLength)
    }
    rows[key] = Int32(rows.count)
    segments[segments.count - 1].append(entity)
  }
}
