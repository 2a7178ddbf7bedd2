/// Everyone's edges of one kind, in the order in which each list's were made: 4 bytes an edge, and
/// 16 for each person, however many lists there are.
///
/// The lists of 256 neighbours share a piece of memory, an `EdgeSegment`, which is copied as one: a
/// copy of the whole retains one buffer, and a later write copies the segment that it touches.
struct EdgeTable: Sendable {
  private static let shift = 8
  private static let mask = EdgeSegment.listsCount - 1

  private(set) var count = 0
  private var segments: [EdgeSegment] = []

  /// Makes everyone up to `row` valid; does nothing for -1.
  mutating func grow(toHold row: Int) {
    guard row >= count else { return }
    while segments.count << Self.shift <= row { segments.append(EdgeSegment()) }
    count = row + 1
  }

  // MARK: Reading

  func count(of person: PersonIndex) -> Int {
    segments.span[person.row >> Self.shift].count(of: person.row & Self.mask)
  }

  /// Whether nothing needs remembering, not even ordinals.
  func isBlank(_ person: PersonIndex) -> Bool {
    count(of: person) == 0 && holes(of: person).isEmpty
  }

  func edges(of person: PersonIndex) -> ArraySlice<PersonIndex> {
    segments.span[person.row >> Self.shift].edges(of: person.row & Self.mask)
  }

  /// The ordinals of removed edges, ascending.
  func holes(of person: PersonIndex) -> [UInt32] {
    segments.span[person.row >> Self.shift].annex(of: person.row & Self.mask)?.holes ?? []
  }

  func contains(_ other: PersonIndex, of person: PersonIndex) -> Bool {
    segments.span[person.row >> Self.shift].contains(other, in: person.row & Self.mask)
  }

  /// At most `limit` edges with ordinals below `before`, newest first.
  func page(
    of person: PersonIndex, before: UInt64, limit: Int
  ) -> [(ordinal: UInt32, person: PersonIndex)] {
    segments[person.row >> Self.shift].page(
      of: person.row & Self.mask, before: before, limit: limit)
  }

  /// Reads what a fold will need; the number means nothing.
  func touched(_ person: PersonIndex) -> Int {
    segments.span[person.row >> Self.shift].touched(person.row & Self.mask)
  }

  // MARK: Changing

  /// False if it was there already.
  @discardableResult
  mutating func append(_ other: PersonIndex, of person: PersonIndex) -> Bool {
    segments[person.row >> Self.shift].append(other, to: person.row & Self.mask)
  }

  /// Of somebody who is not in the list, as the caller knows: looks at nobody else.
  mutating func appendNew(_ other: PersonIndex, of person: PersonIndex) {
    segments[person.row >> Self.shift].appendNew(other, to: person.row & Self.mask)
  }

  /// False if it was not there.
  @discardableResult
  mutating func remove(_ other: PersonIndex, of person: PersonIndex) -> Bool {
    segments[person.row >> Self.shift].remove(other, from: person.row & Self.mask)
  }

  // MARK: Restoring

  /// A list as it was. `keepsMembers`: unless it is only ever appended to by `appendNew`.
  mutating func restore(
    _ edges: [PersonIndex], holes: [UInt32], of person: PersonIndex, keepsMembers: Bool
  ) {
    segments[person.row >> Self.shift].restore(
      edges, holes: holes, as: person.row & Self.mask, keepsMembers: keepsMembers)
  }

  /// Gives back what was reserved for more lists.
  mutating func finishRestoring() {
    for index in segments.indices { segments[index].trim() }
  }
}
