package import Domain
internal import Journal

/// A ring of candidates for everyone's home, pushed when they are published.
///
/// Not pushed: what celebrities put out; homes merge it when read. What a ring does not vouch for
/// (`HomeRing.floor`) is merged from the outboxes as well; so homes reach to the end of history.
package struct Home: Projection {
  package static let name = ProjectionName.home
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2

  package internal(set) var position = Position.zero
  private let placement: Placement
  private let ringMax: Int
  private var rings = SegmentedArray(empty: HomeRing())
  /// The newest order key of all: what a cut ring does not vouch for. The same on every shard.
  private var newestKey: UInt64 = 0

  init(placement: Placement, ringMax: Int) {
    precondition(ringMax > 0, "a ring holds something")
    self.placement = placement
    self.ringMax = ringMax
  }

  /// Makes room for everyone who is named by now.
  mutating func grow(toHold people: People) { rings.grow(toHold: people.count - 1) }

  mutating func fold(
    _ record: Record, _ cast: Cast, people: People, graph: Graph, change: Graph.Change
  ) {
    grow(toHold: people)
    position = record.position
    if let follower = change.newFollower { rings[follower.row].cut(at: newestKey) }
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
    newestKey = max(newestKey, entry.orderKey)
    guard !graph.isCelebrity(actor) else { return }
    push(RingEntry(outbox: entry, actor: actor), to: graph.fanOut(of: actor))
    if people.isLocal(actor) {
      rings[actor.row].push(RingEntry(outbox: entry, actor: actor), countMax: ringMax)
    }
  }

  /// The hot loop: no lookup but the follower's row.
  private mutating func push(_ entry: RingEntry, to followers: [PersonIndex]) {
    let countMax = ringMax
    rings.change(followers) { $0.push(entry, countMax: countMax) }
  }

  /// At most `limit` entries with keys below `before`, newest first, and how far down the ring
  /// vouches for being complete (exclusive).
  func page(
    of viewer: PersonIndex, before: UInt64, limit: Int
  ) -> (entries: [RingEntry], floor: UInt64) {
    (rings[viewer.row].page(before: before, limit: limit), rings[viewer.row].floor)
  }

  /// Entries: row → [floor, then order key, post, kind, row of the actor of each, flat]; and, from
  /// the first shard, null → newest key.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    if placement.isFirst {
      entry.key.null()
      entry.value.uint(newestKey)
      entry.emit(to: body)
    }
    for row in 0..<rings.count where !rings[row].isBlank {
      entry.key.uint(UInt64(row))
      entry.value.array(1 + 4 * rings[row].count)
      entry.value.uint(rings[row].floor)
      rings[row].forEach {
        entry.value.entry($0.outbox)
        entry.value.person($0.actor)
      }
      entry.emit(to: body)
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

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    if key.isNull {
      newestKey = try value.uint()
      return
    }
    guard people.count > 0 else { throw .invalidValue }
    grow(toHold: people)
    let person = try key.person()
    guard person.row < people.count else { throw .invalidValue }
    guard people.isLocal(person) else { return }
    let count = try value.array()
    guard count % 4 == 1 else { throw .invalidValue }
    let floor = try value.uint()
    var slots: [RingEntry] = []
    for _ in 0..<(count / 4) {
      let outbox = try value.entry()
      slots.append(RingEntry(outbox: outbox, actor: try value.person()))
    }
    guard slots.count <= ringMax else { throw .invalidValue }
    rings[person.row] = HomeRing(slots: slots, floor: floor)
  }
}
