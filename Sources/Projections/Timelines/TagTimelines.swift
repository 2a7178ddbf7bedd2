package import Domain
internal import Journal

/// The public posts that use a hashtag, replies included.
package struct TagTimelines: Projection {
  package static let name = ProjectionName.tags
  package static let foldVersion: UInt32 = 1

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var posts = SegmentedMap<Tag, OrderedList<UInt64>>()

  init(placement: Placement) { self.placement = placement }

  mutating func fold(_ record: Record) {
    position = record.position
    guard case .post(let event) = record.event, case .post(let post) = record.entity else { return }
    switch event {
    case .published(let facts) where facts.visibility == .public:
      for tag in facts.tags where placement.owns(hash: tag.stableHash) {
        posts[tag, default: OrderedList()].insert(post.raw)
      }
    case .deleted(let facts) where facts.visibility == .public:
      for tag in facts.tags where placement.owns(hash: tag.stableHash) {
        posts[tag]?.remove(key: post.raw)
        if posts[tag]?.isEmpty == true { posts[tag] = nil }
      }
    case .published, .deleted, .liked, .unliked, .shared, .unshared: break
    case .drafted, .redrafted, .released, .discarded, .edited, .moderated: break
    case .reacted, .unreacted, .voted, .pollClosed, .viewed: break
    }
  }

  /// At most `limit` posts with ids below `before`, newest first, on the tag's shard.
  package func page(of tag: Tag, before: UInt64 = .max, limit: Int) -> [PostID] {
    posts[tag]?.page(before: before, limit: limit).map { PostID($0) } ?? []
  }

  /// Entry: tag → ids of posts, ascending.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    posts.forEach { tag, list in
      entry.key.text(tag.text)
      entry.value.array(list.count)
      list.forEach { entry.value.uint($0) }
      entry.emit(to: body)
    }
  }

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    let tag = Tag(folded: try key.text())
    guard placement.owns(hash: tag.stableHash) else { return }
    var list = OrderedList<UInt64>()
    for post in try value.uints() { list.insert(post) }
    posts[tag] = list
  }
}
