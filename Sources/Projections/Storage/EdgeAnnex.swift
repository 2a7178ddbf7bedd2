/// What few lists of edges need beside the edges.
///
/// Every edge ever made in a list has an ordinal, and pages run by ordinals, so cursors survive
/// removals: a removal leaves behind its ordinal (4 bytes), from which the ordinals of the others
/// follow.
struct EdgeAnnex: Sendable {
  /// Up to here a scan tells whether somebody is in a list. The processor compares many at once,
  /// and asks the memory for one place; a table costs twice the list.
  static let scannedMax = 1_024
  /// From here on a list grows by an eighth; shorter ones by a quarter, lest they grow often.
  private static let growthMin = 64

  /// The ordinals of removed edges, ascending.
  private(set) var holes: [UInt32]
  /// The edges again, if there are more than `scannedMax` and membership was asked for in
  /// appending: 4 bytes a slot, the rows being the people's own.
  private var members = RowTable()

  init(holes: [UInt32] = []) { self.holes = holes }

  /// The room for a list that is full with so many.
  static func room(beyond count: Int) -> Int { count + count / (count < growthMin ? 4 : 8) + 2 }

  /// Whether a list holds somebody, where no members are kept.
  @inline(__always)
  static func scan(_ edges: Span<PersonIndex>, for person: PersonIndex) -> Bool {
    // Without a way out in between: so the processor compares several at once.
    var isFound = false
    for index in edges.indices { isFound = isFound || edges[index].raw == person.raw }
    return isFound
  }

  // MARK: Members

  var keepsMembers: Bool { !members.isEmpty }

  func hasMember(_ person: PersonIndex) -> Bool {
    members.find(hash: person.segmentHash) { $0 == person.raw } != nil
  }

  mutating func keepMembers(_ edges: ArraySlice<PersonIndex>) {
    for (count, edge) in edges.enumerated() { insert(edge, beside: count) }
  }

  /// `count` are there.
  mutating func insert(_ person: PersonIndex, beside count: Int) {
    members.insert(person.raw, hash: person.segmentHash, count: count) {
      PersonIndex($0).segmentHash
    }
  }

  /// Of an edge that is gone, `count` being left.
  mutating func removeMember(_ person: PersonIndex, leaving count: Int) {
    guard keepsMembers else { return }
    if count <= Self.scannedMax {
      members = RowTable()
    } else {
      members.remove(person.raw, hash: person.segmentHash) { PersonIndex($0).segmentHash }
    }
  }

  // MARK: Ordinals

  /// The edge at `index` is taken away.
  mutating func addHole(at index: Int) {
    let hole = ordinal(at: index)
    let place = leadingCount(of: holes.count) { holes[$0] < hole }
    holes.insert(hole, at: place)
  }

  /// The hole number j has `holes[j] - j` edges below it; those with at most `index` come first.
  func ordinal(at index: Int) -> UInt32 {
    UInt32(index + leadingCount(of: holes.count) { Int(holes[$0]) - $0 <= index })
  }

  /// At most `limit` edges with ordinals below `before`, newest first.
  func page(
    of edges: Span<PersonIndex>, before: UInt64, limit: Int
  ) -> [(ordinal: UInt32, person: PersonIndex)] {
    var index = indexCount(below: before, of: edges.count)
    var page: [(UInt32, PersonIndex)] = []
    while index > 0, page.count < limit {
      index -= 1
      page.append((ordinal(at: index), edges[index]))
    }
    return page
  }

  /// The number of edges with ordinals below `ordinal`.
  private func indexCount(below ordinal: UInt64, of count: Int) -> Int {
    guard ordinal < UInt64(count + holes.count) else { return count }
    return Int(ordinal) - leadingCount(of: holes.count) { UInt64(holes[$0]) < ordinal }
  }
}
