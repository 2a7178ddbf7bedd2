internal import Domain

/// The candidates that the homes of a shard have in their rings: each once, under a number of 32
/// bits.
///
/// Rings let go of numbers without a word, since counting who holds one would cost every delivery
/// another look at distant memory. Instead the table is reviewed now and then, a part with each
/// candidate added: `beginReview`, `keep` for every number of every ring, `endReview`. What nobody
/// held at its turn is free: a ring never takes up a number that was there before the review.
///
/// So there are at most twice as many entries as rings hold, those of `spareMax`, and those of the
/// time that a review takes.
struct CandidateTable: Sendable {
  /// Candidates added between two reviews, or as many as rings held in the last one: 24 MiB.
  static let spareMax = 1 << 20

  private let spareMax: Int
  private var entries = SegmentedArray(empty: RingEntry(floor: 0))
  /// A bit for each number, 64 in a word: whether it was held in the last review, or added later.
  private var marks = SegmentedArray<UInt64>(empty: 0)
  private(set) var isUnderReview = false
  /// Below this one no number is free.
  private var searchedFrom = 0
  private var additionsUntilReview: Int

  init(spareMax: Int = Self.spareMax) {
    self.spareMax = spareMax
    additionsUntilReview = spareMax
  }

  /// Numbers in use, and free ones between them.
  var count: Int { entries.count }
  var isReviewDue: Bool { !isUnderReview && additionsUntilReview <= 0 }

  subscript(number: UInt32) -> RingEntry { entries[Int(number)] }

  mutating func add(_ entry: RingEntry) -> UInt32 {
    let number = isUnderReview ? count : firstFree()
    precondition(number <= Int(UInt32.max), "homes hold more candidates than there are numbers")
    entries.grow(toHold: number)
    marks.grow(toHold: number >> 6)
    entries[number] = entry
    keep(UInt32(number))
    additionsUntilReview -= 1
    return UInt32(number)
  }

  /// The next one at the end, if there is none between.
  private mutating func firstFree() -> Int {
    while searchedFrom < count {
      let bit = searchedFrom & 63
      let held = (~(marks[searchedFrom >> 6] >> UInt64(bit))).trailingZeroBitCount
      searchedFrom += held
      if bit + held < 64 { break }
    }
    return min(searchedFrom, count)
  }

  // MARK: Review

  mutating func beginReview() {
    isUnderReview = true
    marks = SegmentedArray(empty: 0)
    marks.grow(toHold: (count - 1) >> 6)
  }

  /// A ring holds this number.
  mutating func keep(_ number: UInt32) {
    marks[Int(number >> 6)] |= 1 << UInt64(number & 63)
  }

  /// Every ring has had its turn.
  mutating func endReview() {
    isUnderReview = false
    searchedFrom = 0
    var held = 0
    for word in 0..<marks.count { held += marks[word].nonzeroBitCount }
    additionsUntilReview = max(spareMax, held)
  }
}
