package import Domain
private import Journal
private import Synchronization

/// Another clock's time, but for its steps back: then this one stands still until the other has
/// caught up.
///
/// Identifiers carry the time, and lists are ordered by them: what is made later must not look
/// older, also on another shard, and also after a start with a clock that was put back.
package final class SteadyClock: Clock {
  private let base: any Clock
  private let latestMs = Atomic<Int64>(.min)

  package init(_ base: any Clock) { self.base = base }

  package var now: Instant {
    let ms = base.now.ms
    if Mutation.clockGoesBack.isPlanted { return Instant(ms: ms) }
    // Asked many times a millisecond: mostly there is nothing to write.
    let latest = latestMs.load(ordering: .relaxed)
    if ms <= latest { return Instant(ms: latest) }
    return Instant(ms: max(ms, latestMs.max(ms, ordering: .relaxed).newValue))
  }

  /// From now on, `now` is never before `instant`.
  package func advance(to instant: Instant) {
    _ = latestMs.max(instant.ms, ordering: .relaxed)
  }
}
