private import Glibc

/// How long something took, many times: counts by bucket, for Prometheus' histograms.
///
/// The bounds follow 1–2.5–5 from 10 µs to 10 s. A note costs a short walk over 19 numbers and
/// allocates nothing. Durations are shown and never decided upon.
package struct LatencyHistogram: Sendable {
  /// Upper bounds of the buckets, in nanoseconds; what is longer goes into one more.
  package static let bounds: [UInt64] = [
    10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
    100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
    10_000_000_000,
  ]

  /// How many fell into each bucket, not cumulated.
  package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  /// Nanoseconds in all.
  package private(set) var sum: UInt64 = 0

  package init() {}

  package var count: UInt64 { counts.reduce(0, +) }

  package mutating func note(nanoseconds: UInt64) {
    var bucket = 0
    while bucket < Self.bounds.count, nanoseconds > Self.bounds[bucket] { bucket += 1 }
    counts[bucket] += 1
    sum &+= nanoseconds
  }

  package static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
    for index in left.counts.indices { left.counts[index] += right.counts[index] }
    left.sum &+= right.sum
  }
}

/// Nanoseconds of the clock that only goes forward.
package func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
