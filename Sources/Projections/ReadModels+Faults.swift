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
    case .lost: takeBack(name, from: before)
    case .twice:
      var again = self
      again.position = before.position
      try again.fold(record)
      takeBack(name, from: again)
    }
  }

  /// With room in its rows for everybody who is known here.
  private mutating func takeBack(_ name: ProjectionName, from other: ReadModels) {
    take(name, from: other)
    if name == .graph { graph.grow(toHold: people) }
  }
}
