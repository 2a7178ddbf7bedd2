package import Domain
internal import Journal

/// What is used by more distinct accounts in the last hour than usual: hashtags by public posts,
/// posts by likes, shares and public replies.
///
/// Whoever is erased takes back what their posts added to hashtags; counts of posts stay, and so do
/// the trends of these.
///
/// Every contribution of the last week is kept (16 bytes) and can be taken back exactly; older ones
/// are dropped as the time of events goes by, the same on every shard. Whether a trending post is
/// public, who lists them looks up.
package struct Trending: Projection {
  package static let name = ProjectionName.trending
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2

  package internal(set) var position = Position.zero
  private let placement: Placement
  var tags = TrendTable<Tag>()
  private var posts = TrendTable<PostID>()
  /// Reviewed, and not to be listed.
  var hidden: Set<Tag> = []
  /// Of the first and the newest event of the journal; the same on every shard.
  private var firstHour: UInt32?
  private var newestHour: UInt32 = 0

  init(placement: Placement) { self.placement = placement }

  /// At most `count` of this shard's tags, best first.
  package func topTags(at now: Instant, count: Int) -> [TrendItem<Tag>] {
    tags.top(count: count, in: window(now)) { !hidden.contains($0) }
  }

  /// At most `count` of this shard's posts, best first, public or not.
  package func topPosts(at now: Instant, count: Int) -> [TrendItem<PostID>] {
    posts.top(count: count, in: window(now)) { _ in true }
  }

  func window(_ now: Instant) -> TrendWindow {
    TrendWindow(at: now, firstHour: firstHour ?? 0)
  }

  mutating func fold(_ record: Record, _ cast: Cast, people: People) {
    position = record.position
    let bucket = TrendWindow.bucket(of: record.time)
    advance(to: bucket / UInt32(TrendWindow.bucketsPerHour))
    switch record.event {
    case .post(let event): fold(event, record, bucket, cast.actor, people)
    case .tag(.reviewed(let isAllowed)):
      guard case .tag(let tag) = record.entity, placement.owns(hash: tag.stableHash) else { return }
      if isAllowed { hidden.remove(tag) } else { hidden.insert(tag) }
    case .user(.erased): tags.retractAll(by: cast.actor)
    case .user, .chat: break
    }
  }

  private mutating func advance(to hour: UInt32) {
    if firstHour == nil { firstHour = hour }
    guard hour > newestHour else { return }
    newestHour = hour
    guard hour >= TrendWindow.hoursKept else { return }
    tags.expire(before: hour - TrendWindow.hoursKept + 1)
    posts.expire(before: hour - TrendWindow.hoursKept + 1)
  }

  private mutating func fold(
    _ event: PostEvent, _ record: Record, _ bucket: UInt32, _ actor: PersonIndex, _ people: People
  ) {
    guard case .post(let post) = record.entity else { return }
    let isHere = placement.owns(hash: post.segmentHash)
    func use(_ source: UInt64) -> TrendUse {
      TrendUse(source: source, account: actor, bucket: bucket)
    }
    switch event {
    case .published(let facts), .released(let facts):
      contribute(facts, facts.tags, post, bucket, people)
    case .edited(let facts, let revision):
      retract(revision.removedTags, post)
      var added = facts
      added.reply = nil
      contribute(added, revision.addedTags, post, bucket, people)
    case .moderated(let facts, let from, let to):
      guard from.isHidden != to.isHidden else { return }
      if to.isHidden {
        retract(facts, post)
      } else {
        contribute(facts, facts.tags, post, bucket, people)
      }
    case .deleted(let facts):
      retract(facts, post)
      posts.retractAll(from: post)
    case .liked: if isHere { posts.add(use(TrendUse.like(by: actor)), to: post) }
    case .unliked: if isHere { posts.retract(TrendUse.like(by: actor), from: post) }
    case .shared: if isHere { posts.add(use(TrendUse.share(by: actor)), to: post) }
    case .unshared: if isHere { posts.retract(TrendUse.share(by: actor), from: post) }
    case .drafted, .redrafted, .discarded, .reacted, .unreacted, .voted, .pollClosed, .viewed:
      break
    }
  }

  /// What a post adds to its hashtags and to what it answers, if everybody may see it.
  private mutating func contribute(
    _ facts: PostFacts, _ tags: [Tag], _ post: PostID, _ bucket: UInt32, _ people: People
  ) {
    guard facts.visibility == .public, !facts.isStory, let author = people.index(of: facts.author),
      !people.isPrivate(author), !people.isErased(author)
    else { return }
    let use = TrendUse(source: post.raw, account: author, bucket: bucket)
    for tag in tags where placement.owns(hash: tag.stableHash) { self.tags.add(use, to: tag) }
    if let parent = facts.reply?.parent, placement.owns(hash: parent.segmentHash) {
      posts.add(use, to: parent)
    }
  }

  private mutating func retract(_ facts: PostFacts, _ post: PostID) {
    retract(facts.tags, post)
    if let parent = facts.reply?.parent { posts.retract(post.raw, from: parent) }
  }

  private mutating func retract(_ tags: [Tag], _ post: PostID) {
    for tag in tags where placement.owns(hash: tag.stableHash) {
      self.tags.retract(post.raw, from: tag)
    }
  }

  // MARK: Entries

  /// Entries: [0, tag] or [1, post] → source, row, bucket of each use, flat; [2, tag] → true,
  /// hidden; and, from the first shard, [3] → [first hour, newest hour].
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    if placement.isFirst, let firstHour {
      entry.key.array(1)
      entry.key.uint(3)
      entry.value.array(2)
      entry.value.uint(UInt64(firstHour))
      entry.value.uint(UInt64(newestHour))
      entry.emit(to: body)
    }
    tags.trends.forEach { tag, trend in
      entry.key.array(2)
      entry.key.uint(0)
      entry.key.text(tag.text)
      Self.emit(trend, &entry, body)
    }
    posts.trends.forEach { post, trend in
      entry.key.array(2)
      entry.key.uint(1)
      entry.key.uint(post.raw)
      Self.emit(trend, &entry, body)
    }
    for tag in hidden {
      entry.key.array(2)
      entry.key.uint(2)
      entry.key.text(tag.text)
      entry.value.bool(true)
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static func shapes(_ key: inout CBORDecoder) throws(CBORError) -> EntryShapes {
    let uses: EntryShape = .groups(["source": .order, "person": .person, "bucket": .number])
    _ = try key.array()
    switch try key.uint() {
    case 0: return EntryShapes(.fields(["of": .word([0: "tag"]), "tag": .tag]), uses)
    case 1: return EntryShapes(.fields(["of": .word([1: "post"]), "post": .post]), uses)
    case 2: return EntryShapes(.fields(["of": .word([2: "hidden tag"]), "tag": .tag]), .flag)
    case 3:
      return EntryShapes(
        .fields(["of": .word([3: "hours"])]), .fields(["first": .number, "newest": .number]))
    default: throw .invalidValue
    }
  }

  private static func emit(
    _ trend: Trend, _ entry: inout EntryWriter, _ body: ([UInt8], [UInt8]) -> Void
  ) {
    guard !trend.uses.isEmpty else {
      entry.key.reset()
      return
    }
    entry.value.array(3 * trend.uses.count)
    for use in trend.uses {
      entry.value.uint(use.source)
      entry.value.person(use.account)
      entry.value.uint(UInt64(use.bucket))
    }
    entry.emit(to: body)
  }

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    _ = try key.array()
    switch try key.uint() {
    case 0:
      let tag = Tag(folded: try key.text())
      if placement.owns(hash: tag.stableHash) { tags.restore(try Self.trend(&value), of: tag) }
    case 1:
      let post = PostID(try key.uint())
      if placement.owns(hash: post.segmentHash) { posts.restore(try Self.trend(&value), of: post) }
    case 2:
      let tag = Tag(folded: try key.text())
      if placement.owns(hash: tag.stableHash) { hidden.insert(tag) }
    case 3:
      try value.array(of: 2)
      firstHour = UInt32(truncatingIfNeeded: try value.uint())
      newestHour = UInt32(truncatingIfNeeded: try value.uint())
    default: throw .invalidValue
    }
  }

  private static func trend(_ value: inout CBORDecoder) throws(CBORError) -> Trend {
    var trend = Trend()
    let count = try value.array()
    guard count % 3 == 0 else { throw .invalidValue }
    for _ in 0..<(count / 3) {
      let source = try value.uint()
      let account = try value.person()
      let bucket = UInt32(truncatingIfNeeded: try value.uint())
      _ = trend.add(TrendUse(source: source, account: account, bucket: bucket))
    }
    return trend
  }
}
