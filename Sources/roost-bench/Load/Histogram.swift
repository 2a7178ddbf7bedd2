/// Counts of values by size, log-linear as in HdrHistogram: each power of two is cut into 128 equal
/// buckets, so that what is read from it is too large by less than 1 %, and never too small.
///
/// In 34 KiB; values below 128 are exact, those above `valueMax` count as that.
struct Histogram: Equatable {
  static let valueMax: UInt64 = 1 << 40 - 1
  private static let bits = 7
  private static let bucketCount = bucket(of: valueMax) + 1

  private var counts = [UInt64](repeating: 0, count: bucketCount)
  private(set) var count: UInt64 = 0
  /// The largest value, exact; 0 if there is none.
  private(set) var max: UInt64 = 0
  private var sum: UInt64 = 0

  mutating func record(_ value: UInt64) {
    let value = min(value, Self.valueMax)
    counts[Self.bucket(of: value)] += 1
    count += 1
    sum &+= value
    if value > max { max = value }
  }

  static func += (left: inout Histogram, right: Histogram) {
    for (bucket, count) in right.counts.enumerated() { left.counts[bucket] += count }
    left.count += right.count
    left.sum &+= right.sum
    left.max = Swift.max(left.max, right.max)
  }

  var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

  /// The smallest value that this share of all does not exceed; 0 if there is none.
  func value(at share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    let wanted = Swift.max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (bucket, count) in counts.enumerated() where count > 0 {
      seen += count
      if seen >= wanted { return min(max, Self.highest(of: bucket)) }
    }
    return max
  }

  /// The shares at which a curve is drawn: four on each way of halving what is left to 1, as long
  /// as there are values for it; and 1.
  var curve: [(share: Double, value: UInt64)] {
    guard count > 0 else { return [] }
    var points: [(share: Double, value: UInt64)] = []
    var rest = 1.0
    while rest * Double(count) >= 1 {
      for quarter in 0..<4 {
        let share = 1 - rest * (1 - Double(quarter) / 8)
        points.append((share, value(at: share)))
      }
      rest /= 2
    }
    points.append((1, max))
    return points
  }

  private static func bucket(of value: UInt64) -> Int {
    let shift = Swift.max(0, 63 - bits - value.leadingZeroBitCount)
    return shift << bits + Int(value >> UInt64(shift))
  }

  /// The largest value of a bucket.
  private static func highest(of bucket: Int) -> UInt64 {
    guard bucket >= 2 << bits else { return UInt64(bucket) }
    let shift = bucket >> bits - 1
    let part = UInt64(bucket & (1 << bits - 1) + 1 << bits)
    return (part + 1) << UInt64(shift) - 1
  }
}
