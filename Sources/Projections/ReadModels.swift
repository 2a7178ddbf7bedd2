package import Domain

/// Bounds that shape what is folded: part of a snapshot's fingerprint.
package struct ProjectionLimits: Hashable, Sendable {
  /// Candidates kept in each home's ring, 4 bytes each; older ones are merged when read.
  package var ringMax: Int
  /// Beyond this many followers an author's posts are merged into homes when these are read.
  package var celebrityFollowersMax: Int

  package init(ringMax: Int = 128, celebrityFollowersMax: Int = 10_000) {
    self.ringMax = ringMax
    self.celebrityFollowersMax = celebrityFollowersMax
  }
}

/// All read models of one shard at one position: a plain value.
///
/// Every shard folds every record and keeps its part: what is kept for a person, a tag or a post
/// lives where `EntityKey.stableHash` modulo the number of shards puts it. A copy is a freeze: it
/// retains a few dozen buffers, and later writes copy the segments that they touch. Copies may be
/// encoded on another thread.
package struct ReadModels: Sendable {
  package let shard: ShardIndex
  package let shardCount: Int
  package let limits: ProjectionLimits
  /// What is folded and held: all of them but in a rebuild of some.
  package let folding: ProjectionSet
  /// By which version of its fold each came to be.
  package internal(set) var folds: FoldVersions

  /// The newest record folded.
  package internal(set) var position = Position.zero
  /// Records passed over: 0, always. Counted so that it can be shown.
  package private(set) var skipped: UInt64 = 0

  /// See `fold(contentsOf:)`; no part of the state.
  var lookahead = 0

  package internal(set) var people: People
  package internal(set) var graph: Graph
  package internal(set) var timelines: Timelines
  package internal(set) var home: Home
  package internal(set) var tags: TagTimelines
  package internal(set) var publicTimeline: PublicTimeline
  package internal(set) var inbox: Inbox
  package internal(set) var trending: Trending
  package internal(set) var chats: Chats
  package internal(set) var stories: Stories
  package internal(set) var drafts: Drafts
  package internal(set) var reports: Reports

  /// `folding` must hold what its members stand on.
  package init(
    shard: ShardIndex, of shardCount: Int, limits: ProjectionLimits = ProjectionLimits(),
    folding: ProjectionSet = .all, folds: FoldVersions = FoldVersions()
  ) {
    precondition(folding == folding.withFoundations, "a fold has what it stands on")
    let placement = Placement(shard: shard, of: shardCount)
    self.shard = shard
    self.shardCount = shardCount
    self.limits = limits
    self.folding = folding
    self.folds = folds
    people = People(placement: placement)
    graph = Graph(
      placement: placement, celebrityFollowersMax: limits.celebrityFollowersMax)
    timelines = Timelines()
    home = Home(placement: placement, ringMax: limits.ringMax)
    tags = TagTimelines(placement: placement)
    publicTimeline = PublicTimeline(placement: placement)
    inbox = Inbox()
    trending = Trending(placement: placement)
    chats = Chats(placement: placement)
    stories = Stories()
    drafts = Drafts()
    reports = Reports(placement: placement)
  }

  /// Folds the next record into all read models, each after what it stands on. Throws
  /// `outOfOrder` and changes nothing if it is not the next one.
  package mutating func fold(_ record: Record) throws(ProjectionError) {
    try fold(record, known: KnownCast())
  }

  /// `known` are rows that were looked up before.
  mutating func fold(_ record: Record, known: KnownCast) throws(ProjectionError) {
    guard record.position == position.next else {
      throw .outOfOrder(expected: position.next, got: record.position)
    }
    take(record, known)
  }

  /// Folds a later record and leaves out those between. What is read afterwards must not rest on
  /// any of them: of what there is to read, the caller knows which records it is folded from.
  package mutating func fold(selected record: Record) throws(ProjectionError) {
    guard record.position > position else {
      throw .outOfOrder(expected: position.next, got: record.position)
    }
    take(record, KnownCast())
  }

  private mutating func take(_ record: Record, _ known: KnownCast) {
    if folding.contains(.people) { foldPeople(record, known) }
    if folding.contains(.tags) { tags.fold(record) }
    if folding.contains(.public) { publicTimeline.fold(record) }
    if folding.contains(.reports) { reports.fold(record) }
    position = record.position
  }

  /// People and what stands on them.
  private mutating func foldPeople(_ record: Record, _ known: KnownCast) {
    let cast = people.fold(record, known: known)
    if folding.contains(.graph) { foldGraph(record, cast) }
    if folding.contains(.timelines) { timelines.fold(record, cast, people: people) }
    if folding.contains(.trending) { trending.fold(record, cast, people: people) }
    if folding.contains(.chats) { chats.fold(record, cast, people: people) }
    if folding.contains(.stories) { stories.fold(record, cast, people: people) }
    if folding.contains(.drafts) { drafts.fold(record, cast, people: people) }
  }

  private mutating func foldGraph(_ record: Record, _ cast: Cast) {
    let change = graph.fold(record, cast, people: people)
    if folding.contains(.home) {
      home.fold(record, cast, people: people, graph: graph, change: change)
    }
    if folding.contains(.inbox) {
      inbox.fold(record, cast, people: people, graph: graph, change: change)
    }
  }
}

extension ReadModels {
  /// The version of a projection's entries' encoding.
  package static func encodingVersion(of name: ProjectionName) -> UInt32 {
    switch name {
    case .people: People.encodingVersion
    case .graph: Graph.encodingVersion
    case .timelines: Timelines.encodingVersion
    case .home: Home.encodingVersion
    case .tags: TagTimelines.encodingVersion
    case .public: PublicTimeline.encodingVersion
    case .inbox: Inbox.encodingVersion
    case .trending: Trending.encodingVersion
    case .chats: Chats.encodingVersion
    case .stories: Stories.encodingVersion
    case .drafts: Drafts.encodingVersion
    case .reports: Reports.encodingVersion
    }
  }

  /// The version of a projection's fold.
  package static func foldVersion(of name: ProjectionName) -> UInt32 {
    switch name {
    case .people: People.foldVersion
    case .graph: Graph.foldVersion
    case .timelines: Timelines.foldVersion
    case .home: Home.foldVersion
    case .tags: TagTimelines.foldVersion
    case .public: PublicTimeline.foldVersion
    case .inbox: Inbox.foldVersion
    case .trending: Trending.foldVersion
    case .chats: Chats.foldVersion
    case .stories: Stories.foldVersion
    case .drafts: Drafts.foldVersion
    case .reports: Reports.foldVersion
    }
  }
}
