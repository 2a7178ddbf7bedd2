internal import Domain

/// What "now" and "usual" mean at a moment.
///
/// Now is the last hour in steps of ten minutes: the running ten minutes and the five before. Usual
/// is the mean over the (at most) 168 whole clock hours before the one in which now begins; where
/// the journal is younger, over the hours since its first event, at least one.
struct TrendWindow: Sendable {
  static let bucketMs: Int64 = 600_000
  static let bucketsPerHour = 6
  static let usualHoursMax: UInt32 = 168
  /// Usual hours, and the up to two clock hours that now spans.
  static let hoursKept: UInt32 = usualHoursMax + 2

  let now: ClosedRange<UInt32>
  let usual: Range<UInt32>
  let usualHours: Double

  init(at moment: Instant, firstHour: UInt32) {
    let bucket = Self.bucket(of: moment)
    let start = bucket - min(bucket, UInt32(Self.bucketsPerHour) - 1)
    let hour = start / UInt32(Self.bucketsPerHour)
    now = start...bucket
    usual = (hour - min(hour, Self.usualHoursMax))..<hour
    usualHours = Double(
      min(Self.usualHoursMax, max(1, hour > firstHour ? hour - firstHour : 1)))
  }

  static func bucket(of moment: Instant) -> UInt32 {
    UInt32(clamping: max(0, moment.ms) / bucketMs)
  }
}
