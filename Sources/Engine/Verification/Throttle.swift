private import Glibc
private import Synchronization

/// Keeps a thread's work at a share of its time: after each piece it sleeps for as long as the
/// share demands, and wakes early when the work is to end.
final class Throttle: Sendable {
  /// Sleeping is looked up from so often.
  private static let napUs: UInt32 = 20_000

  /// Of the time, in percent: 1 to 100.
  private let percent: Int
  private let ended = Atomic<Bool>(false)

  init(percent: Int) {
    precondition((1...100).contains(percent), "a share of the time is 1 to 100 percent")
    self.percent = percent
  }

  /// Ends the naps, now and from now on.
  func end() { ended.store(true, ordering: .releasing) }

  var isEnded: Bool { ended.load(ordering: .acquiring) }

  /// Does a piece of work on this thread and rests after it.
  func work<Value>(_ body: () throws -> Value) rethrows -> Value {
    let start = Self.nowUs()
    let value = try body()
    rest(afterUs: Self.nowUs() - start)
    return value
  }

  /// Rests as after so much work.
  func rest(afterUs worked: UInt64) {
    sleep(us: worked * UInt64(100 - percent) / UInt64(percent))
  }

  func sleep(us: UInt64) {
    let until = Self.nowUs() + us
    while !isEnded, case let now = Self.nowUs(), now < until {
      usleep(UInt32(min(UInt64(Self.napUs), until - now)))
    }
  }

  /// Since the machine started.
  static func nowUs() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
  }
}
