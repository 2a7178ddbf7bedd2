internal import Domain
// For the square root, which debug builds call from libm.
internal import Glibc

/// The trends of one kind of subject, and which of them were active in which hour.
struct TrendTable<Subject: SegmentKey & Comparable>: Sendable {
  private(set) var trends = SegmentedMap<Subject, Trend>()
  /// Subjects by hours in which they had a use; derived.
  private var active: [UInt32: [Subject]] = [:]

  mutating func add(_ use: TrendUse, to subject: Subject) {
    if trends[subject, default: Trend()].add(use) { active[use.hour, default: []].append(subject) }
  }

  mutating func retract(_ source: UInt64, from subject: Subject) {
    trends[subject]?.retract(source)
  }

  mutating func retractAll(from subject: Subject) { trends[subject]?.retractAll() }

  /// O(all uses): for what happens as seldom as erasure.
  mutating func retractAll(by account: PersonIndex) {
    trends.forEachValue { $0.retractAll(by: account) }
  }

  mutating func expire(before hour: UInt32) {
    for old in active.keys where old < hour {
      for subject in active.removeValue(forKey: old) ?? [] {
        if trends[subject]?.expire(before: hour) == true { trends[subject] = nil }
      }
    }
  }

  /// The best `count` by score; of equals, the one with more accounts, then the greater subject.
  ///
  /// Looks at the subjects of the last hour only, and of these counts the accounts of no more than
  /// could still be among the best: a score is never above the number of uses.
  func top(
    count: Int, in window: TrendWindow, where isAllowed: (Subject) -> Bool
  ) -> [TrendItem<Subject>] {
    let perHour = UInt32(TrendWindow.bucketsPerHour)
    var candidates: [(uses: Int, subject: Subject)] = []
    // The window spans two clock hours at most; who was active in both comes twice.
    for hour in (window.now.lowerBound / perHour)...(window.now.upperBound / perHour) {
      for subject in active[hour] ?? [] where isAllowed(subject) {
        let uses = trends[subject]?.useCount(in: window.now) ?? 0
        if uses > 0 { candidates.append((uses, subject)) }
      }
    }
    candidates.sort { $0.uses > $1.uses }
    var top: [TrendItem<Subject>] = []
    for candidate in candidates {
      if top.count == count, Double(candidate.uses) < top.last?.score ?? 0 { break }
      guard let trend = trends[candidate.subject],
        !top.contains(where: { $0.subject == candidate.subject })
      else { continue }
      let item = TrendItem(
        subject: candidate.subject, now: trend.accounts(in: window.now),
        usual: Double(trend.accountHours(in: window.usual)) / window.usualHours)
      guard item.score > 0 else { continue }
      let place = top.firstIndex { item.comesBefore($0) } ?? top.count
      top.insert(item, at: place)
      if top.count > count { top.removeLast() }
    }
    return top
  }

  // MARK: Restoring

  mutating func restore(_ trend: Trend, of subject: Subject) {
    trends[subject] = trend
    var last: UInt32?
    for use in trend.uses where use.hour != last {
      active[use.hour, default: []].append(subject)
      last = use.hour
    }
  }
}

/// A tag or a post that more people use than usual.
package struct TrendItem<Subject: Hashable & Comparable & Sendable>: Hashable, Sendable {
  package var subject: Subject
  /// Distinct accounts in the last hour.
  package var now: UInt32
  /// Distinct accounts in an hour, on average over the week before.
  package var usual: Double

  package init(subject: Subject, now: UInt32, usual: Double) {
    self.subject = subject
    self.now = now
    self.usual = usual
  }

  /// By how many standard deviations now is above usual, if the accounts in an hour were a Poisson
  /// variable of that mean; the 1 keeps what is new from having no deviation at all.
  package var score: Double { (Double(now) - usual) / (usual + 1).squareRoot() }

  /// The order in which trends are listed; the same on every shard, to merge by.
  package func comesBefore(_ other: Self) -> Bool {
    if score != other.score { return score > other.score }
    if now != other.now { return now > other.now }
    return subject > other.subject
  }
}
