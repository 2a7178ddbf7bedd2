package import Domain
internal import Journal

/// Everyone's drafts, scheduled ones too, on the author's shard.
package struct Drafts: Projection {
  package static let name = ProjectionName.drafts
  package static let foldVersion: UInt32 = 1
  package static let encodingVersion: UInt32 = 1

  package internal(set) var position = Position.zero
  private var drafts = SegmentedMap<PersonIndex, OrderedList<UInt64>>()
  /// Of local people: whose draft it is, for the events that do not say.
  private var authors = SegmentedMap<PostID, PersonIndex>()

  mutating func fold(_ record: Record, _ cast: Cast, people: People) {
    position = record.position
    guard case .post(let event) = record.event, case .post(let post) = record.entity else { return }
    switch event {
    case .drafted:
      guard let author = cast.other, people.isLocal(author) else { return }
      insert(post, of: author)
    case .released, .discarded:
      guard let author = authors[post] else { return }
      authors[post] = nil
      drafts[author]?.remove(key: post.raw)
      if drafts[author]?.isEmpty == true { drafts[author] = nil }
    case .published, .redrafted, .deleted, .edited, .moderated, .liked, .unliked, .shared,
      .unshared, .reacted, .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  private mutating func insert(_ post: PostID, of author: PersonIndex) {
    authors[post] = author
    drafts[author, default: OrderedList()].insert(post.raw)
  }

  /// At most `limit` drafts with ids below `before`, newest first, on the author's shard.
  func page(of author: PersonIndex, before: UInt64, limit: Int) -> [PostID] {
    drafts[author]?.page(before: before, limit: limit).map { PostID($0) } ?? []
  }

  /// Entry: row → ids of drafts, ascending.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    drafts.forEach { author, list in
      entry.key.person(author)
      entry.value.array(list.count)
      list.forEach { entry.value.uint($0) }
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static let shapes = EntryShapes(.person, .each(.post))

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    let author = try key.person()
    guard author.row < people.count else { throw .invalidValue }
    guard people.isLocal(author) else { return }
    for post in try value.uints() { insert(PostID(post), of: author) }
  }
}
