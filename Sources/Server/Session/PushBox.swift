import Domain
private import Synchronization

/// Messages on their way to a session: put in from any shard, fetched by the session in its turn.
/// Bounded; who puts something in never waits.
///
/// A session that has logged in is ended at the bound. A stranger's box is small, so that one who
/// reads may miss something too: they are told of a gap, with the positions that it lies between,
/// and may resume.
final class PushBox: Sendable {
  /// Bytes of payloads that may wait here.
  static let bytesMax = 8 << 20
  /// The same for who has not logged in, with all that waits for them behind the box: replies and
  /// messages that are held, and the connection's output.
  static let strangerBytesMax = 12 << 10

  struct Item: Sendable {
    var message: LiveMessage
    /// What must be durable before it is sent.
    var position: Position
  }

  enum Answer: Equatable {
    /// `isFirst`: the session is to fetch it; else it is about to.
    case added(isFirst: Bool)
    /// It does not fit and is part of a gap now, of which the session is to be told if `isDue`;
    /// else that comes when there is room again.
    case missed(isDue: Bool)
    /// It does not fit; the session is to be ended.
    case full
    case closed
  }

  private struct State: Sendable {
    var items: [Item] = []
    var bytes = 0
    var isClosed = false
    var isStranger = true
    /// Bytes behind the box, which the client has not fetched yet.
    var bytesBehind = 0
    /// What was missed on a channel: no more of it comes before the gap is told.
    var gaps: [String: Gap] = [:]
    /// Whether the session is about to look.
    var isLookDue = false

    /// Whether it is worth telling of gaps: half of the room is there again.
    var hasRoomForMore: Bool { bytesBehind + bytes <= PushBox.strangerBytesMax / 2 }

    mutating func becomesDue() -> Bool {
      defer { isLookDue = true }
      return !isLookDue
    }
  }

  private struct Gap: Sendable {
    var after: Position
    var end: Position
    var position: Position
  }

  private let state = Mutex(State())
  /// Whether there may be something, so that whoever looks in vain takes no lock.
  private let isFilled = Atomic(false)

  func put(_ message: LiveMessage, after position: Position) -> Answer {
    state.withLock { state in
      if state.isClosed { return .closed }
      guard fits(message, state) else {
        if state.isStranger { return miss(message, after: position, &state) }
        state = State(isClosed: true)
        return .full
      }
      state.items.append(Item(message: message, position: position))
      state.bytes += message.size
      isFilled.store(true, ordering: .releasing)
      return .added(isFirst: state.becomesDue())
    }
  }

  private func fits(_ message: LiveMessage, _ state: State) -> Bool {
    guard state.isStranger else { return state.bytes + message.size <= Self.bytesMax }
    return state.gaps[message.channel] == nil
      && state.bytesBehind + state.bytes + message.size <= Self.strangerBytesMax
  }

  private func miss(
    _ message: LiveMessage, after position: Position, _ state: inout State
  ) -> Answer {
    if let at = message.at {
      var gap =
        state.gaps[message.channel]
        ?? Gap(after: Position(at.raw - 1), end: at, position: position)
      gap.end = max(gap.end, at)
      gap.position = max(gap.position, position)
      state.gaps[message.channel] = gap
      isFilled.store(true, ordering: .releasing)
    }
    return .missed(isDue: state.hasRoomForMore && state.becomesDue())
  }

  /// What is there, gaps behind the rest.
  func take() -> [Item] {
    guard isFilled.load(ordering: .acquiring) else { return [] }
    return state.withLock { state in
      let gaps = state.gaps.sorted { $0.key < $1.key }.map { channel, gap in
        Item(
          message: LivePayload.gap(on: channel, after: gap.after, to: gap.end),
          position: gap.position)
      }
      defer {
        state.bytesBehind += state.bytes
        state.items = []
        state.bytes = 0
        state.gaps = [:]
        state.isLookDue = false
        isFilled.store(false, ordering: .releasing)
      }
      return state.items + gaps
    }
  }

  /// The session speaks for nobody from now on, or for somebody.
  func noteLogIn(_ isLoggedIn: Bool) { state.withLock { $0.isStranger = !isLoggedIn } }

  /// So much waits behind the box at this moment. True if the session is to look again, for there
  /// is room to tell of gaps.
  func noteBehind(_ bytes: Int) -> Bool {
    state.withLock { state in
      state.bytesBehind = bytes
      return !state.gaps.isEmpty && state.hasRoomForMore && state.becomesDue()
    }
  }

  func close() { state.withLock { $0 = State(isClosed: true) } }
}
