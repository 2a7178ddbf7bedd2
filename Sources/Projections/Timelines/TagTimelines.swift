package import Domain
internal import Journal

/// The public posts that use a hashtag, replies included, stories not. What moderators hide stays;
/// whoever reads looks at the post anyway.
package struct TagTimelines: Projection {
  package static let name = ProjectionName.tags
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2

  package internal(set) var position = Position.zero
  private let placement: Placement
  private var posts = SegmentedMap<Tag, OrderedList<OutboxEntry>>()

  init(placement: Placement) { self.placement = placement }

  mutating func fold(_ record: Record) {
    position = record.position
    guard case .post(let event) = record.event, case .post(let post) = record.entity else { return }
    switch event {
    case .published(let facts), .released(let facts):
      insert(post, facts, under: facts.tags)
    case .edited(let facts, let revision):
      insert(post, facts, under: revision.addedTags)
      remove(post, facts, from: revision.removedTags)
    case .deleted(let facts):
      remove(post, facts, from: facts.tags)
    case .liked, .unliked, .shared, .unshared, .drafted, .redrafted, .discarded, .moderated,
      .reacted, .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  private mutating func insert(_ post: PostID, _ facts: PostFacts, under tags: [Tag]) {
    guard facts.visibility == .public, !facts.isStory else { return }
    for tag in tags where placement.owns(hash: tag.stableHash) {
      posts[tag, default: OrderedList()].insert(OutboxEntry(post: post, facts: facts))
    }
  }

  private mutating func remove(_ post: PostID, _ facts: PostFacts, from tags: [Tag]) {
    guard facts.visibility == .public else { return }
    for tag in tags where placement.owns(hash: tag.stableHash) {
      posts[tag]?.remove(key: facts.orderKey(of: post))
      if posts[tag]?.isEmpty == true { posts[tag] = nil }
    }
  }

  /// At most `limit` posts with order keys below `before`, newest first, on the tag's shard.
  package func page(of tag: Tag, before: UInt64 = .max, limit: Int) -> [OutboxEntry] {
    posts[tag]?.page(before: before, limit: limit) ?? []
  }

  /// Answers to others that are passed over for one page.
  static let repliesPassedMax = 4_096

  /// The newest posts of several local tags together. Answers to others are passed over; where very
  /// many come in a row they are returned, for whoever judges the posts to leave out and to stop in
  /// time: under a tag there may be nothing else.
  func merged(_ tags: [Tag], before: UInt64, limit: Int) -> [OutboxEntry] {
    let walks = tags.compactMap { posts[$0]?.walk(before: before) }
    var passed = 0
    return mergedWalks(walks, limit: limit) { entry in
      if entry.kind != .reply || passed == Self.repliesPassedMax { return true }
      passed += 1
      return false
    }.map(\.element)
  }

  /// Entry: tag → order key, post, kind of each, flat, ascending.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    posts.forEach { tag, list in
      entry.key.text(tag.text)
      entry.value.entries(list.all)
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static let shapes = EntryShapes(.tag, .outbox)

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    let tag = Tag(folded: try key.text())
    guard placement.owns(hash: tag.stableHash) else { return }
    var list = OrderedList<OutboxEntry>()
    for entry in try value.entries() { list.insert(entry) }
    posts[tag] = list
  }
}
