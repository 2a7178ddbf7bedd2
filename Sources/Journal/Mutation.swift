#if ROOST_MUTATIONS
  private import Synchronization
#endif

/// A mistake that can be planted, one in a process, to show that simulation finds it
/// (docs/simulation.md).
///
/// Only where `ROOST_MUTATIONS` is defined, which is in debug builds and by `tools/simulate
/// --mutation`. Elsewhere `isPlanted` is the constant `false`, and what hangs on it is compiled
/// away: public, since the compiler inlines nothing into other modules that is the package's alone.
public enum Mutation: UInt8, CaseIterable, Sendable {
  /// A reply leaves when its events are enqueued, not when they are durable.
  case ackBeforeSync = 1
  /// A commit returns when the operating system has it, as with the weaker durability.
  case commitUnsynced
  /// An entity applies its events a turn after it has decided: others decide in between.
  case applyInLaterTurn
  /// The hashes of blocks are not compared when a journal is opened.
  case blockHashSkipped
  /// The hash of a snapshot is not compared.
  case snapshotHashSkipped
  /// A snapshot gets its name before it is synced.
  case snapshotUnsynced
  /// Recovery takes the last block to end one event early.
  case batchTailLost
  /// An entity folds an event of another again that its snapshot holds already.
  case appliedTwiceAtRestart
  /// A page begins with the last item of the page before.
  case cursorInclusive
  /// A follow is noted as if the other had begun it.
  case followedOnOtherSide
  /// A snapshot says that it is of a newer position than what is in it.
  case snapshotMisplaced
  /// Who is blocked is not told.
  case blockNotDelivered
  /// A subscription that resumes begins one event late.
  case resumeSkipsOne
  /// The transaction lacks the idempotency keys.
  case keyForgotten
  /// Who waits for a shard to fold an event does not look once more before waiting.
  case wakeLost
  /// The time of new identifiers goes back with the system's clock.
  case clockGoesBack
  /// What was unsealed before its author was erased can be read on.
  case textOutlivesErasure

  #if ROOST_MUTATIONS
    private static let planted = Atomic<UInt8>(0)

    /// Plants it, for the rest of the process.
    package func plant() { Self.planted.store(rawValue, ordering: .relaxed) }

    package var isPlanted: Bool { Self.planted.load(ordering: .relaxed) == rawValue }
  #else
    @inlinable @inline(__always)
    public var isPlanted: Bool { false }
  #endif

  /// Whether this build has what can be planted.
  package static var canBePlanted: Bool {
    #if ROOST_MUTATIONS
      true
    #else
      false
    #endif
  }
}
