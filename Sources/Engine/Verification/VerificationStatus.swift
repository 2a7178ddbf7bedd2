package import Domain
private import Synchronization

/// What a verification that goes on all the time has found up to now.
package struct VerificationStatus: Sendable, Equatable {
  package enum Phase: String, Sendable {
    /// Nobody asked for it.
    case off
    /// The journal is folded, up to where the server is.
    case folding
    /// The states are held against each other.
    case comparing
    /// Until something happens, or until it is time to look again.
    case waiting
    /// The journal cannot be folded further, or the server ends.
    case stopped
  }

  package var phase = Phase.off
  /// How far the journal was folded.
  package var position = Position.zero
  /// How often everything was compared.
  package var passes: UInt64 = 0
  /// Where that was the last time, when it ended, and how long it had taken, rests included.
  package var lastPosition = Position.zero
  package var lastPassed: Instant?
  package var lastPassMs: UInt64 = 0
  /// What did not agree when it was compared last: each projection and each entity counts once.
  package var mismatches: UInt64 = 0
  /// The same since the start, also what agreed again later.
  package var mismatchesInAll: UInt64 = 0
  /// The names of what did not agree, the first `namedMax`.
  package var differing: [String] = []
  /// The names of what was not compared, because it is served by an older fold or stands on one.
  package var outdated: [String] = []
  /// Records folded in a second, rests included, since the folding began or went on.
  package var recordsPerSecond: UInt64 = 0

  package static let namedMax = 16

  package init() {}
}

/// Written by the verifier, read by whoever asks.
final class StatusBox: Sendable {
  private let box = Mutex(VerificationStatus())

  var value: VerificationStatus { box.withLock { $0 } }

  func change(_ body: (inout VerificationStatus) -> Void) { box.withLock { body(&$0) } }
}
