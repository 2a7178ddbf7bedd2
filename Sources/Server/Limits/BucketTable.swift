import Domain

/// What a table has seen, for INFO.
package struct LimitCounts: Hashable, Sendable {
  package fileprivate(set) var checked: UInt64 = 0
  /// By the rule's raw value.
  package fileprivate(set) var refused = [UInt64](repeating: 0, count: LimitRule.allCases.count)
  /// Callers and rules with a bucket that is not full, and some that have filled up since.
  package fileprivate(set) var tracked = 0
  /// Dropped for want of room although something was missing from them.
  package fileprivate(set) var evicted: UInt64 = 0

  static func += (sum: inout LimitCounts, other: LimitCounts) {
    sum.checked += other.checked
    for index in sum.refused.indices { sum.refused[index] += other.refused[index] }
    sum.tracked += other.tracked
    sum.evicted += other.evicted
  }
}

/// The buckets of many callers, by rule, in bounded memory.
///
/// A full bucket need not be kept. So the table is swept of them when it has doubled, and when it
/// is at its bound; no timer is needed. Where that gives too little room at the bound, the fullest
/// go, until three quarters are left: whoever wants their own exhausted bucket forgotten must first
/// exhaust as many others as that, and a flood of callers that come once only displaces itself.
struct BucketTable<Subject: Hashable & Sendable>: Sendable {
  struct Key: Hashable, Sendable {
    var subject: Subject
    var rule: LimitRule
  }

  private static var sweptAtMin: Int { 256 }

  private let limits: RateLimits
  private let keysMax: Int
  private var groups: [Key: BucketGroup] = [:]
  private var sweptAt: Int
  private var totals = LimitCounts()

  /// - Parameter keysMax: at least 1; that many are kept.
  init(_ limits: RateLimits, keysMax: Int) {
    precondition(keysMax >= 1, "a table holds something")
    self.limits = limits
    self.keysMax = keysMax
    sweptAt = min(keysMax, Self.sweptAtMin)
  }

  var counts: LimitCounts {
    var counts = totals
    counts.tracked = groups.count
    return counts
  }

  /// Takes a token from each bucket, or nothing. Answers the milliseconds until that can succeed; 0
  /// if it has.
  mutating func take(_ key: Key, at now: Instant) -> Int64 {
    let allowances = limits[key.rule]
    totals.checked += 1
    if let index = groups.index(forKey: key) {
      let waitMs = groups.values[index].waitMs(allowances, at: now)
      guard waitMs == 0 else {
        totals.refused[Int(key.rule.rawValue)] += 1
        return waitMs
      }
      groups.values[index].take(allowances, at: now)
      return 0
    }
    if groups.count >= sweptAt { sweep(at: now) }
    var group = BucketGroup(at: now)
    group.take(allowances, at: now)
    groups[key] = group
    return 0
  }

  /// Puts back what `take` took.
  mutating func giveBack(_ key: Key, at now: Instant) {
    guard let index = groups.index(forKey: key) else { return }
    groups.values[index].giveBack(limits[key.rule], at: now)
  }

  private mutating func sweep(at now: Instant) {
    let isAtBound = groups.count >= keysMax
    groups = groups.filter { !$0.value.isFull(limits[$0.key.rule], at: now) }
    let keptMax = keysMax - max(1, keysMax / 4)
    if isAtBound, groups.count > keptMax { evict(groups.count - keptMax, at: now) }
    sweptAt = min(keysMax, max(Self.sweptAtMin, groups.count * 2))
  }

  private mutating func evict(_ count: Int, at now: Instant) {
    let ranked = groups.map { (key: $0.key, emptiness: emptiness(of: $0.value, $0.key, at: now)) }
      .sorted { $0.emptiness < $1.emptiness }
    for entry in ranked.prefix(count) { groups[entry.key] = nil }
    totals.evicted += UInt64(count)
  }

  private func emptiness(of group: BucketGroup, _ key: Key, at now: Instant) -> Int64 {
    group.emptiness(limits[key.rule], at: now)
  }
}
