/// From hashes to row numbers, 4 bytes a slot: open addressing with linear probing. The rows
/// themselves hold the keys, so the caller compares and hashes them.
struct RowTable: Sendable {
  /// A row number + 1; 0 is free. None, or a power of two of them.
  private var slots: [UInt32] = []

  init() {}

  /// Whether nothing was ever entered.
  var isEmpty: Bool { slots.isEmpty }

  @inline(__always)
  func find(hash: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if matches(slots[slot] - 1) { return slots[slot] - 1 }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// `row` must not be there yet; `count` rows are. `hashOf` tells the hash of a row, for growing.
  mutating func insert(
    _ row: UInt32, hash: UInt64, count: Int, hashOf: (UInt32) -> UInt64
  ) {
    if (count + 1) * 4 > slots.count * 3 {
      var larger = [UInt32](repeating: 0, count: max(8, slots.count * 2))
      for entry in slots where entry != 0 { Self.place(entry, hashOf(entry - 1), in: &larger) }
      slots = larger
    }
    Self.place(row + 1, hash, in: &slots)
  }

  /// `row` must be there, and `hashOf` must still know it.
  mutating func remove(_ row: UInt32, hash: UInt64, hashOf: (UInt32) -> UInt64) {
    let mask = slots.count - 1
    var hole = Int(truncatingIfNeeded: hash) & mask
    while slots[hole] != row + 1 { hole = (hole + 1) & mask }
    slots[hole] = 0
    // Those behind the hole that it would cut off from their place move up.
    var slot = (hole + 1) & mask
    while slots[slot] != 0 {
      let home = Int(truncatingIfNeeded: hashOf(slots[slot] - 1)) & mask
      if (slot &- home) & mask >= (slot &- hole) & mask {
        slots[hole] = slots[slot]
        slots[slot] = 0
        hole = slot
      }
      slot = (slot + 1) & mask
    }
  }

  private static func place(_ entry: UInt32, _ hash: UInt64, in slots: inout [UInt32]) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = entry
  }
}
