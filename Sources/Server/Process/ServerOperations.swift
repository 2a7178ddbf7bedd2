import Domain
import Engine
import Entities
import Journal
import Projections
import Synchronization

/// What operators ask of the process: snapshots, digests, its end.
final class ServerOperations: Operations, Sendable {
  private let engine: Engine
  private let store: SnapshotStore
  private let everyEvents: UInt64
  private let background: ThreadExecutor
  private let onShutdown: @Sendable () -> Void
  private let log: @Sendable (String) -> Void
  private let isDue = Atomic<Bool>(false)
  private let newest: Mutex<Position>

  init(
    engine: Engine, store: SnapshotStore, everyEvents: UInt64, background: ThreadExecutor,
    onShutdown: @escaping @Sendable () -> Void, log: @escaping @Sendable (String) -> Void
  ) {
    self.engine = engine
    self.store = store
    self.everyEvents = everyEvents
    self.background = background
    self.onShutdown = onShutdown
    self.log = log
    newest = Mutex((try? store.list().first?.position) ?? .zero)
  }

  func snapshot() async throws -> Position {
    let summary = try await engine.inspector.takeSnapshot(into: store, at: engine.clock.now)
    newest.withLock { $0 = summary.position }
    log("snapshot at position \(summary.position): \(summary.bytes) bytes")
    return summary.position
  }

  /// A snapshot at the end, unless nothing has happened since the newest one.
  func snapshotIfBehind() async throws {
    if engine.journal.durable > newest.withLock({ $0 }) { _ = try await snapshot() }
  }

  /// Called on every publication of the journal: takes a snapshot in the background when enough has
  /// happened since the newest one.
  func published(_ durable: Position) {
    guard everyEvents > 0, durable.raw - newest.withLock({ $0.raw }) >= everyEvents,
      !isDue.exchange(true, ordering: .acquiringAndReleasing)
    else { return }
    Task(executorPreference: background) { await self.takeDue() }
  }

  private func takeDue() async {
    do {
      _ = try await snapshot()
    } catch {
      log("no snapshot: \(error)")
      newest.withLock { $0 = engine.journal.durable }
    }
    isDue.store(false, ordering: .releasing)
  }

  func digests() async throws -> (position: Position, named: [(name: String, digest: String)]) {
    let digests = try await engine.digests()
    return (digests.position, digests.all.map { ($0.name, $0.digest.description) })
  }

  func shutdown() { onShutdown() }

  func info() -> [(section: String, lines: [(String, String)])] {
    [
      (
        "Snapshots",
        [
          ("snapshot_position", newest.withLock { $0.description }),
          ("snapshot_every_events", String(everyEvents)),
        ]
      )
    ]
  }
}
