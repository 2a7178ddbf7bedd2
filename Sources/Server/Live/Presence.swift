package import Domain
private import Synchronization

/// Whether a person is there.
package struct PresenceStatus: Equatable, Sendable {
  package var isOnline: Bool
  /// When their last connection ended; nil while one is open, and if none was seen to end.
  package var lastSeen: Instant?

  package static let unknown = PresenceStatus(isOnline: false)

  package init(isOnline: Bool, lastSeen: Instant? = nil) {
    self.isOnline = isOnline
    self.lastSeen = lastSeen
  }
}

/// Who is there, and when the others were: of this process alone, in no journal.
///
/// A person is online while a connection is logged in as them; what `AS` does for others does not
/// count. That somebody has gone is told only if they have not come back within `graceMs`, so that
/// a reconnecting client is not noticed; that they have come is told at once.
package final class Presence: Sendable {
  /// Absent people of whom it is known when they were last seen; the oldest are forgotten.
  package static let rememberedMax = 100_000
  /// How long somebody must be away before that is told.
  package static let graceMs: Int64 = 2_000

  private struct State: Sendable {
    /// Open connections of those who have any.
    var connections: [UserID: Int] = [:]
    var seen: TimesByAge
    /// Those who are away, and of whom that has not been told, by when they left.
    var leaving = TimesByAge(countMax: .max)
  }

  private let state: Mutex<State>

  package init(rememberedMax: Int = Presence.rememberedMax) {
    state = Mutex(State(seen: TimesByAge(countMax: rememberedMax)))
  }

  /// A connection is logged in as somebody; true if their friends are to be told.
  func enter(_ user: UserID) -> Bool {
    state.withLock { state in
      let open = state.connections[user, default: 0]
      state.connections[user] = open + 1
      return open == 0 && state.leaving.remove(user) == nil
    }
  }

  /// A connection is logged in as somebody no more.
  func leave(_ user: UserID, at now: Instant) {
    state.withLock { state in
      guard let open = state.connections[user] else { return }
      state.connections[user] = open > 1 ? open - 1 : nil
      guard open == 1 else { return }
      state.seen.set(user, now)
      state.leaving.set(user, now)
    }
  }

  /// Those who have been away for so long that it is to be told.
  func takeAbsent(at now: Instant) -> [UserID] {
    state.withLock { $0.leaving.take(through: now.adding(ms: -Self.graceMs)) }
  }

  /// Whether the person is there now.
  func status(of user: UserID) -> PresenceStatus {
    state.withLock { state in
      if state.connections[user] != nil { return PresenceStatus(isOnline: true) }
      return PresenceStatus(isOnline: false, lastSeen: state.seen[user])
    }
  }

  /// Whether they are there for their friends: who has just left still is.
  func toldStatus(of user: UserID) -> PresenceStatus {
    state.withLock { state in
      if state.connections[user] != nil || state.leaving[user] != nil {
        return PresenceStatus(isOnline: true)
      }
      return PresenceStatus(isOnline: false, lastSeen: state.seen[user])
    }
  }

  /// People of whom something is kept.
  var rememberedCount: Int { state.withLock { $0.seen.count } }
}

/// A time for each of some people, the oldest first; no more people than a bound.
///
/// Times must come in order. Every operation is O(1) on average.
struct TimesByAge: Sendable {
  private struct Entry: Sendable {
    var user: UserID
    var time: Instant
  }

  /// Entries that count for nothing, beyond as many as count.
  private static let staleMax = 1_024

  private let countMax: Int
  private var times: [UserID: Instant] = [:]
  /// Those whose time is another by now count for nothing.
  private var order: ArraySlice<Entry> = []

  init(countMax: Int) { self.countMax = countMax }

  var count: Int { times.count }
  /// What is kept, with what counts for nothing.
  var roomUsed: Int { order.count }

  subscript(user: UserID) -> Instant? { times[user] }

  /// Beyond the bound the oldest is forgotten.
  mutating func set(_ user: UserID, _ time: Instant) {
    times[user] = time
    order.append(Entry(user: user, time: time))
    while times.count > countMax { removeOldest() }
    if order.count > 2 * times.count + Self.staleMax {
      order = order.filter { times[$0.user] == $0.time }[...]
    }
  }

  @discardableResult
  mutating func remove(_ user: UserID) -> Instant? { times.removeValue(forKey: user) }

  /// Removes those whose time is this or an earlier one, and answers who they are.
  mutating func take(through limit: Instant) -> [UserID] {
    var taken: [UserID] = []
    while let oldest = order.first, oldest.time <= limit {
      if let user = removeOldest() { taken.append(user) }
    }
    return taken
  }

  /// Nil if the oldest entry counts for nothing.
  @discardableResult
  private mutating func removeOldest() -> UserID? {
    guard let oldest = order.popFirst(), times[oldest.user] == oldest.time else { return nil }
    times[oldest.user] = nil
    return oldest.user
  }
}
