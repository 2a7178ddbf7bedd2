private import Synchronization

/// Settings that CONFIG SET changes while the server runs; whoever goes by them reads them each
/// time.
package final class LiveSettings: Sendable {
  private let privacy: Atomic<Bool>
  private let connections: Atomic<Int>
  private let snapshotEvents: Atomic<UInt64>
  private let entityMemory: Atomic<Int>

  package init(
    isPrivate: Bool = false, connectionsMax: Int = Listener.connectionsMaxDefault,
    snapshotEveryEvents: UInt64 = 0, entitiesMemoryBytes: Int = .max
  ) {
    entityMemory = Atomic(entitiesMemoryBytes)
    privacy = Atomic(isPrivate)
    connections = Atomic(connectionsMax)
    snapshotEvents = Atomic(snapshotEveryEvents)
  }

  /// Whether anonymous connections may read nothing.
  package var isPrivate: Bool {
    get { privacy.load(ordering: .relaxed) }
    set { privacy.store(newValue, ordering: .relaxed) }
  }

  /// Connections open at once.
  package var connectionsMax: Int {
    get { connections.load(ordering: .relaxed) }
    set { connections.store(newValue, ordering: .relaxed) }
  }

  /// What entities may take in memory before those that nobody asks for are put to sleep.
  package var entitiesMemoryBytes: Int {
    get { entityMemory.load(ordering: .relaxed) }
    set { entityMemory.store(newValue, ordering: .relaxed) }
  }

  /// Events between two snapshots; 0: only at the end.
  package var snapshotEveryEvents: UInt64 {
    get { snapshotEvents.load(ordering: .relaxed) }
    set { snapshotEvents.store(newValue, ordering: .relaxed) }
  }
}
