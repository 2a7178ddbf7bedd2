package import Domain
internal import Journal

/// Everyone's public posts but stories and replies to others (those to oneself carry on a thread).
/// What moderators hide stays; whoever reads looks at the post anyway. Not spread: on the first
/// shard.
package struct PublicTimeline: Projection {
  package static let name = ProjectionName.public
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2
  /// Posts per entry of a snapshot.
  private static let entryLengthMax = 4_096

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var posts = OrderedList<OutboxEntry>()

  init(placement: Placement) { self.placement = placement }

  mutating func fold(_ record: Record) {
    position = record.position
    guard placement.isFirst, case .post(let event) = record.event,
      case .post(let post) = record.entity
    else { return }
    switch event {
    case .published(let facts), .released(let facts):
      let entry = OutboxEntry(post: post, facts: facts)
      guard facts.visibility == .public, !facts.isStory, entry.kind != .reply else { return }
      posts.insert(entry)
    case .deleted(let facts):
      posts.remove(key: facts.orderKey(of: post))
    case .liked, .unliked, .shared, .unshared, .drafted, .redrafted, .discarded, .edited,
      .moderated, .reacted, .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  /// At most `limit` posts with order keys below `before`, newest first, on the first shard.
  package func page(before: UInt64 = .max, limit: Int) -> [OutboxEntry] {
    posts.page(before: before, limit: limit)
  }

  /// Entry: first order key → order key, post, kind of each, flat, ascending, in runs of equal
  /// length.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    var run: [OutboxEntry] = []
    func emit() {
      guard let first = run.first else { return }
      entry.key.uint(first.orderKey)
      entry.value.entries(run)
      entry.emit(to: body)
      run.removeAll(keepingCapacity: true)
    }
    posts.forEach { post in
      run.append(post)
      if run.count == Self.entryLengthMax { emit() }
    }
    emit()
  }

  /// What an entry means.
  static let shapes = EntryShapes(.order, .outbox)

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    _ = try key.uint()
    guard placement.isFirst else { return }
    for entry in try value.entries() { posts.insert(entry) }
  }
}
