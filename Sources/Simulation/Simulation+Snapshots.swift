import Domain
import Engine
import Journal
import Synchronization

/// Snapshots that are taken while clients go on.
extension Simulation {
  final class SnapshotUnderWay: Sendable {
    private let state = Mutex<Result<Position, any Error>?>(nil)

    func end(_ result: Result<Position, any Error>) { state.withLock { $0 = result } }
    var result: Result<Position, any Error>? { state.withLock { $0 } }
  }

  var mayBeginSnapshot: Bool { machine.snapshots != nil && snapshotUnderWay == nil }

  func beginSnapshot() {
    guard let store = machine.snapshots else { return }
    scheduler.trace.note(.snapshot)
    tell("a snapshot begins")
    if scheduler.generator.below(1_000) < 3 * weights.faults {
      machine.files?.failSoon(after: scheduler.generator.below(14))
    }
    let underWay = SnapshotUnderWay()
    let engine = server.engine
    snapshotUnderWay = underWay
    scheduler.start {
      do {
        let now = engine.clock.now
        underWay.end(
          .success(try await engine.inspector.takeSnapshot(into: store, at: now).position))
      } catch {
        underWay.end(.failure(error))
      }
    }
  }

  func endSnapshotIfDone() throws {
    guard let result = snapshotUnderWay?.result else { return }
    snapshotUnderWay = nil
    tally.snapshots += 1
    switch result {
    case .success(let position):
      tell("a snapshot of position \(position) is there")
      damagedSnapshots.remove(position.raw)
      isNewestSnapshotUnclear = false
    case .failure(let error):
      let faults = machine.files?.takeFaults() ?? 0
      tally.faults += faults
      isNewestSnapshotUnclear = faults > 0
      if faults > 0 { return tell("a snapshot fails: \(error)") }
      throw Violation("a snapshot can't be taken: \(error)")
    }
  }

  /// Entities that nobody asked for lately leave the memory, as under a budget of nothing.
  func putToSleep() {
    scheduler.trace.note(.sleep)
    tell("entities go to sleep")
    let engine = server.engine
    scheduler.start { await engine.residency.keep(within: 0) }
  }

  /// The process ends: whether the snapshot under way has taken the place of a damaged one of the
  /// same position, nobody knows.
  func abandonSnapshot() {
    if snapshotUnderWay != nil, !damagedSnapshots.isEmpty { isNewestSnapshotUnclear = true }
    snapshotUnderWay = nil
  }
}
