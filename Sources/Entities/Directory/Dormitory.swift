package import Domain

/// Entities that are not in memory: where each lies, and how it is read from there.
package struct Dormitory<ID: Hashable & Sendable, State: Entity>: Sendable {
  package typealias Entry = (key: [UInt8], value: [UInt8])

  package let places: [ID: UInt64]
  /// What lies at a place, as it is written there.
  package let entry: @Sendable (_ place: UInt64) -> Entry
  /// What an entry means.
  package let read: @Sendable (Entry) -> Frozen<State>

  /// Neither `entry` nor `read` may fail: the process ends where they do.
  package init(
    places: [ID: UInt64], entry: @escaping @Sendable (UInt64) -> Entry,
    read: @escaping @Sendable (Entry) -> Frozen<State>
  ) {
    self.places = places
    self.entry = entry
    self.read = read
  }

  /// Of nobody.
  package init() {
    self.init(
      places: [:], entry: { place in preconditionFailure("nobody sleeps at \(place)") },
      read: { entry in preconditionFailure("nobody sleeps here, not \(entry.key)") })
  }
}

/// How an index is used.
package struct IndexUsage: Equatable, Sendable {
  package var awake = 0
  package var asleep = 0
  /// How often the snapshot in which entities sleep was replaced.
  package var generation: UInt64 = 0
  package var lookups: UInt64 = 0
  /// Look-ups that had to read the entity from a snapshot.
  package var wakes: UInt64 = 0
  /// What these took, together.
  package var wakingNs: UInt64 = 0

  package init() {}

  /// What a wake took on average, in microseconds.
  package var wakeUsMean: UInt64 { wakes == 0 ? 0 : wakingNs / wakes / 1_000 }

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.awake += right.awake
    sum.asleep += right.asleep
    sum.generation += right.generation
    sum.lookups += right.lookups
    sum.wakes += right.wakes
    sum.wakingNs += right.wakingNs
    return sum
  }
}

extension Duration {
  /// Whole ones; for what is short.
  var nanoseconds: UInt64 {
    UInt64(clamping: components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
  }
}
