package import Domain
internal import Journal

/// Everyone's outbox: posts, replies and shares, kept to the end of history.
///
/// A share outlives the shared post's deletion here, and a post its moderation; whoever reads looks
/// at the post anyway. Stories are not here.
package struct Timelines: Projection {
  package static let name = ProjectionName.timelines
  package static let foldVersion: UInt32 = 2

  package internal(set) var position = Position.zero
  private var outboxes = SegmentedArray(empty: OrderedList<OutboxEntry>())

  mutating func fold(_ record: Record, _ cast: Cast, people: People) {
    outboxes.grow(toHold: people.count - 1)
    position = record.position
    guard case .post(let event) = record.event, case .post(let post) = record.entity else { return }
    let actor = cast.actor
    switch event {
    case .published(let facts), .released(let facts):
      guard let author = cast.other, people.isLocal(author), !facts.isStory else { return }
      outboxes[author.row].insert(OutboxEntry(post: post, facts: facts))
    case .deleted(let facts):
      guard let author = cast.other, people.isLocal(author) else { return }
      outboxes[author.row].remove(key: facts.orderKey(of: post))
    case .shared(let share, _):
      guard people.isLocal(actor) else { return }
      outboxes[actor.row].insert(OutboxEntry(share: share, of: post))
    case .unshared(let share, _):
      guard people.isLocal(actor) else { return }
      outboxes[actor.row].remove(key: share.raw)
    case .liked, .unliked, .drafted, .redrafted, .discarded, .edited, .moderated, .reacted,
      .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  /// At most `limit` entries with order keys below `before`, newest first, on the author's shard.
  /// Without replies, those to oneself stay: they carry on a thread.
  package func page(
    of author: PersonIndex, includesReplies: Bool, before: UInt64 = .max, limit: Int
  ) -> [OutboxEntry] {
    guard author.row < outboxes.count else { return [] }
    if includesReplies { return outboxes[author.row].page(before: before, limit: limit) }
    var walk = outboxes[author.row].walk(before: before)
    var page: [OutboxEntry] = []
    while page.count < limit, let entry = walk.next() {
      if entry.kind != .reply { page.append(entry) }
    }
    return page
  }

  /// The newest entries of several local authors together, newest first. O(authors + limit ·
  /// log authors).
  package func merged(
    authors: [PersonIndex], before: UInt64, limit: Int
  ) -> [(entry: OutboxEntry, author: PersonIndex)] {
    var walks: [OrderedList<OutboxEntry>.Walk] = []
    var heap = Heap()
    for author in authors where author.row < outboxes.count {
      var walk = outboxes[author.row].walk(before: before)
      guard let entry = walk.next() else { continue }
      heap.push(Heap.Item(entry: entry, author: author, walk: walks.count))
      walks.append(walk)
    }
    var merged: [(OutboxEntry, PersonIndex)] = []
    while merged.count < limit, let top = heap.top {
      merged.append((top.entry, top.author))
      if let next = walks[top.walk].next() {
        heap.replaceTop(Heap.Item(entry: next, author: top.author, walk: top.walk))
      } else {
        heap.popTop()
      }
    }
    return merged
  }

  /// Entry: row → order key, post, kind of each, flat.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    for row in 0..<outboxes.count where !outboxes[row].isEmpty {
      entry.key.uint(UInt64(row))
      entry.value.entries(outboxes[row].all)
      entry.emit(to: body)
    }
  }

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    guard people.count > 0 else { throw .invalidValue }
    outboxes.grow(toHold: people.count - 1)
    let person = try key.person()
    guard person.row < people.count else { throw .invalidValue }
    guard people.isLocal(person) else { return }
    for entry in try value.entries() { outboxes[person.row].insert(entry) }
  }
}

/// A binary heap with the newest entry on top; of equal order keys, the lower row first.
private struct Heap {
  struct Item {
    var entry: OutboxEntry
    var author: PersonIndex
    var walk: Int

    func comesBefore(_ other: Item) -> Bool {
      if entry.orderKey != other.entry.orderKey { return entry.orderKey > other.entry.orderKey }
      return author < other.author
    }
  }

  private var items: [Item] = []

  var top: Item? { items.first }

  mutating func push(_ item: Item) {
    items.append(item)
    var index = items.count - 1
    while index > 0, items[index].comesBefore(items[(index - 1) / 2]) {
      items.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func replaceTop(_ item: Item) {
    items[0] = item
    sink()
  }

  mutating func popTop() {
    items.swapAt(0, items.count - 1)
    items.removeLast()
    sink()
  }

  private mutating func sink() {
    var index = 0
    while true {
      var first = index
      for child in [2 * index + 1, 2 * index + 2] where child < items.count {
        if items[child].comesBefore(items[first]) { first = child }
      }
      if first == index { return }
      items.swapAt(index, first)
      index = first
    }
  }
}
