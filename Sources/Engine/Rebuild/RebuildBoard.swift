package import Domain
package import Projections
private import Synchronization

/// How far a rebuild, or the way back from one, has come.
package struct RebuildStatus: Equatable, Sendable {
  package enum Phase: String, Sendable {
    /// Version 2 is folded from the journal.
    case building
    /// Both versions stand at one position and are compared.
    case comparing
    /// Version 2 takes over.
    case exchanging
    /// It has; the old version is written, and a snapshot.
    case keeping
  }

  package var targets: ProjectionSet
  package var isRevert: Bool
  package var phase = Phase.building
  package var position = Position.zero
  /// Where the journal ended when it was looked at last.
  package var end = Position.zero
  /// Of this process, from the moment on at which it began or went on.
  package var recordsPerSecond: UInt64 = 0

  /// Of the whole, rounded down: 0 to 100.
  package var percent: Int {
    position >= end ? 100 : Int(position.raw * 100 / end.raw)
  }

  /// Nil before the rate is known.
  package var secondsLeft: UInt64? {
    if position >= end { return 0 }
    guard recordsPerSecond > 0 else { return nil }
    return (end.raw - position.raw + recordsPerSecond - 1) / recordsPerSecond
  }
}

/// How a rebuild, or the way back from one, ended.
package struct RebuildOutcome: Equatable, Sendable {
  package var targets: ProjectionSet
  package var isRevert: Bool
  /// Where version 2 took over; where it failed, how far it had come.
  package var position: Position
  /// From the beginning, or from where it went on, until version 2 had taken over.
  package var ms: Int64
  /// Folded by this process.
  package var records: UInt64
  /// Of the targets, where the two versions were compared.
  package var comparisons: [ProjectionComparison] = []
  /// Why version 2 did not take over; nil if it did.
  package var failure: String?
  /// Why no snapshot has what took over; nil if one has.
  package var unsaved: String?

  package var recordsPerSecond: UInt64 { records * 1_000 / UInt64(max(1, ms)) }
}

/// What rebuilds show of themselves, from any thread.
package final class RebuildBoard: Sendable {
  package struct Content: Sendable {
    package var running: RebuildStatus?
    /// By projection, the newest.
    package var outcomes: [ProjectionName: RebuildOutcome] = [:]
    /// The newest first.
    package var kept: [RebuildFiles.Kept] = []
    /// By which versions what serves was folded.
    package var folds: FoldVersions

    /// What can be gone back to for a projection.
    package func kept(of name: ProjectionName) -> RebuildFiles.Kept? {
      kept.first { $0.targets.contains(name) }
    }
  }

  private let content: Mutex<Content>

  init(folds: FoldVersions) { content = Mutex(Content(folds: folds)) }

  package var now: Content { content.withLock { $0 } }

  func change(_ body: (inout Content) -> Void) { content.withLock { body(&$0) } }
}
