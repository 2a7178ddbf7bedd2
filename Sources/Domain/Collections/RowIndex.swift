/// From hashes to row numbers, 12 bytes a slot: open addressing with linear probing, for rows that
/// are never taken away.
///
/// A slot holds the hash itself, so that a look-up reads one place in memory. Of identifiers it is
/// `mix64`, which never joins two of them, and nothing of the row is read; of anything else the
/// caller compares what the row holds. In segments that are copied one by one: a copy of the whole
/// retains one buffer, and a later write copies the segment that it touches.
package struct RowIndex: Sendable {
  private struct Slot: Sendable {
    var low: UInt32 = 0
    var high: UInt32 = 0
    /// A row number + 1; 0 is free.
    var entry: UInt32 = 0

    init() {}

    init(_ row: UInt32, _ hash: UInt64) {
      low = UInt32(truncatingIfNeeded: hash)
      high = UInt32(truncatingIfNeeded: hash >> 32)
      entry = row + 1
    }
  }

  private struct Segment: Sendable {
    /// None, or a power of two of them.
    var slots: ContiguousArray<Slot> = []
    var count = 0
  }

  private static var segmentCount: Int { 256 }

  private var segments = ContiguousArray(repeating: Segment(), count: segmentCount)

  package init() {}

  /// `hash` is `mix64` of an identifier.
  package subscript(hash: UInt64) -> UInt32? { first(hash: hash) { _ in true } }

  /// Of the rows with this hash the one that matches.
  @inline(__always)
  package func first(hash: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
    let segment = Int(hash >> 56)
    let count = segments[segment].slots.count
    if count == 0 { return nil }
    let mask = count - 1
    let (low, high) = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32))
    var at = Int(low) & mask
    while true {
      let slot = segments[segment].slots[at]
      if slot.entry == 0 { return nil }
      if slot.low == low, slot.high == high, matches(slot.entry - 1) { return slot.entry - 1 }
      at = (at + 1) & mask
    }
  }

  /// `row` must not be there yet.
  package mutating func insert(_ row: UInt32, hash: UInt64) {
    let segment = Int(hash >> 56)
    if (segments[segment].count + 1) * 4 > segments[segment].slots.count * 3 {
      resize(segment, to: max(8, segments[segment].slots.count * 2))
    }
    Self.place(Slot(row, hash), in: &segments[segment].slots)
    segments[segment].count += 1
  }

  /// Many rows, none of which is there yet: segment by segment, so that each is written while it is
  /// in the processor's cache. Several times as fast as one after another, where there are many.
  package mutating func insert(contentsOf rows: [(row: UInt32, hash: UInt64)]) {
    guard rows.count >= Self.sortedMin else {
      for (row, hash) in rows { insert(row, hash: hash) }
      return
    }
    var ends = [Int](repeating: 0, count: Self.segmentCount)
    for (_, hash) in rows { ends[Int(hash >> 56)] += 1 }
    for segment in 1..<Self.segmentCount { ends[segment] += ends[segment - 1] }
    var places = [0] + ends.dropLast()
    var sorted = ContiguousArray(repeating: Slot(), count: rows.count)
    for (row, hash) in rows {
      let segment = Int(hash >> 56)
      sorted[places[segment]] = Slot(row, hash)
      places[segment] += 1
    }
    var start = 0
    for (segment, end) in ends.enumerated() {
      place(sorted[start..<end], in: segment)
      start = end
    }
  }

  /// From so many on they are sorted.
  private static var sortedMin: Int { 4_096 }

  private mutating func place(_ slots: ContiguousArray<Slot>.SubSequence, in segment: Int) {
    let count = segments[segment].count + slots.count
    var room = max(8, segments[segment].slots.count)
    while count * 4 > room * 3 { room *= 2 }
    if room > segments[segment].slots.count { resize(segment, to: room) }
    for slot in slots { Self.place(slot, in: &segments[segment].slots) }
    segments[segment].count = count
  }

  private mutating func resize(_ segment: Int, to count: Int) {
    var larger = ContiguousArray(repeating: Slot(), count: count)
    for slot in segments[segment].slots where slot.entry != 0 { Self.place(slot, in: &larger) }
    segments[segment].slots = larger
  }

  private static func place(_ slot: Slot, in slots: inout ContiguousArray<Slot>) {
    let mask = slots.count - 1
    var at = Int(slot.low) & mask
    while slots[at].entry != 0 { at = (at + 1) & mask }
    slots[at] = slot
  }
}
