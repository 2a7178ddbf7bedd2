package import Domain
package import Journal
package import Projections

/// Finds out where a state that a server wrote down left what the journal says.
///
/// The state is a snapshot's; what it is held against is a fold from the first event on. For each
/// part that differs, `Verdict` says what is known, from the strongest on:
///
/// 1. One event makes the difference: the fold that passes it over in this part alone, or takes it
///    twice there, and is right otherwise, gives exactly what the snapshot holds.
/// 2. An entry was once as the snapshot says, and is not since an event.
/// 3. An entry never was so: then what is wrong came about at the last event that changed it, or
///    after that without any.
package struct Bisection {
  /// Events that are tried for each projection that differs.
  package static let candidatesMax = 32
  /// Entries of each part that are looked at one by one.
  package static let entriesMax = 16

  package enum Verdict: Hashable, Sendable {
    /// The only faults, among those that were tried, which explain all of the part.
    case fault(FoldFault)
    /// The entry was as the snapshot says until the event before.
    case stopped
    /// It never was; this is the last event that changed it.
    case never
  }

  package struct Finding: Sendable {
    package var part: StatePart
    /// The entry's key as JSON; nil where the whole part is explained.
    package var key: String?
    /// Of the event, where there is one: what only the snapshot has no event may ever have made.
    package var position: Position?
    package var verdict: Verdict
    /// Other events that explain the part as well.
    package var alike: [Position] = []
  }

  /// A part that differs.
  package struct Difference {
    package var part: StatePart
    package var comparison: EntryComparison
    package var findings: [Finding]
  }

  package let position: Position
  package private(set) var differences: [Difference] = []

  /// The first event at which something went wrong.
  package var first: Finding? {
    differences.flatMap(\.findings).filter { $0.position != nil }
      .min { ($0.position ?? .zero) < ($1.position ?? .zero) }
  }

  private let snapshot: SnapshotEntries
  private let reader: JournalReader
  private let report: ProgressReport?

  /// Looks at one snapshot. Throws if it cannot be read, or stands beyond the journal's end. `fold`
  /// stands at that position or before, and goes on to there.
  package init(
    snapshot: SnapshotEntries, in reader: JournalReader, from fold: inout FoldedEntries,
    report: ProgressReport? = nil
  ) throws {
    self.snapshot = snapshot
    self.reader = reader
    self.report = report
    position = snapshot.position
    guard snapshot.through <= (try reader.end()) else {
      throw EntriesError(
        "the snapshot at position \(position) reaches beyond the journal's end, \(try reader.end())"
      )
    }
    try fold.run(reader, through: position, report: report)
    var folded = fold
    try folded.stand(as: snapshot, in: reader)
    let said = try snapshot.digests()
    for part in StatePart.all where try folded.digest(of: part) != said[part] ?? Digest() {
      // Identifiers, not names: what differs is looked for by them.
      let comparison = try EntryComparison(
        part, .state(folded), .state(snapshot), shownMax: Self.entriesMax, naming: .identifiers)
      if comparison.isEqual { continue }
      differences.append(Difference(part: part, comparison: comparison, findings: []))
    }
    for index in differences.indices {
      differences[index].findings = try explain(differences[index])
    }
  }

  private func explain(_ difference: Difference) throws -> [Finding] {
    switch difference.part {
    case .entities:
      return try EntityTrials(difference.comparison, difference.part, snapshot, reader).findings()
    case .projection(let name):
      let trials = FaultTrials(name, snapshot, reader, report)
      let candidates = try Candidates(
        difference.comparison, of: name, in: reader, through: position
      ).positions
      if let finding = try trials.finding(among: candidates) { return [finding] }
      let histories = EntryHistories(difference.part, snapshot, reader, report)
      return try histories.findings(difference.comparison)
    }
  }
}
