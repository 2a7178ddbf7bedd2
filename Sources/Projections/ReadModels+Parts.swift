/// Taking read models apart and putting them together: for rebuilding one beside the others.
extension ReadModels {
  /// A copy of some of these and of what they stand on; goes on folding those alone.
  package func part(_ names: ProjectionSet) -> ReadModels {
    var part = ReadModels(
      shard: shard, of: shardCount, limits: limits, folding: names.withFoundations, folds: folds)
    part.take(names.withFoundations, from: self)
    part.position = position
    return part
  }

  /// Takes over some projections of another value of the same shard at the same position, which
  /// numbers people alike or hands over all that are written in their numbers. O(1).
  package mutating func adopt(_ names: ProjectionSet, from other: ReadModels) {
    precondition(
      position == other.position && shard == other.shard && shardCount == other.shardCount,
      "read models are exchanged at one position")
    precondition(
      folding.isSuperset(of: names) && other.folding.isSuperset(of: names),
      "what is exchanged is folded on both sides")
    take(names, from: other)
  }

  private mutating func take(_ names: ProjectionSet, from other: ReadModels) {
    for name in names.names { take(name, from: other) }
  }

  /// One of them as it is in another; both number people the same.
  package mutating func take(_ name: ProjectionName, from other: ReadModels) {
    folds[name] = other.folds[name]
    switch name {
    case .people: people = other.people
    case .graph: graph = other.graph
    case .timelines: timelines = other.timelines
    case .home: home = other.home
    case .tags: tags = other.tags
    case .public: publicTimeline = other.publicTimeline
    case .inbox: inbox = other.inbox
    case .trending: trending = other.trending
    case .chats: chats = other.chats
    case .stories: stories = other.stories
    case .drafts: drafts = other.drafts
    case .reports: reports = other.reports
    }
  }

  /// Whether both give the same people the same row numbers, in which projections are written:
  /// those of one may be put into the other then. True where one of them folds nobody. O(people).
  package func numbersPeople(as other: ReadModels) -> Bool {
    guard folding.contains(.people), other.folding.contains(.people) else { return true }
    return people.isNumbered(as: other.people)
  }

  /// Says that projections are not what today's folds make of the journal, also where their own
  /// fold is of today and only what it stood on was not.
  package mutating func mark(_ names: ProjectionSet, foldedBefore today: FoldVersions) {
    for name in names.names where folds[name] == today[name] { folds[name] = FoldVersions.mixed }
  }
}
