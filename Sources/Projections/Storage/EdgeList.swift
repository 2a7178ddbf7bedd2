/// One end's edges in the order in which they were made, 4 bytes each.
///
/// Every edge ever made here has an ordinal, and pages run by ordinals, so cursors survive
/// removals: a removal leaves behind its ordinal (4 bytes), from which the ordinals of the others
/// follow.
struct EdgeList: Sendable {
  /// Up to here a scan tells whether somebody is in the list.
  static let scannedMax = 256
  /// From here on a list grows by an eighth; shorter ones by a quarter, lest they grow often.
  private static let growthMin = 64

  /// What few lists need, in one word here.
  private struct Annex: Sendable {
    /// The ordinals of removed edges, ascending.
    var holes: [UInt32] = []
    /// The edges again, if there are more than `scannedMax` and membership was asked for in
    /// appending: 4 bytes a slot, the rows being the people's own.
    var members = RowTable()
  }

  private(set) var edges: [PersonIndex] = []
  /// One or none.
  private var annex: [Annex] = []

  init() {}

  /// `keepsMembers`: unless the list is only ever appended to by `appendNew`.
  init(edges: [PersonIndex], holes: [UInt32], keepsMembers: Bool = true) {
    self.edges = edges
    if !holes.isEmpty { annex = [Annex(holes: holes)] }
    if keepsMembers, edges.count > Self.scannedMax { keepMembers() }
  }

  var count: Int { edges.count }
  var isEmpty: Bool { edges.isEmpty }
  var holes: [UInt32] { annex.first?.holes ?? [] }
  /// Whether nothing needs remembering, not even ordinals.
  var isBlank: Bool { edges.isEmpty && holes.isEmpty }

  /// Reads what a fold will need; the number means nothing.
  var touched: Int { edges.count &+ annex.count &+ Int(edges.last?.raw ?? 0) }

  func contains(_ person: PersonIndex) -> Bool {
    if !annex.isEmpty, !annex[0].members.isEmpty {
      return annex[0].members.find(hash: person.segmentHash) { $0 == person.raw } != nil
    }
    // Without a way out in between: so the processor compares several at once.
    var isFound = false
    for edge in edges { isFound = isFound || edge.raw == person.raw }
    return isFound
  }

  /// False if it was there already.
  @discardableResult
  mutating func append(_ person: PersonIndex) -> Bool {
    if edges.count > Self.scannedMax, annex.isEmpty || annex[0].members.isEmpty { keepMembers() }
    guard !contains(person) else { return false }
    appendNew(person)
    return true
  }

  /// Of somebody who is not in the list, as the caller knows: looks at nobody else.
  mutating func appendNew(_ person: PersonIndex) {
    if edges.count == edges.capacity {
      // Doubling would leave a third of the memory unused on average.
      let share = edges.count < Self.growthMin ? 4 : 8
      edges.reserveCapacity(edges.count + edges.count / share + 2)
    }
    edges.append(person)
    if !annex.isEmpty, !annex[0].members.isEmpty {
      annex[0].members.insert(
        person.raw, hash: person.segmentHash, count: edges.count - 1, hashOf: Self.hash)
    }
  }

  /// False if it was not there.
  @discardableResult
  mutating func remove(_ person: PersonIndex) -> Bool {
    guard contains(person), let index = edges.firstIndex(of: person) else { return false }
    let hole = ordinal(at: index)
    if annex.isEmpty { annex = [Annex()] }
    edges.remove(at: index)
    let place = Self.partition(annex[0].holes.count) { annex[0].holes[$0] < hole }
    annex[0].holes.insert(hole, at: place)
    if edges.count <= Self.scannedMax {
      annex[0].members = RowTable()
    } else if !annex[0].members.isEmpty {
      annex[0].members.remove(person.raw, hash: person.segmentHash, hashOf: Self.hash)
    }
    return true
  }

  /// At most `limit` edges with ordinals below `before`, newest first.
  func page(before: UInt64, limit: Int) -> [(ordinal: UInt32, person: PersonIndex)] {
    var index = indexCount(below: before)
    var page: [(UInt32, PersonIndex)] = []
    while index > 0, page.count < limit {
      index -= 1
      page.append((ordinal(at: index), edges[index]))
    }
    return page
  }

  private mutating func keepMembers() {
    if annex.isEmpty { annex = [Annex()] }
    for (count, edge) in edges.enumerated() {
      annex[0].members.insert(
        edge.raw, hash: edge.segmentHash, count: count, hashOf: Self.hash)
    }
  }

  private static func hash(_ row: UInt32) -> UInt64 { PersonIndex(row).segmentHash }

  /// The hole number j has `holes[j] - j` edges below it; those with at most `index` come first.
  private func ordinal(at index: Int) -> UInt32 {
    let holes = holes
    return UInt32(index + Self.partition(holes.count) { Int(holes[$0]) - $0 <= index })
  }

  /// The number of edges with ordinals below `ordinal`.
  private func indexCount(below ordinal: UInt64) -> Int {
    let holes = holes
    guard ordinal < UInt64(edges.count + holes.count) else { return edges.count }
    return Int(ordinal) - Self.partition(holes.count) { UInt64(holes[$0]) < ordinal }
  }

  /// The number of leading indices for which `isBefore` holds.
  private static func partition(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
