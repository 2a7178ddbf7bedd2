package import Domain
private import Synchronization

/// The sessions of one shard whose next reply waits for the disk.
package final class ReplyGate: Sendable {
  private let waiting = Mutex<[Session]>([])

  package init() {}

  /// Adds a session to the next publication. The session must look at the durable position once
  /// more afterwards: a publication may have passed between its last look and this call.
  func wait(_ session: Session) { waiting.withLock { $0.append(session) } }

  /// Lets every waiting session send what has become durable.
  package func publish(_ durable: Position) async {
    let sessions = waiting.withLock { waiting in
      let sessions = waiting
      waiting.removeAll(keepingCapacity: true)
      return sessions
    }
    for session in sessions { await session.release(through: durable) }
  }
}
