package import Domain
package import Journal

/// How many events of each kind there are.
package struct EventCounts: Equatable, Sendable {
  private var counts = [UInt64](repeating: 0, count: 256)

  package init() {}

  package mutating func add(_ record: Record) {
    counts[Int(EventType(record.event).rawValue)] += 1
  }

  package subscript(type: EventType) -> UInt64 { counts[Int(type.rawValue)] }

  package var total: UInt64 { counts.reduce(0, +) }

  /// Those that occur, in the order of their numbers.
  package var present: [(type: EventType, count: UInt64)] {
    EventType.allCases.map { ($0, self[$0]) }.filter { $0.1 > 0 }
  }
}
