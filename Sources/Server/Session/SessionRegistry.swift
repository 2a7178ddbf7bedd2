import Domain
private import Synchronization

/// All open sessions by their connection's number, and who they speak for.
package final class SessionRegistry: Sendable {
  private struct Sessions: Sendable {
    var open: [UInt64: Session] = [:]
    var identities: [UInt64: Identity] = [:]
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

  package func remove(_ id: UInt64) {
    sessions.withLock { sessions in
      sessions.open[id] = nil
      sessions.identities[id] = nil
    }
  }

  /// A session speaks for somebody from now on, or for nobody.
  func note(_ identity: Identity?, of id: UInt64) {
    sessions.withLock { sessions in
      if sessions.open[id] != nil { sessions.identities[id] = identity }
    }
  }

  /// The sessions that speak for a person, in the order of their numbers.
  func all(of user: UserID) -> [(session: Session, identity: Identity)] {
    sessions.withLock { sessions in
      sessions.identities.filter { $0.value.user == user }
        .sorted { $0.key < $1.key }
        .compactMap { id, identity in sessions.open[id].map { ($0, identity) } }
    }
  }

  package subscript(id: UInt64) -> Session? { sessions.withLock { $0.open[id] } }

  /// In the order of their numbers.
  package func all() -> [Session] {
    sessions.withLock { Array($0.open.values) }.sorted { $0.id < $1.id }
  }

  package var openCount: Int { sessions.withLock { $0.open.count } }
  package var totalCount: UInt64 { sessions.withLock { $0.total } }
}
