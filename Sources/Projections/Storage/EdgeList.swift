/// One end's edges in the order in which they were made, 4 bytes each: of a list that few have.
/// Those of everyone are in an `EdgeTable`.
struct EdgeList: Sendable {
  private(set) var edges: [PersonIndex] = []
  /// One or none: in one word here.
  private var annex: [EdgeAnnex] = []

  init() {}

  init(edges: [PersonIndex], holes: [UInt32]) {
    self.edges = edges
    if !holes.isEmpty { annex = [EdgeAnnex(holes: holes)] }
    if edges.count > EdgeAnnex.scannedMax { keepMembers() }
  }

  var count: Int { edges.count }
  var isEmpty: Bool { edges.isEmpty }
  var holes: [UInt32] { annex.first?.holes ?? [] }
  /// Whether nothing needs remembering, not even ordinals.
  var isBlank: Bool { edges.isEmpty && holes.isEmpty }

  func contains(_ person: PersonIndex) -> Bool {
    if !annex.isEmpty, annex[0].keepsMembers { return annex[0].hasMember(person) }
    return EdgeAnnex.scan(edges.span, for: person)
  }

  /// False if it was there already.
  @discardableResult
  mutating func append(_ person: PersonIndex) -> Bool {
    guard !contains(person) else { return false }
    if edges.count == edges.capacity {
      // Doubling would leave a third of the memory unused on average.
      edges.reserveCapacity(EdgeAnnex.room(beyond: edges.count))
    }
    edges.append(person)
    if !annex.isEmpty, annex[0].keepsMembers {
      annex[0].insert(person, beside: edges.count - 1)
    } else if edges.count > EdgeAnnex.scannedMax {
      keepMembers()
    }
    return true
  }

  /// False if it was not there.
  @discardableResult
  mutating func remove(_ person: PersonIndex) -> Bool {
    guard contains(person), let index = edges.firstIndex(of: person) else { return false }
    if annex.isEmpty { annex = [EdgeAnnex()] }
    annex[0].addHole(at: index)
    edges.remove(at: index)
    annex[0].removeMember(person, leaving: edges.count)
    return true
  }

  /// At most `limit` edges with ordinals below `before`, newest first.
  func page(before: UInt64, limit: Int) -> [(ordinal: UInt32, person: PersonIndex)] {
    (annex.first ?? EdgeAnnex()).page(of: edges.span, before: before, limit: limit)
  }

  private mutating func keepMembers() {
    if annex.isEmpty { annex = [EdgeAnnex()] }
    annex[0].keepMembers(edges[...])
  }
}
