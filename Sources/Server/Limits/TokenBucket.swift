package import Domain

/// What is left of an allowance: a bucket of `count` tokens that fills up evenly within one window.
///
/// Exact: it counts in parts of a token, as many to a token as the window has milliseconds, so that
/// each millisecond brings a whole number of parts (`count`) and nothing is ever rounded.
package struct TokenBucket: Hashable, Sendable {
  /// Parts that are missing from a full bucket as of `asOf`.
  private var missing: Int64 = 0
  private var asOf: Instant

  /// A full one.
  package init(at now: Instant) { asOf = now }

  /// Milliseconds until there is a token; 0 if there is one now. A call that comes one millisecond
  /// sooner is refused.
  package func waitMs(_ allowance: Allowance, at now: Instant) -> Int64 {
    let excess = missing(allowance, at: now) + allowance.windowMs - allowance.capacity
    guard excess > 0 else { return 0 }
    // Where the clock went back, it first has to come to where it was.
    return max(0, asOf.ms - now.ms) + (excess + allowance.count - 1) / allowance.count
  }

  /// Takes a token. There must be one.
  package mutating func take(_ allowance: Allowance, at now: Instant) {
    settle(allowance, at: now)
    missing += allowance.windowMs
    assert(missing <= allowance.capacity, "a token was taken from an empty bucket")
  }

  /// Puts a token back that was taken; never more than fits.
  package mutating func giveBack(_ allowance: Allowance, at now: Instant) {
    settle(allowance, at: now)
    missing = max(0, missing - allowance.windowMs)
  }

  package func isFull(_ allowance: Allowance, at now: Instant) -> Bool {
    missing(allowance, at: now) == 0
  }

  /// How empty it is, from 0 (full) to `emptinessMax`.
  func emptiness(_ allowance: Allowance, at now: Instant) -> Int64 {
    let scaled = missing(allowance, at: now).multipliedFullWidth(by: Self.emptinessMax)
    return allowance.capacity.dividingFullWidth(scaled).quotient
  }

  static let emptinessMax: Int64 = 1 << 20

  private mutating func settle(_ allowance: Allowance, at now: Instant) {
    missing = missing(allowance, at: now)
    asOf = max(asOf, now)
  }

  /// A clock that stands still, or has gone back, brings nothing.
  private func missing(_ allowance: Allowance, at now: Instant) -> Int64 {
    guard missing > 0, now > asOf else { return missing }
    let elapsed = now.ms - asOf.ms
    guard elapsed < allowance.windowMs else { return 0 }
    return max(0, missing - elapsed * allowance.count)
  }
}

extension Allowance {
  /// Parts of tokens in a full bucket.
  fileprivate var capacity: Int64 { count * windowMs }
}
