package import Domain
internal import Journal

/// Everyone's stories of the last day or so, on the author's shard.
///
/// A deleted story keeps its place until it would have expired, so that pages that began before do
/// not move. Expired ones go when their author tells the next: what is shown follows the clock of
/// whoever reads.
package struct Stories: Projection {
  package static let name = ProjectionName.stories
  package static let foldVersion: UInt32 = 1
  package static let encodingVersion: UInt32 = 1

  private struct Story: Sendable {
    let orderKey: UInt64
    let post: PostID
    let position: UInt64
    let time: Instant
    var isDeleted: Bool

    func isOver(at now: Instant) -> Bool { now >= time.adding(ms: PostState.storyMs) }
  }

  package internal(set) var position = Position.zero
  /// In the order of their positions.
  private var stories = SegmentedMap<PersonIndex, [Story]>()

  mutating func fold(_ record: Record, _ cast: Cast, people: People) {
    position = record.position
    guard case .post(let event) = record.event, case .post(let post) = record.entity,
      let author = cast.other, people.isLocal(author)
    else { return }
    switch event {
    case .published(let facts), .released(let facts):
      guard facts.isStory else { return }
      let story = Story(
        orderKey: facts.orderKey(of: post), post: post, position: record.position.raw,
        time: record.time, isDeleted: false)
      stories[author, default: []].removeAll { $0.isOver(at: record.time) }
      stories[author, default: []].append(story)
    case .deleted(let facts):
      guard facts.isStory, let index = stories[author]?.firstIndex(where: { $0.post == post })
      else { return }
      stories[author]?[index].isDeleted = true
    case .liked, .unliked, .shared, .unshared, .drafted, .redrafted, .discarded, .edited,
      .moderated, .reacted, .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  /// The story-tellers among some local people, in no order; `asOf` is the position at which the
  /// first page was read.
  func tellers(
    among authors: [PersonIndex], asOf: Position, at now: Instant, people: People
  ) -> [StoryTeller] {
    authors.compactMap { author in
      let told = stories[author]?.filter { $0.position <= asOf.raw && !$0.isOver(at: now) } ?? []
      guard let newest = told.map(\.orderKey).max() else { return nil }
      return StoryTeller(
        author: people.id(of: author), pageKey: newest,
        stories: told.filter { !$0.isDeleted }.map(\.post))
    }
  }

  /// Entry: row → order key, post, position, time, is deleted of each, flat.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    stories.forEach { author, told in
      guard !told.isEmpty else { return }
      entry.key.person(author)
      entry.value.array(5 * told.count)
      for story in told {
        entry.value.uint(story.orderKey)
        entry.value.uint(story.post.raw)
        entry.value.uint(story.position)
        entry.value.int(story.time.ms)
        entry.value.bool(story.isDeleted)
      }
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static let shapes = EntryShapes(
    .person,
    .groups([
      "order": .order, "post": .post, "position": .position, "time": .time, "deleted": .flag,
    ]))

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    let author = try key.person()
    guard author.row < people.count else { throw .invalidValue }
    guard people.isLocal(author) else { return }
    let count = try value.array()
    guard count.isMultiple(of: 5) else { throw .invalidValue }
    var told: [Story] = []
    for _ in 0..<(count / 5) {
      told.append(
        Story(
          orderKey: try value.uint(), post: PostID(try value.uint()), position: try value.uint(),
          time: Instant(ms: try value.int()), isDeleted: try value.bool()))
    }
    stories[author] = told
  }
}

/// Somebody with stories that have not expired.
package struct StoryTeller: PageCandidate, Hashable {
  package var author: UserID
  /// Of the newest story, deleted or not.
  package var pageKey: UInt64
  /// Those that are not deleted, oldest first.
  package var stories: [PostID]
}
