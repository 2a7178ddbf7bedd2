import Domain
import Server
import Testing

@Suite struct TokenBucketTests {
  private static let start = Instant(ms: 1_700_000_000_000)

  private func allowance(_ count: Int64, _ windowMs: Int64) throws -> Allowance {
    try #require(Allowance(count: count, windowMs: windowMs))
  }

  private func emptied(_ allowance: Allowance) -> TokenBucket {
    var bucket = TokenBucket(at: Self.start)
    for _ in 0..<allowance.count {
      #expect(bucket.waitMs(allowance, at: Self.start) == 0)
      bucket.take(allowance, at: Self.start)
    }
    return bucket
  }

  @Test(arguments: [(10, 60_000), (3_000, 300_000), (7, 1_000), (300, 86_400_000), (1, 1), (5, 3)])
  func `a full bucket gives its count and not one more`(count: Int64, windowMs: Int64) throws {
    let allowance = try allowance(count, windowMs)
    let bucket = emptied(allowance)
    #expect(bucket.waitMs(allowance, at: Self.start) == (windowMs + count - 1) / count)
  }

  @Test(arguments: [(10, 60_000), (3_000, 300_000), (7, 1_000), (300, 86_400_000), (5, 3)])
  func `the time to wait is exact to the millisecond`(count: Int64, windowMs: Int64) throws {
    let allowance = try allowance(count, windowMs)
    let bucket = emptied(allowance)
    let waitMs = bucket.waitMs(allowance, at: Self.start)
    #expect(bucket.waitMs(allowance, at: Self.start.adding(ms: waitMs - 1)) == 1)
    #expect(bucket.waitMs(allowance, at: Self.start.adding(ms: waitMs)) == 0)
  }

  @Test func `a thousand years of odd waits lose and win nothing`() throws {
    // A third of a token is 333⅓ ms: whoever rounded would drift by a token in a few thousand.
    let allowance = try allowance(3, 1_000)
    var bucket = emptied(allowance)
    var now = Self.start
    for taken in 1...30_000 as ClosedRange<Int64> {
      now = now.adding(ms: bucket.waitMs(allowance, at: now))
      bucket.take(allowance, at: now)
      #expect(now.ms - Self.start.ms == (taken * 1_000 + 2) / 3)
    }
  }

  @Test func `it is full again after one window, not a millisecond sooner, and never fuller`()
    throws
  {
    let allowance = try allowance(10, 60_000)
    var bucket = emptied(allowance)
    #expect(!bucket.isFull(allowance, at: Self.start.adding(ms: 59_999)))
    #expect(bucket.isFull(allowance, at: Self.start.adding(ms: 60_000)))
    let late = Self.start.adding(ms: 60_000_000)
    for _ in 0..<10 { bucket.take(allowance, at: late) }
    #expect(bucket.waitMs(allowance, at: late) == 6_000)
  }

  @Test func `a clock that stands still brings no tokens`() throws {
    let allowance = try allowance(2, 1_000)
    let bucket = emptied(allowance)
    for _ in 0..<100 { #expect(bucket.waitMs(allowance, at: Self.start) == 500) }
  }

  @Test func `a clock that goes back brings none either, and none twice`() throws {
    let allowance = try allowance(2, 1_000)
    var bucket = emptied(allowance)
    let back = Self.start.adding(ms: -10_000)
    #expect(bucket.waitMs(allowance, at: back) == 10_500)
    #expect(bucket.waitMs(allowance, at: back.adding(ms: 10_500)) == 0)
    let ahead = Self.start.adding(ms: 500)
    bucket.take(allowance, at: ahead)
    bucket.giveBack(allowance, at: back)
    #expect(bucket.waitMs(allowance, at: back) == 0)
    bucket.take(allowance, at: back)
    #expect(bucket.waitMs(allowance, at: Self.start) == 1_000)
    #expect(bucket.waitMs(allowance, at: ahead) == 500)
  }

  @Test func `a token can be put back, but none beyond full`() throws {
    let allowance = try allowance(2, 1_000)
    var bucket = emptied(allowance)
    bucket.giveBack(allowance, at: Self.start)
    #expect(bucket.waitMs(allowance, at: Self.start) == 0)
    for _ in 0..<5 { bucket.giveBack(allowance, at: Self.start) }
    #expect(bucket.isFull(allowance, at: Self.start))
    bucket.take(allowance, at: Self.start)
    bucket.take(allowance, at: Self.start)
    #expect(bucket.waitMs(allowance, at: Self.start) == 500)
  }

  @Test func `the largest allowance is counted exactly, and larger ones are refused`() throws {
    let largest = try allowance(Allowance.countMax, Allowance.windowMsMax)
    var bucket = TokenBucket(at: Self.start)
    for _ in 0..<1_000 { bucket.take(largest, at: Self.start) }
    // A token comes every 2.6784 ms.
    #expect(!bucket.isFull(largest, at: Self.start.adding(ms: 2_678)))
    #expect(bucket.isFull(largest, at: Self.start.adding(ms: 2_679)))
    #expect(bucket.isFull(largest, at: Self.start.adding(ms: Allowance.windowMsMax)))
    #expect(Allowance(count: Allowance.countMax + 1, windowMs: 1) == nil)
    #expect(Allowance(count: 1, windowMs: Allowance.windowMsMax + 1) == nil)
    #expect(Allowance(count: 0, windowMs: 1) == nil && Allowance(count: 1, windowMs: 0) == nil)
  }
}
