/// Who did something once, in the order in which they did it: likes and shares of a post.
///
/// Membership is O(1) on average, adding is O(1), taking back is O(log n): an entry taken back
/// leaves a hole, and the holes are closed when they are the half. 16 bytes an entry and the size
/// of a payload; past `scanMax` entries an index of about 24 bytes an entry comes on top.
package struct ActorLog<Payload: Equatable & Sendable>: Sendable {
  /// Up to here, membership is a scan.
  package static var scanMax: Int { 32 }

  package struct Entry: Equatable, Sendable {
    package let user: UserID
    package let position: Position
    package let payload: Payload
  }

  /// In ascending order of position; nil where an entry was taken back.
  private var slots: ContiguousArray<Slot> = []
  private var index: [UserID: Position]?
  package private(set) var count = 0

  /// `user` is 0 in a hole.
  private struct Slot: Sendable {
    var user: UInt64
    let position: Position
    let payload: Payload
  }

  package init() {}

  package var isEmpty: Bool { count == 0 }
  package func contains(_ user: UserID) -> Bool { slotIndex(of: user) != nil }

  package subscript(user: UserID) -> Entry? {
    slotIndex(of: user).flatMap { entry(slots[$0]) }
  }

  /// `position` must lie after all others; a user who is in already stays where they are.
  package mutating func append(_ user: UserID, at position: Position, _ payload: Payload) {
    if contains(user) { return }
    precondition(
      slots.last.map { $0.position < position } ?? true, "an actor log grows in journal order")
    slots.append(Slot(user: user.raw, position: position, payload: payload))
    count += 1
    if index != nil {
      index?[user] = position
    } else if slots.count > Self.scanMax {
      reindex()
    }
  }

  package mutating func remove(_ user: UserID) {
    guard let at = slotIndex(of: user) else { return }
    slots[at].user = 0
    count -= 1
    index?[user] = nil
    if count * 2 < slots.count { closeHoles() }
  }

  /// Earliest first; `body` says whether to go on.
  package func forEach(_ body: (Entry) -> Bool) {
    for slot in slots {
      if let entry = entry(slot), !body(entry) { return }
    }
  }

  /// Newest first, from before `position`; `body` says whether to go on.
  package func forEachNewest(before position: Position, _ body: (Entry) -> Bool) {
    for slot in slots[..<lowerBound(of: position)].reversed() {
      if let entry = entry(slot), !body(entry) { return }
    }
  }

  private func entry(_ slot: Slot) -> Entry? {
    guard slot.user != 0 else { return nil }
    return Entry(user: UserID(slot.user), position: slot.position, payload: slot.payload)
  }

  private func slotIndex(of user: UserID) -> Int? {
    if let index {
      return index[user].map { lowerBound(of: $0) }
    }
    return slots.firstIndex { $0.user == user.raw }
  }

  private func lowerBound(of position: Position) -> Int {
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func closeHoles() {
    slots.removeAll { $0.user == 0 }
    if slots.count <= Self.scanMax { index = nil }
  }

  private mutating func reindex() {
    var fresh: [UserID: Position] = [:]
    fresh.reserveCapacity(slots.count * 2)
    for slot in slots where slot.user != 0 { fresh[UserID(slot.user)] = slot.position }
    index = fresh
  }
}

extension ActorLog: Equatable {
  /// Holes and the index are no part of the value.
  package static func == (left: ActorLog, right: ActorLog) -> Bool {
    guard left.count == right.count else { return false }
    var others = right.slots.lazy.filter { $0.user != 0 }.makeIterator()
    for slot in left.slots where slot.user != 0 {
      guard let other = others.next(), left.entry(slot) == right.entry(other) else { return false }
    }
    return true
  }
}

/// The payload of a log that has none.
package struct NoPayload: Equatable, Sendable {
  package init() {}
}
