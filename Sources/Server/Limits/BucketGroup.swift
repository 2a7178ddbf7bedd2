import Domain

/// The buckets of one rule for one caller, a bucket for each allowance: a call takes from all of
/// them or from none. In place, without memory of their own: a check is little more than finding
/// them.
struct BucketGroup: Sendable {
  /// As many as `RateLimits.allowancesMax`.
  private var buckets: InlineArray<4, TokenBucket>

  /// Full ones.
  init(at now: Instant) {
    buckets = InlineArray(repeating: TokenBucket(at: now))
    assert(buckets.count == RateLimits.allowancesMax, "a rule has a bucket for each allowance")
  }

  /// Milliseconds until every bucket has a token; 0 if a call may go on now.
  func waitMs(_ allowances: [Allowance], at now: Instant) -> Int64 {
    var waitMs: Int64 = 0
    for index in allowances.indices {
      waitMs = max(waitMs, buckets[index].waitMs(allowances[index], at: now))
    }
    return waitMs
  }

  mutating func take(_ allowances: [Allowance], at now: Instant) {
    for index in allowances.indices { buckets[index].take(allowances[index], at: now) }
  }

  mutating func giveBack(_ allowances: [Allowance], at now: Instant) {
    for index in allowances.indices { buckets[index].giveBack(allowances[index], at: now) }
  }

  /// Whether forgetting it would change nothing.
  func isFull(_ allowances: [Allowance], at now: Instant) -> Bool {
    allowances.indices.allSatisfy { buckets[$0].isFull(allowances[$0], at: now) }
  }

  /// Of its emptiest bucket.
  func emptiness(_ allowances: [Allowance], at now: Instant) -> Int64 {
    var emptiness: Int64 = 0
    for index in allowances.indices {
      emptiness = max(emptiness, buckets[index].emptiness(allowances[index], at: now))
    }
    return emptiness
  }
}
