package import Domain
internal import Journal

/// Everyone's outbox: posts, replies and shares, kept to the end of history.
///
/// A share outlives the shared post's deletion here, and a post its moderation; whoever reads looks
/// at the post anyway. Stories are not here.
package struct Timelines: Projection {
  package static let name = ProjectionName.timelines
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2

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
  /// Without replies, those to oneself stay: they carry on a thread. Of the others, as many as one
  /// page scans are passed over at most: there may be nothing else.
  package func page(
    of author: PersonIndex, includesReplies: Bool, before: UInt64 = .max, limit: Int
  ) -> PageSlice<OutboxEntry> {
    guard author.row < outboxes.count else {
      return PageSlice(candidates: [], continueBefore: nil)
    }
    if includesReplies {
      return PageSlice(
        candidates: outboxes[author.row].page(before: before, limit: limit), limit: limit)
    }
    var walk = outboxes[author.row].walk(before: before)
    var page: [OutboxEntry] = []
    var scanned = 0
    while let entry = walk.next() {
      scanned += 1
      if entry.kind != .reply { page.append(entry) }
      if page.count == limit || scanned == PageReader.candidatesScannedMax {
        return PageSlice(candidates: page, continueBefore: entry.orderKey, scanned: scanned)
      }
    }
    return PageSlice(candidates: page, continueBefore: nil, scanned: scanned)
  }

  /// The newest entries of several local authors together, with order keys from `downTo` on, newest
  /// first. Of authors without any since then nothing is read but that.
  package func merged(
    authors: [PersonIndex], before: UInt64, downTo: UInt64 = 0, limit: Int
  ) -> [(entry: OutboxEntry, author: PersonIndex)] {
    let known = authors.filter { author in
      author.row < outboxes.count && outboxes[author.row].newestKey.map { $0 >= downTo } ?? false
    }
    if known.isEmpty { return [] }
    let walks = known.map { outboxes[$0.row].walk(before: before) }
    return mergedWalks(walks, downTo: downTo, limit: limit).map { ($0.element, known[$0.list]) }
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

  /// What an entry means.
  static let shapes = EntryShapes(.person, .outbox)

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
