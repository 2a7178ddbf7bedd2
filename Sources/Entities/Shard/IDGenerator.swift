package import Domain
private import Synchronization

/// Makes 64-bit identifiers: milliseconds since 1970 << 22 | node (10 bits) | counter (12 bits).
///
/// Strictly increasing, also when the clock stands still or goes back: then it goes on from the
/// last one (4 096 identifiers a millisecond are borrowed from the milliseconds ahead). All shards
/// of an engine share one, so that what was acknowledged first also sorts first in everybody's
/// home, whichever shards the two authors are on.
package final class IDGenerator: Sendable {
  package static let nodeMax = 1_023

  private let clock: any Clock
  private let node: UInt64
  private let last = Mutex<UInt64>(0)

  package init(clock: any Clock, node: Int) {
    precondition((0...Self.nodeMax).contains(node), "a node number has ten bits")
    self.clock = clock
    self.node = UInt64(node) << 12
  }

  /// The next identifier.
  package func next() -> UInt64 {
    let now = UInt64(max(clock.now.ms, 1)) << 22
    let id = last.withLock { last in
      if now > last & ~0x3F_FFFF {
        last = now | node
      } else if last & 0xFFF == 0xFFF {
        last = ((last >> 22) + 1) << 22 | node
      } else {
        last += 1
      }
      return last
    }
    // No event is older than its identifier: so the journal's newest time bounds all of them, and
    // after a start nothing else has to be known.
    if id >> 22 > now >> 22, let clock = clock as? SteadyClock {
      clock.advance(to: Instant(ms: Int64(id >> 22)))
    }
    return id
  }

  /// Never gives out `raw` or anything below it again: called for what the journal holds already.
  package func isAfter(_ raw: UInt64) {
    last.withLock { last in
      if raw > last { last = (raw >> 22) << 22 | node | 0xFFF }
    }
  }
}
