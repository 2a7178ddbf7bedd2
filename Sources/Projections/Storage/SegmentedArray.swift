/// A growing array in segments that are copied one by one: a copy of the whole retains one buffer,
/// and a later write copies the segment that it touches.
struct SegmentedArray<Element: Sendable>: Sendable {
  /// Elements per segment; a power of two.
  static var segmentLength: Int { 256 }
  static var shift: Int { 8 }
  static var mask: Int { segmentLength - 1 }

  private(set) var count = 0
  private var segments: [[Element]] = []
  private let empty: Element

  /// `empty` fills what is skipped over.
  init(empty: Element) { self.empty = empty }

  subscript(index: Int) -> Element {
    // Yielded in place: to take an element out would retain its parts, which lie elsewhere.
    @inline(__always) _read { yield segments[index >> Self.shift][index & Self.mask] }
    @inline(__always) _modify {
      yield &segments[index >> Self.shift][index & Self.mask]
    }
  }

  /// Changes the elements of many rows, 2^`shift` rows to an element: looks once, not each time,
  /// whether the list of segments is shared.
  @inline(__always)
  mutating func change(
    _ rows: ArraySlice<PersonIndex>, shift: Int, _ body: (inout Element, PersonIndex) -> Void
  ) {
    var segments = segments.mutableSpan
    for person in rows {
      let index = person.row >> shift
      body(&segments[index >> Self.shift][index & Self.mask], person)
    }
  }

  /// The sum over the same elements, in the same way.
  @inline(__always)
  func sum(
    _ rows: ArraySlice<PersonIndex>, shift: Int, _ body: (borrowing Element, PersonIndex) -> UInt32
  ) -> UInt32 {
    let segments = segments.span
    var sum: UInt32 = 0
    for person in rows {
      let index = person.row >> shift
      sum &+= body(segments[index >> Self.shift][index & Self.mask], person)
    }
    return sum
  }

  /// Makes `index` valid; does nothing for -1.
  mutating func grow(toHold index: Int) {
    guard index >= count else { return }
    while segments.count << Self.shift <= index {
      segments.append(Array(repeating: empty, count: Self.segmentLength))
    }
    count = index + 1
  }
}
