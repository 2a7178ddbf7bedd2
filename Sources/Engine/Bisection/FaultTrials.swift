internal import Domain
internal import Journal
internal import Projections

/// Folds the journal with one fault at a time, and sees which gives what a snapshot holds.
///
/// Costs a fold of what follows for each event and fault; memory: the read models twice.
struct FaultTrials {
  private let name: ProjectionName
  private let snapshot: SnapshotEntries
  private let reader: JournalReader
  private let report: ProgressReport?

  init(
    _ name: ProjectionName, _ snapshot: SnapshotEntries, _ reader: JournalReader,
    _ report: ProgressReport?
  ) {
    self.name = name
    self.snapshot = snapshot
    self.reader = reader
    self.report = report
  }

  /// The first of these events at which a fault explains the whole part, with those that do as
  /// well.
  func finding(among candidates: [Position]) throws -> Bisection.Finding? {
    guard name != .people, !candidates.isEmpty else { return nil }
    let part = StatePart.projection(name)
    let wanted = try snapshot.digest(of: part)
    var base = FoldedEntries(of: [part])
    var found: [(position: Position, fault: FoldFault)] = []
    for (index, position) in candidates.sorted().enumerated() {
      report?(
        Progress(
          title: "trying events", done: UInt64(index), total: UInt64(candidates.count),
          unit: "events"))
      try base.run(reader, through: Position(position.raw - 1))
      guard let record = try reader.record(at: position) else { continue }
      var right = base
      try right.fold([record])
      let unharmed = try right.digest(of: part)
      for fault in FoldFault.allCases {
        var trial = base
        try trial.fold(record, with: fault, in: name)
        // Most events change nothing when they come again: nothing follows from that.
        if try trial.digest(of: part) == unharmed { continue }
        try trial.run(reader, through: snapshot.position)
        if try trial.digest(of: part) == wanted { found.append((position, fault)) }
      }
    }
    guard let first = found.first else { return nil }
    return Bisection.Finding(
      part: part, key: nil, position: first.position, verdict: .fault(first.fault),
      alike: found.dropFirst().map(\.position))
  }
}
