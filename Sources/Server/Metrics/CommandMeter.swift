package import Journal
private import Synchronization

/// How often each command was called, how it ended and how long it took.
///
/// Counted in stripes, one for a few connections each, so that shards do not wait for each other;
/// a note is a lock that nobody else holds and some additions.
package final class CommandMeter: Sendable {
  private static let stripesCount = 16

  /// Of one command, since the process began.
  package struct Counts: Sendable {
    /// From a command's taking up to its reply, without the wait for the disk.
    package fileprivate(set) var latencies = LatencyHistogram()
    /// By the code of the error.
    package fileprivate(set) var errors: [String: UInt64] = [:]

    fileprivate static func += (left: inout Counts, right: Counts) {
      left.latencies += right.latencies
      left.errors.merge(right.errors, uniquingKeysWith: +)
    }
  }

  private final class Stripe: Sendable {
    /// By the command's number; as many as have been needed.
    let counts = Mutex<[Counts]>([])
  }

  private let stripes = (0..<stripesCount).map { _ in Stripe() }

  package init() {}

  /// `number` is the command's place in the table; `code` that of the error, if it ended with one.
  func note(_ number: Int, by connection: UInt64, nanoseconds: UInt64, code: String?) {
    let stripe = stripes[Int(connection % UInt64(Self.stripesCount))]
    stripe.counts.withLock { counts in
      while counts.count <= number { counts.append(Counts()) }
      counts[number].latencies.note(nanoseconds: nanoseconds)
      if let code { counts[number].errors[code, default: 0] += 1 }
    }
  }

  /// By the command's number.
  package var counts: [Counts] {
    var sums: [Counts] = []
    for stripe in stripes {
      let counts = stripe.counts.withLock { $0 }
      while sums.count < counts.count { sums.append(Counts()) }
      for (number, more) in counts.enumerated() { sums[number] += more }
    }
    return sums
  }
}
