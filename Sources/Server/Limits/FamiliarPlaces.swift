import Domain

/// Addresses from which people have logged in lately, in bounded memory.
struct FamiliarPlaces: Sendable {
  struct Place: Hashable, Sendable {
    var username: Username
    var address: NetworkAddress
  }

  static let placesMax = 65_536
  /// 30 days.
  static let familiarMs: Int64 = 30 * 86_400_000

  private let placesMax: Int
  private var seen: [Place: Instant] = [:]

  init(placesMax: Int = FamiliarPlaces.placesMax) { self.placesMax = placesMax }

  var count: Int { seen.count }

  func contains(_ place: Place, at now: Instant) -> Bool {
    seen[place].map { now < $0.adding(ms: Self.familiarMs) } ?? false
  }

  /// Notes a log-in. Where there is no room, the quarter goes that was seen longest ago.
  mutating func note(_ place: Place, at now: Instant) {
    if seen.count >= placesMax, seen[place] == nil {
      let oldest = seen.sorted { $0.value < $1.value }.prefix(max(1, placesMax / 4))
      for entry in oldest { seen[entry.key] = nil }
    }
    seen[place] = now
  }
}
