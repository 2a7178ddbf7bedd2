package import Domain
private import Synchronization

/// The same bytes from the same seed, in every process: for imports and golden data that must come
/// out alike. Not fit for secrets.
package final class SeededRandom: RandomSource {
  private let state: Mutex<UInt64>

  package init(seed: UInt64) { state = Mutex(mix64(seed)) }

  package func bytes(_ count: Int) -> [UInt8] {
    state.withLock { state in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count + 7)
      while bytes.count < count {
        state &+= 0x9E37_79B9_7F4A_7C15
        let word = mix64(state)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift))) }
      }
      bytes.removeLast(bytes.count - count)
      return bytes
    }
  }
}

/// A clock that stands where it was last set.
package final class SetClock: Clock {
  private let ms: Atomic<Int64>

  package init(_ instant: Instant) { ms = Atomic(instant.ms) }

  package var now: Instant { Instant(ms: ms.load(ordering: .relaxed)) }

  package func set(_ instant: Instant) { ms.store(instant.ms, ordering: .relaxed) }
}
