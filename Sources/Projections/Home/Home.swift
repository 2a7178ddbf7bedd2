package import Domain
internal import Journal

/// A ring of candidates for everyone's home, pushed when they are published.
///
/// Not pushed: what celebrities put out; homes merge it when read. What a ring does not vouch for
/// (`HomeRing.floor`) is merged from the outboxes as well; so homes reach to the end of history.
package struct Home: Projection {
  package static let name = ProjectionName.home
  package static let foldVersion: UInt32 = 3
  package static let encodingVersion: UInt32 = 3

  package internal(set) var position = Position.zero
  let placement: Placement
  var rings: HomeRings
  /// While a snapshot is read.
  var restoring = StoredCandidates()

  init(placement: Placement, ringMax: Int) {
    self.placement = placement
    rings = HomeRings(lengthMax: ringMax)
  }

  /// Makes room for everyone who is named by now.
  mutating func grow(toHold people: People) { rings.grow(toHold: people.count) }

  mutating func fold(
    _ record: Record, _ cast: Cast, people: People, graph: Graph, change: Graph.Change
  ) {
    grow(toHold: people)
    position = record.position
    if let follower = change.newFollower { rings.cut(follower) }
    guard case .post(let event) = record.event, case .post(let post) = record.entity else { return }
    let entry: OutboxEntry
    let actor: PersonIndex
    switch event {
    case .published(let facts), .released(let facts):
      guard !facts.isStory, let author = cast.other else { return }
      entry = OutboxEntry(post: post, facts: facts)
      actor = author
    case .shared(let share, _):
      entry = OutboxEntry(share: share, of: post)
      actor = cast.actor
    case .deleted, .liked, .unliked, .unshared, .drafted, .redrafted, .discarded, .edited,
      .moderated, .reacted, .unreacted, .voted, .pollClosed, .viewed:
      return
    }
    guard !graph.isCelebrity(actor) else { return rings.note(entry.orderKey) }
    rings.push(
      RingEntry(outbox: entry, actor: actor), to: graph.fanOut(of: actor),
      and: people.isLocal(actor) ? actor : nil)
  }

  /// At most `limit` entries with keys below `before`, newest first, and how far down the ring
  /// vouches for being complete (exclusive).
  func page(
    of viewer: PersonIndex, before: UInt64, limit: Int
  ) -> (entries: [RingEntry], floor: UInt64) {
    rings.page(of: viewer, before: before, limit: limit)
  }

  /// Entries: row → [floor, then order key, post, kind, row of the actor of each, flat]; and, from
  /// the first shard, null → newest key.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    if placement.isFirst {
      entry.key.null()
      entry.value.uint(rings.newestKey)
      entry.emit(to: body)
    }
    rings.forEach { person, entries, floor in
      entry.key.person(person)
      Self.write(entries, floor: floor, to: &entry.value)
      entry.emit(to: body)
    }
  }

  /// The value of a ring's entry.
  static func write(_ entries: [RingEntry], floor: UInt64, to value: inout CBOREncoder) {
    value.array(1 + 4 * entries.count)
    value.uint(floor)
    for slot in entries {
      value.entry(slot.outbox)
      value.person(slot.actor)
    }
  }

  /// What an entry means.
  static func shapes(_ key: CBORDecoder) -> EntryShapes {
    if key.isNull { return EntryShapes(.optional(.nothing), .order) }
    return EntryShapes(
      .person,
      .headed(
        ["floor": .order], name: "ring",
        [
          "order": .order, "post": .post, "kind": .choice(OutboxEntry.Kind.self),
          "actor": .person,
        ]))
  }
}
