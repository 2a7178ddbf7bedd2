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
    @inline(__always) get { segments[index >> Self.shift][index & Self.mask] }
    @inline(__always) _modify {
      yield &segments[index >> Self.shift][index & Self.mask]
    }
  }

  /// Changes the elements of many rows: looks once, not each time, whether the list of segments is
  /// shared.
  @inline(__always)
  mutating func change(_ rows: [PersonIndex], _ body: (inout Element) -> Void) {
    var segments = segments.mutableSpan
    for row in rows { body(&segments[row.row >> Self.shift][row.row & Self.mask]) }
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
