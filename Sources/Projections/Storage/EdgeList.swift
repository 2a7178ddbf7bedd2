/// One end's edges in the order in which they were made, 4 bytes each.
///
/// Every edge ever made here has an ordinal, and pages run by ordinals, so cursors survive
/// removals: a removal leaves behind its ordinal (4 bytes), from which the ordinals of the others
/// follow.
struct EdgeList: Sendable {
  /// From this length on, membership is also kept as a set: a scan would be slower than a lookup.
  static let scannedMax = 1_024

  /// What few lists need, in one word here.
  private struct Annex: Sendable {
    /// The ordinals of removed edges, ascending.
    var holes: [UInt32] = []
    /// The edges again, if there are more than `scannedMax`.
    var members: Set<PersonIndex> = []
  }

  private(set) var edges: [PersonIndex] = []
  /// One or none.
  private var annex: [Annex] = []

  init() {}

  init(edges: [PersonIndex], holes: [UInt32]) {
    self.edges = edges
    if !holes.isEmpty { annex = [Annex(holes: holes)] }
    if edges.count > Self.scannedMax { keepMembers() }
  }

  var count: Int { edges.count }
  var isEmpty: Bool { edges.isEmpty }
  var holes: [UInt32] { annex.first?.holes ?? [] }
  /// Whether nothing needs remembering, not even ordinals.
  var isBlank: Bool { edges.isEmpty && holes.isEmpty }

  func contains(_ person: PersonIndex) -> Bool {
    if edges.count > Self.scannedMax { return annex[0].members.contains(person) }
    for edge in edges where edge == person { return true }
    return false
  }

  /// False if it was there already.
  @discardableResult
  mutating func append(_ person: PersonIndex) -> Bool {
    guard !contains(person) else { return false }
    // Doubling would leave a third of the memory unused on average; a quarter leaves a ninth.
    if edges.count == edges.capacity { edges.reserveCapacity(edges.count + edges.count / 4 + 2) }
    edges.append(person)
    if edges.count > Self.scannedMax {
      if edges.count == Self.scannedMax + 1 {
        keepMembers()
      } else {
        annex[0].members.insert(person)
      }
    }
    return true
  }

  /// False if it was not there.
  @discardableResult
  mutating func remove(_ person: PersonIndex) -> Bool {
    if edges.count > Self.scannedMax, !annex[0].members.contains(person) { return false }
    guard let index = edges.firstIndex(of: person) else { return false }
    let hole = ordinal(at: index)
    if annex.isEmpty { annex = [Annex()] }
    edges.remove(at: index)
    let place = Self.partition(annex[0].holes.count) { annex[0].holes[$0] < hole }
    annex[0].holes.insert(hole, at: place)
    if edges.count == Self.scannedMax {
      annex[0].members = []
    } else if edges.count > Self.scannedMax {
      annex[0].members.remove(person)
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
    annex[0].members = Set(edges)
  }

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
