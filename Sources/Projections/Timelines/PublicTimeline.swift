package import Domain
internal import Journal

/// Everyone's public posts but replies to others (those to oneself carry on a thread). Not spread:
/// on the first shard.
package struct PublicTimeline: Projection {
  package static let name = ProjectionName.public
  package static let foldVersion: UInt32 = 1
  /// Posts per entry of a snapshot.
  private static let entryLengthMax = 4_096

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var posts = OrderedList<UInt64>()

  init(placement: Placement) { self.placement = placement }

  mutating func fold(_ record: Record) {
    position = record.position
    guard placement.isFirst, case .post(let event) = record.event,
      case .post(let post) = record.entity
    else { return }
    switch event {
    case .published(let facts):
      guard facts.visibility == .public,
        OutboxEntry(post: post, facts: facts).kind != .reply
      else { return }
      posts.insert(post.raw)
    case .deleted: posts.remove(key: post.raw)
    case .liked, .unliked, .shared, .unshared: break
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: break
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: break
    }
  }

  /// At most `limit` posts with ids below `before`, newest first, on the first shard.
  package func page(before: UInt64 = .max, limit: Int) -> [PostID] {
    posts.page(before: before, limit: limit).map { PostID($0) }
  }

  /// Entry: first id → ids, ascending, in runs of equal length.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    var run: [UInt64] = []
    func emit() {
      guard let first = run.first else { return }
      entry.key.uint(first)
      entry.value.array(run.count)
      for post in run { entry.value.uint(post) }
      entry.emit(to: body)
      run.removeAll(keepingCapacity: true)
    }
    posts.forEach { post in
      run.append(post)
      if run.count == Self.entryLengthMax { emit() }
    }
    emit()
  }

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    _ = try key.uint()
    guard placement.isFirst else { return }
    for post in try value.uints() { posts.insert(post) }
  }
}
