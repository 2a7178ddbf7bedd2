package import Domain

/// A step of a fold as it must not be: to find out what went wrong in a state that is not as it
/// should be.
package enum FoldFault: String, Sendable, CaseIterable {
  /// A read model passed an event over.
  case lost
  /// It folded it twice.
  case twice
}

extension ReadModels {
  /// Folds the next record as `fold` does, but for one read model, which goes wrong here.
  ///
  /// Not for `people`: the others count on its numbers.
  package mutating func fold(
    _ record: Record, with fault: FoldFault, in name: ProjectionName
  ) throws(ProjectionError) {
    precondition(name != .people, "without its people no read model can go on")
    let before = self
    try fold(record)
    switch fault {
    case .lost: take(name, from: before)
    case .twice:
      var again = self
      again.position = before.position
      try again.fold(record)
      take(name, from: again)
    }
  }

  private mutating func take(_ name: ProjectionName, from other: ReadModels) {
    switch name {
    case .people: people = other.people
    case .graph:
      graph = other.graph
      graph.grow(toHold: people)
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
}
