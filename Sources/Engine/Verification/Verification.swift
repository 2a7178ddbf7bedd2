package import Domain
package import Journal
package import Projections

/// What `verify` and `rebuild --check` find out about a data directory.
package struct Verification {
  /// One thing that is wrong, in one sentence; with the first position that it concerns, where that
  /// is known.
  package struct Problem: Hashable, Sendable {
    package var position: Position?
    package var sentence: String
  }

  package private(set) var problems: [Problem] = []
  /// What is no fault, but good to know.
  package private(set) var notes: [String] = []
  /// How far was looked.
  package private(set) var position = Position.zero
  /// Of the refold, if there was one.
  package private(set) var digests: StateDigests?

  private let directory: String
  private let limits: ProjectionLimits
  private let report: ProgressReport?
  /// If only this one is looked at.
  private var projection: ProjectionName?

  private init(_ directory: String, _ limits: ProjectionLimits, _ report: ProgressReport?) {
    self.directory = directory
    self.limits = limits
    self.report = report
  }

  /// The first bad position, if one is known.
  package var firstBad: Position? { problems.compactMap(\.position).min() }

  /// Everything: structure, checksums, chain, positions, idempotency keys, sealing keys, the tree
  /// and a checkpoint, if one is given; then every snapshot against a refold.
  /// `isQuick` leaves the refold out.
  package static func verify(
    directory: String, isQuick: Bool, extending checkpoint: Checkpoint? = nil,
    limits: ProjectionLimits = ProjectionLimits(), report: ProgressReport? = nil
  ) throws -> Verification {
    var verification = Verification(directory, limits, report)
    try verification.checkJournal(extending: checkpoint)
    guard verification.problems.isEmpty else { return verification }
    let snapshots = try verification.openSnapshots(max: .max)
    if !isQuick { try verification.refold(comparing: snapshots) }
    return verification
  }

  /// The newest usable snapshot against a refold; of one projection, or of everything.
  package static func check(
    directory: String, projection: ProjectionName? = nil,
    limits: ProjectionLimits = ProjectionLimits(),
    report: ProgressReport? = nil
  ) throws -> Verification {
    var verification = Verification(directory, limits, report)
    verification.projection = projection
    let snapshots = try verification.openSnapshots(max: 1)
    if snapshots.isEmpty {
      verification.notes.append("there is no snapshot to compare with")
    }
    try verification.refold(comparing: snapshots)
    return verification
  }

  private mutating func checkJournal(extending checkpoint: Checkpoint?) throws {
    let findings = try JournalVerifier.verify(
      directory: directory, extending: checkpoint
    ) { progress in
      report?(
        Progress(
          title: "verifying", done: progress.position.raw, total: progress.last.raw,
          unit: "records"))
    }
    for finding in findings {
      problems.append(Problem(position: finding.position, sentence: finding.description))
    }
    if problems.isEmpty {
      position = try JournalReader(directory: directory).head().position
    }
  }

  /// Snapshots whose file is whole, the newest first. What is damaged is a problem; what another
  /// version wrote is only noted, for it will be folded anew.
  private mutating func openSnapshots(max: Int) throws -> [SnapshotStore.Item] {
    guard FileSizes.exists(directory + "/snapshots") else { return [] }
    var usable: [SnapshotStore.Item] = []
    for item in try SnapshotStore(directory: directory).list() where usable.count < max {
      do throws(JournalError) {
        let header = try SnapshotReader(item.path).header
        if header.position != item.position {
          problem("the snapshot at position \(item.position) has another position inside")
        } else if header.fingerprint != SnapshotFingerprint.bytes(limits) {
          notes.append(
            "the snapshot at position \(item.position) was written by another version and is "
              + "not used")
        } else {
          usable.append(item)
        }
      } catch .missing {
        // A server beside has removed it in favour of a newer one.
        continue
      } catch {
        problem(error.description)
      }
    }
    return usable
  }

  private mutating func problem(_ sentence: String, at position: Position? = nil) {
    problems.append(Problem(position: position, sentence: sentence))
  }

  /// Folds the whole journal, and what each snapshot holds up to the same end, and compares: read
  /// models where the snapshot stands, everything at the end.
  private mutating func refold(comparing snapshots: [SnapshotStore.Item]) throws {
    let reader = try JournalReader(directory: directory)
    let end = try reader.end()
    var folded: [SnapshotFold] = []
    for item in snapshots.reversed() {
      do {
        folded.append(
          try SnapshotFold(item, of: reader, through: end, limits: limits, report))
      } catch let error as JournalError {
        if case .missing = error { continue }
        throw error
      } catch {
        problem("the snapshot at position \(item.position) cannot be used: \(error)")
      }
    }
    var refold = Refold(limits: limits)
    do {
      for snapshot in folded {
        try refold.run(
          reader, through: .position(snapshot.position), title: "folding", report: report)
        let expected = [refold.models].digests()
        for (own, other) in zip(expected, snapshot.models)
        where own != other && isLookedAt(own.name) {
          problem(
            "\(own.name) in the snapshot at position \(snapshot.position) differs from a refold",
            at: snapshot.position)
        }
      }
      try refold.run(reader, through: .position(end), title: "folding", report: report)
    } catch let error as RefoldError {
      return problem(error.description, at: error.position)
    }
    position = refold.position
    let digests = refold.digests().showing(projection)
    self.digests = digests
    for snapshot in folded {
      for name in digests.differences(from: snapshot.atEnd) {
        problem(
          "\(name) differs at position \(end) between a refold and the snapshot at position "
            + "\(snapshot.position) with what follows it")
      }
    }
  }
}

extension Verification {
  private func isLookedAt(_ name: String) -> Bool {
    projection.map { StateDigests.name(of: $0) == name } ?? true
  }
}

/// The digests that a snapshot leads to.
private struct SnapshotFold {
  let position: Position
  /// Of its read models, where it stands.
  let models: [StateDigests.Named]
  /// Of everything, with the journal's tail folded on top.
  let atEnd: StateDigests

  init(
    _ item: SnapshotStore.Item, of reader: JournalReader, through end: Position,
    limits: ProjectionLimits, _ report: ProgressReport?
  ) throws {
    var refold = try Refold(
      from: try SnapshotReader(item.path), of: reader, limits: limits)
    position = item.position
    models = [refold.models].digests()
    try refold.run(
      reader, through: .position(end), title: "folding from the snapshot", report: report)
    atEnd = refold.digests()
  }
}
