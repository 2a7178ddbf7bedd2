/// Pairs of people in the order in which they came about.
struct Pairs: Equatable, Sendable {
  private(set) var targets: [UInt64: [UInt64]] = [:]
  private(set) var sources: [UInt64: [UInt64]] = [:]

  func contains(_ from: UInt64, _ to: UInt64) -> Bool { targets[from]?.contains(to) ?? false }

  mutating func append(_ from: UInt64, _ to: UInt64) {
    if contains(from, to) { return }
    targets[from, default: []].append(to)
    sources[to, default: []].append(from)
  }

  mutating func remove(_ from: UInt64, _ to: UInt64) {
    guard contains(from, to) else { return }
    targets[from]?.removeAll { $0 == to }
    sources[to]?.removeAll { $0 == from }
  }

  func from(_ source: UInt64) -> [UInt64] { targets[source] ?? [] }
  func to(_ target: UInt64) -> [UInt64] { sources[target] ?? [] }

  static func == (left: Pairs, right: Pairs) -> Bool {
    left.targets.filter { !$0.value.isEmpty } == right.targets.filter { !$0.value.isEmpty }
      && left.sources.filter { !$0.value.isEmpty } == right.sources.filter { !$0.value.isEmpty }
  }
}
