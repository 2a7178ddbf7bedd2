internal import CEpoll
internal import Glibc

/// Time on a clock that never goes back.
struct Stopwatch {
  private let start = Self.nanoseconds

  static var nanoseconds: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Since it was made.
  var seconds: Double { Double(Self.nanoseconds - start) / 1e9 }
}
