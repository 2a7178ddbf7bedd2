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
    /// What it concerns, where that can be said.
    package var affected: Affected?

    package init(position: Position? = nil, sentence: String, affected: Affected? = nil) {
      self.position = position
      self.sentence = sentence
      self.affected = affected
    }
  }

  /// How much is looked at, and by how many.
  package struct Options: Sendable {
    /// Leaves out the refold; snapshots are only checked for being whole, texts not unsealed.
    package var isQuick = false
    /// What the journal must begin with.
    package var checkpoint: Checkpoint?
    /// Pieces of work beside each other. Each but the chain's holds one whole state in memory.
    package var threads = Workers.threadsDefault
    package var limits = ProjectionLimits()

    package init() {}
  }

  package internal(set) var problems: [Problem] = []
  /// What is no fault, but good to know.
  package internal(set) var notes: [String] = []
  /// How far was looked.
  package internal(set) var position = Position.zero
  /// Of the refold, if there was one.
  package internal(set) var digests: StateDigests?

  let directory: String
  let options: Options
  /// If only this one is looked at.
  private(set) var projection: ProjectionName?

  private init(_ directory: String, _ options: Options) {
    self.directory = directory
    self.options = options
  }

  /// The first bad position, if one is known.
  package var firstBad: Position? { problems.compactMap(\.position).min() }

  /// Everything: structure, checksums, chain, positions, the idempotency index against the events,
  /// sealing keys against what they seal, the tree and a checkpoint, if one is given; then every
  /// snapshot against a refold. The chain, the refold and the snapshots go beside each other.
  package static func verify(
    directory: String, _ options: Options, report: ProgressReport? = nil
  ) throws -> Verification {
    var verification = Verification(directory, options)
    let reader: JournalReader
    do throws(JournalError) {
      reader = try JournalReader(directory: directory)
    } catch {
      guard case .damaged(let finding) = error else { throw error }
      verification.add([finding], reader: nil)
      return verification
    }
    defer { reader.close() }
    // Snapshots first: what they stand on is in the journal then.
    let snapshots = try verification.openSnapshots(max: .max)
    try verification.work(reader, snapshots, checksChain: true, report)
    return verification
  }

  /// The same with the defaults.
  package static func verify(
    directory: String, isQuick: Bool, report: ProgressReport? = nil
  ) throws -> Verification {
    var options = Options()
    options.isQuick = isQuick
    return try verify(directory: directory, options, report: report)
  }

  /// The newest usable snapshot against a refold; of one projection, or of everything.
  package static func check(
    directory: String, projection: ProjectionName? = nil,
    limits: ProjectionLimits = ProjectionLimits(),
    report: ProgressReport? = nil
  ) throws -> Verification {
    var options = Options()
    options.limits = limits
    var verification = Verification(directory, options)
    verification.projection = projection
    let snapshots = try verification.openSnapshots(max: 1)
    if snapshots.isEmpty {
      verification.notes.append("there is no snapshot to compare with")
    }
    let reader = try JournalReader(directory: directory)
    defer { reader.close() }
    try verification.work(reader, snapshots, checksChain: false, report)
    return verification
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
        } else if header.fingerprint != SnapshotFingerprint.bytes(options.limits) {
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

  mutating func problem(
    _ sentence: String, at position: Position? = nil, affecting affected: Affected? = nil
  ) {
    problems.append(Problem(position: position, sentence: sentence, affected: affected))
  }

  /// What the journal's own check found; with a reader, also what it concerns.
  mutating func add(_ findings: [Finding], reader: JournalReader?) {
    for (index, finding) in findings.enumerated() {
      var affected: Affected?
      if let reader, let position = finding.position, index < Affected.surveysMax {
        affected =
          switch finding.what {
          case "the key store": try? Affected(reader, only: position, "text sealed with this key")
          case "the idempotency index":
            try? Affected(reader, only: position, "what a repetition of this request is answered")
          default: try? Affected(reader, around: position)
          }
      }
      problem(finding.description, at: finding.position, affecting: affected)
    }
  }
}
