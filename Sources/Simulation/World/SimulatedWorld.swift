import Domain
import Synchronization

/// A clock that moves only when the scheduler chooses so: ahead, not at all, or back.
final class VirtualClock: Clock {
  private let ms: Atomic<Int64>

  init(ms: Int64) { self.ms = Atomic(ms) }

  var now: Instant { Instant(ms: ms.load(ordering: .relaxed)) }

  func move(byMs ms: Int64) { self.ms.wrappingAdd(ms, ordering: .relaxed) }
}

/// Reproducible bytes for keys, salts and tokens.
final class SeededRandom: RandomSource {
  private let generator: Mutex<SeededGenerator>

  init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

  func bytes(_ count: Int) -> [UInt8] {
    generator.withLock { generator in
      (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
  }
}
