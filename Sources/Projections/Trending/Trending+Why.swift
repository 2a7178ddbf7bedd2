package import Domain

/// A use of a hashtag that its trend is made of.
package struct TrendContribution: Hashable, Sendable {
  package var post: PostID
  package var account: UserID
  /// The ten minutes that it counts in begin here.
  package var from: Instant
  /// Whether it lies in the last hour; otherwise in the week before.
  package var isNow: Bool
  /// Whether the account is counted for it: an account counts once in the last hour, and once in
  /// each of the hours before.
  package var isCounted: Bool
}

/// What the trend of a hashtag is made of at a moment.
package struct TrendAnatomy: Sendable {
  package var item: TrendItem<Tag>
  /// Oldest first.
  package var contributions: [TrendContribution]
  /// The last hour, in steps of ten minutes; the end is not included.
  package var now: Range<Instant>
  /// The whole hours before it that the usual is the mean of, and how many these count as.
  package var usual: Range<Instant>
  package var usualHours: Double
  /// Whether it was reviewed and kept from trending.
  package var isHidden: Bool
}

extension Trending {
  /// What `topTags` makes of a local hashtag, listed or not.
  package func anatomy(of tag: Tag, at moment: Instant, people: People) -> TrendAnatomy {
    let window = window(moment)
    let trend = tags.trends[tag] ?? Trend()
    var counted: Set<[UInt32]> = []
    let perHour = UInt32(TrendWindow.bucketsPerHour)
    var contributions: [TrendContribution] = []
    for use in trend.uses {
      let isNow = window.now.contains(use.bucket)
      guard isNow || window.usual.contains(use.hour) else { continue }
      // The last hour is one; those before are the clock's.
      let hour = isNow ? UInt32.max : use.bucket / perHour
      contributions.append(
        TrendContribution(
          post: PostID(use.source), account: people.id(of: use.account),
          from: Self.start(ofBucket: use.bucket), isNow: isNow,
          isCounted: counted.insert([hour, use.account.raw]).inserted))
    }
    let item = TrendItem(
      subject: tag, now: trend.accounts(in: window.now),
      usual: Double(trend.accountHours(in: window.usual)) / window.usualHours)
    return TrendAnatomy(
      item: item, contributions: contributions,
      now: Self.start(
        ofBucket: window.now.lowerBound)..<Self.start(ofBucket: window.now.upperBound + 1),
      usual: Self.start(
        ofBucket: window.usual.lowerBound * perHour)..<Self.start(
          ofBucket: window.usual.upperBound * perHour),
      usualHours: window.usualHours, isHidden: hidden.contains(tag))
  }

  private static func start(ofBucket bucket: UInt32) -> Instant {
    Instant(ms: Int64(bucket) * TrendWindow.bucketMs)
  }

  /// For how long before a moment uses are kept, at most: what is older does not matter.
  package static var keptMs: Int64 {
    Int64(TrendWindow.hoursKept) * Int64(TrendWindow.bucketsPerHour) * TrendWindow.bucketMs
  }
}
