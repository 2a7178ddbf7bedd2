/// How an index is cut into segments: a function of the journal's length alone, so that an index
/// that was deleted comes back in the same files.
///
/// Segments have `unit`, `unit · fanIn`, … events and begin at multiples of their length. What is
/// left beyond the last unit is no file: it is read from the journal at each use.
package struct HistoryShape: Hashable, Sendable {
  package static let standard = HistoryShape(unit: 4_096, fanIn: 16, levels: 4, collectedLevel: 2)

  /// Events in the smallest segment.
  package let unit: UInt64
  /// So many segments of one length become one of the next.
  package let fanIn: UInt64
  package let levels: Int
  /// Segments up to this level, counted from 0, are collected in memory; longer ones are merged.
  package let collectedLevel: Int

  package init(unit: UInt64, fanIn: UInt64, levels: Int, collectedLevel: Int) {
    precondition(unit > 0 && fanIn > 1 && (0..<levels).contains(collectedLevel))
    self.unit = unit
    self.fanIn = fanIn
    self.levels = levels
    self.collectedLevel = collectedLevel
  }

  /// In events, of a segment of a level.
  func length(_ level: Int) -> UInt64 {
    (0..<level).reduce(unit) { length, _ in length * fanIn }
  }

  /// Whether there is a segment from one position to another in an index of this shape.
  func hasSegment(from first: UInt64, through last: UInt64) -> Bool {
    guard first > 0, last >= first else { return false }
    let length = last - first + 1
    return (first - 1) % length == 0 && (0..<levels).contains { self.length($0) == length }
  }

  /// The longest segment that can be collected after so many indexed events; nil if fewer than a
  /// unit are left.
  func next(after indexed: UInt64, of total: UInt64) -> UInt64? {
    (0...collectedLevel).map(length).last { indexed % $0 == 0 && total - indexed >= $0 }
  }

  /// How many of the newest segments, given by their lengths, become one; nil if none do.
  func mergeable(_ lengths: [UInt64], end: UInt64) -> Int? {
    guard let last = lengths.last, last < length(levels - 1) else { return nil }
    let count = Int(fanIn)
    guard lengths.count >= count, lengths.suffix(count).allSatisfy({ $0 == last }),
      end % (last * fanIn) == 0
    else { return nil }
    return count
  }
}
