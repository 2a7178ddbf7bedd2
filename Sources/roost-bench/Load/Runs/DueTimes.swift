/// Moments at even distances, handed out as they come.
struct DueTimes {
  private let start: UInt64
  private let interval: Double
  private let end: UInt64
  private(set) var given = 0

  init(from start: UInt64, rate: Double, until end: UInt64) {
    self.start = start
    interval = 1e9 / rate
    self.end = end
  }

  /// The next moment, whether it has come or not; nil at the end.
  var next: UInt64? {
    let time = start + UInt64(Double(given) * interval)
    return time < end ? time : nil
  }

  /// The next moment, if it has come.
  mutating func take(_ now: UInt64) -> UInt64? {
    guard let next, next <= now else { return nil }
    given += 1
    return next
  }
}
