import Domain
private import Synchronization

/// Messages on their way to a session: put in from any shard, fetched by the session in its turn.
/// Bounded; who puts something in never waits.
final class PushBox: Sendable {
  /// Bytes of payloads that may wait here.
  static let bytesMax = 8 << 20

  struct Item: Sendable {
    var message: LiveMessage
    /// What must be durable before it is sent.
    var position: Position
  }

  enum Answer: Equatable {
    case added(isFirst: Bool)
    /// It does not fit; the session is to be ended.
    case full
    case closed
  }

  private struct State: Sendable {
    var items: [Item] = []
    var bytes = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Whether there may be something, so that whoever looks in vain takes no lock.
  private let isFilled = Atomic(false)

  func put(_ message: LiveMessage, after position: Position) -> Answer {
    state.withLock { state in
      if state.isClosed { return .closed }
      guard state.bytes + message.size <= Self.bytesMax else {
        state = State(isClosed: true)
        return .full
      }
      state.items.append(Item(message: message, position: position))
      state.bytes += message.size
      isFilled.store(true, ordering: .releasing)
      return .added(isFirst: state.items.count == 1)
    }
  }

  func take() -> [Item] {
    guard isFilled.load(ordering: .acquiring) else { return [] }
    return state.withLock { state in
      defer {
        state.items = []
        state.bytes = 0
        isFilled.store(false, ordering: .releasing)
      }
      return state.items
    }
  }

  func close() { state.withLock { $0 = State(isClosed: true) } }
}
