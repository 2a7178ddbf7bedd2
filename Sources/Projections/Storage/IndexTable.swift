/// A `RowTable` in segments that are copied one by one, for rows that are never taken away.
struct IndexTable: Sendable {
  private struct Segment: Sendable {
    var table = RowTable()
    var count = 0
  }

  private static let segmentCount = 256

  private var segments = [Segment](repeating: Segment(), count: segmentCount)

  @inline(__always)
  func find(hash: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
    segments[Int(hash >> 56)].table.find(hash: hash, where: matches)
  }

  /// `row` must not be there yet. `hashOf` tells the hash of a row, for growing.
  mutating func insert(_ row: UInt32, hash: UInt64, hashOf: (UInt32) -> UInt64) {
    let segment = Int(hash >> 56)
    let count = segments[segment].count
    segments[segment].table.insert(row, hash: hash, count: count, hashOf: hashOf)
    segments[segment].count = count + 1
  }
}
