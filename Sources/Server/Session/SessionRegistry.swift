private import Synchronization

/// All open sessions by their connection's number.
package final class SessionRegistry: Sendable {
  private struct Sessions: Sendable {
    var open: [UInt64: Session] = [:]
    var total: UInt64 = 0
  }

  private let sessions = Mutex(Sessions())

  package init() {}

  package func add(_ session: Session) {
    sessions.withLock { sessions in
      sessions.open[session.id] = session
      sessions.total += 1
    }
  }

  package func remove(_ id: UInt64) { sessions.withLock { $0.open[id] = nil } }

  package subscript(id: UInt64) -> Session? { sessions.withLock { $0.open[id] } }

  /// In the order of their numbers.
  package func all() -> [Session] {
    sessions.withLock { Array($0.open.values) }.sorted { $0.id < $1.id }
  }

  package var openCount: Int { sessions.withLock { $0.open.count } }
  package var totalCount: UInt64 { sessions.withLock { $0.total } }
}
