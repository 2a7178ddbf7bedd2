private import Synchronization

/// What the writer has done since the process began, for those who watch it.
package final class JournalMeter: Sendable {
  package struct Counts: Sendable {
    package fileprivate(set) var transactions: UInt64 = 0
    package fileprivate(set) var events: UInt64 = 0
    /// Of blocks, as they are stored.
    package fileprivate(set) var bytes: UInt64 = 0
    /// From the first byte written to the end of the transaction, its sync included where
    /// durability is `always`.
    package fileprivate(set) var commits = LatencyHistogram()
  }

  private let state = Mutex(Counts())

  package var counts: Counts { state.withLock { $0 } }

  func note(events: Int, bytes: Int, nanoseconds: UInt64) {
    state.withLock { counts in
      counts.transactions += 1
      counts.events += UInt64(events)
      counts.bytes += UInt64(bytes)
      counts.commits.note(nanoseconds: nanoseconds)
    }
  }
}
