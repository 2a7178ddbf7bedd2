import Domain
import Synchronization

/// splitmix64: the same sequence from the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mix64(state)
  }
}

/// Reproducible bytes for keys and salts.
final class SeededRandom: RandomSource {
  private let generator: Mutex<SeededGenerator>
  init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

  func bytes(_ count: Int) -> [UInt8] {
    generator.withLock { generator in
      (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
  }
}

/// A clock that tests set by hand.
final class ManualClock: Clock {
  private let ms: Atomic<Int64>
  init(ms: Int64) { self.ms = Atomic(ms) }

  var now: Instant { Instant(ms: ms.load(ordering: .relaxed)) }
  func set(ms: Int64) { self.ms.store(ms, ordering: .relaxed) }
  func advance(ms: Int64) { self.ms.wrappingAdd(ms, ordering: .relaxed) }
}
