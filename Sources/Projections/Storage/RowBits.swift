/// A bit for each row: few are set and all are asked for, so they lie as close as they can.
struct RowBits: Sendable {
  private static let shift = 6
  private static let mask = 63

  private var words = SegmentedArray(empty: UInt64(0))

  /// Makes everyone up to `row` valid; does nothing for -1.
  mutating func grow(toHold row: Int) { words.grow(toHold: row >> Self.shift) }

  subscript(person: PersonIndex) -> Bool {
    @inline(__always) get {
      words[person.row >> Self.shift] & 1 << UInt64(person.row & Self.mask) != 0
    }
    set {
      let bit = UInt64(1) << UInt64(person.row & Self.mask)
      if newValue {
        words[person.row >> Self.shift] |= bit
      } else {
        words[person.row >> Self.shift] &= ~bit
      }
    }
  }
}
