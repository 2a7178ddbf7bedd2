import Domain
import Synchronization

/// Remembers the durable positions that the writer told.
final class Woken: Sendable {
  private let noted = Mutex<[Position]>([])
  var positions: [Position] { noted.withLock { $0 } }
  func note(_ position: Position) { noted.withLock { $0.append(position) } }
}
