/// From identifiers to row numbers, 12 bytes a slot: open addressing with linear probing, for rows
/// that are never taken away.
///
/// A slot holds the mixed identifier itself, so that a look-up reads one place in memory and
/// nothing of the row. In segments that are copied one by one: a copy of the whole retains one
/// buffer, and a later write copies the segment that it touches.
package struct RowIndex: Sendable {
  private struct Slot: Sendable {
    var low: UInt32 = 0
    var high: UInt32 = 0
    /// A row number + 1; 0 is free.
    var entry: UInt32 = 0
  }

  private struct Segment: Sendable {
    /// None, or a power of two of them.
    var slots: ContiguousArray<Slot> = []
    var count = 0
  }

  private static var segmentCount: Int { 256 }

  private var segments = ContiguousArray(repeating: Segment(), count: segmentCount)

  package init() {}

  /// `hash` is `mix64` of an identifier: that never joins two of them.
  package subscript(hash: UInt64) -> UInt32? {
    let segment = Int(hash >> 56)
    let count = segments[segment].slots.count
    if count == 0 { return nil }
    let mask = count - 1
    let (low, high) = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32))
    var at = Int(low) & mask
    while true {
      let slot = segments[segment].slots[at]
      if slot.entry == 0 { return nil }
      if slot.low == low, slot.high == high { return slot.entry - 1 }
      at = (at + 1) & mask
    }
  }

  /// `hash` must not be there yet.
  package mutating func insert(_ row: UInt32, hash: UInt64) {
    let segment = Int(hash >> 56)
    let slot = Slot(
      low: UInt32(truncatingIfNeeded: hash), high: UInt32(truncatingIfNeeded: hash >> 32),
      entry: row + 1)
    if (segments[segment].count + 1) * 4 > segments[segment].slots.count * 3 {
      var larger = ContiguousArray(
        repeating: Slot(), count: max(8, segments[segment].slots.count * 2))
      for slot in segments[segment].slots where slot.entry != 0 { Self.place(slot, in: &larger) }
      segments[segment].slots = larger
    }
    Self.place(slot, in: &segments[segment].slots)
    segments[segment].count += 1
  }

  private static func place(_ slot: Slot, in slots: inout ContiguousArray<Slot>) {
    let mask = slots.count - 1
    var at = Int(slot.low) & mask
    while slots[at].entry != 0 { at = (at + 1) & mask }
    slots[at] = slot
  }
}
