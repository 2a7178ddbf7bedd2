import Testing

@testable import roost_bench

@Suite struct HistogramTests {
  /// Around every power of two, and numbers at random.
  private static let values: [UInt64] = {
    var random = SplitMix(seed: 7)
    let powers = (0..<40).map { UInt64(1) << UInt64($0) }
    return powers.flatMap { [$0 - 1, $0, $0 + 1] }
      + (0..<1_000).map { _ in random.next() >> UInt64(25 + random.below(39)) }
  }()

  @Test func `what is read is never too small and too large by less than one percent`() {
    for value in Self.values {
      var histogram = Histogram()
      histogram.record(value)
      // So that the exact maximum does not bound what is read.
      histogram.record(Histogram.valueMax)
      let read = histogram.value(at: 0.5)
      #expect(read >= value && Double(read - value) <= 0.01 * Double(value), "\(value) as \(read)")
    }
  }

  @Test func `small values are exact`() {
    for value in 0..<UInt64(256) {
      var histogram = Histogram()
      histogram.record(value)
      histogram.record(Histogram.valueMax)
      #expect(histogram.value(at: 0.5) == value)
    }
  }

  @Test func `percentiles of known values are found`() {
    var histogram = Histogram()
    for value in 1...UInt64(100_000) { histogram.record(value * 1_000) }
    for (share, value) in [(0.5, 50_000.0), (0.9, 90_000), (0.99, 99_000), (0.999, 99_900)] {
      let read = Double(histogram.value(at: share)) / 1_000
      #expect(read >= value && read <= value * 1.01, "\(share)")
    }
    #expect(histogram.value(at: 1) == 100_000_000)
    #expect(histogram.max == 100_000_000)
    #expect(histogram.count == 100_000)
    #expect(abs(histogram.mean - 50_000_500) < 1)
  }

  @Test func `two added are as one that took the values of both`() {
    var left = Histogram()
    var right = Histogram()
    var both = Histogram()
    for (index, value) in Self.values.enumerated() {
      if index.isMultiple(of: 3) { left.record(value) } else { right.record(value) }
      both.record(value)
    }
    left += right
    #expect(left == both)
  }

  @Test func `the largest value counts as itself and one more as no more than that`() {
    var histogram = Histogram()
    histogram.record(Histogram.valueMax)
    #expect(histogram.max == Histogram.valueMax)
    histogram.record(Histogram.valueMax + 1)
    #expect(histogram.max == Histogram.valueMax)
    #expect(histogram.count == 2)
  }

  @Test func `the curve ascends and ends with the largest value`() {
    var histogram = Histogram()
    for value in Self.values { histogram.record(value) }
    let curve = histogram.curve
    #expect(curve.first?.share == 0)
    #expect(curve.last?.share == 1 && curve.last?.value == histogram.max)
    for (point, next) in zip(curve, curve.dropFirst()) {
      #expect(point.share < next.share && point.value <= next.value)
    }
  }

  @Test func `without values there is nothing to read`() {
    let histogram = Histogram()
    #expect(histogram.value(at: 0.99) == 0)
    #expect(histogram.curve.isEmpty)
    #expect(histogram.mean == 0)
  }
}
