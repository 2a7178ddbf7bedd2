/// What was marked once, in the order in which it was marked: who liked a post, which posts
/// somebody bookmarked.
///
/// Membership is O(1) on average, adding is O(1), taking back is O(log n): an entry taken back
/// leaves a hole, and the holes are closed when they are the half. 16 bytes an entry and the size
/// of a payload; past `scanMax` entries an index of about 24 bytes an entry comes on top.
package struct MarkLog<Key: Identifier, Payload: Equatable & Sendable>: Sendable {
  /// Up to here, membership is a scan.
  package static var scanMax: Int { 32 }

  package struct Entry: Equatable, Sendable {
    package let key: Key
    package let position: Position
    package let payload: Payload
  }

  /// In ascending order of position; nil where an entry was taken back.
  private var slots: ContiguousArray<Slot> = []
  private var index: [Key: Position]?
  package private(set) var count = 0

  /// `key` is 0 in a hole.
  private struct Slot: Sendable {
    var key: UInt64
    let position: Position
    let payload: Payload
  }

  package init() {}

  package var isEmpty: Bool { count == 0 }
  package func contains(_ key: Key) -> Bool { slotIndex(of: key) != nil }

  package subscript(key: Key) -> Entry? {
    slotIndex(of: key).flatMap { entry(slots[$0]) }
  }

  /// `position` must lie after all others; a key that is in already stays where it is.
  package mutating func append(_ key: Key, at position: Position, _ payload: Payload) {
    if contains(key) { return }
    precondition(
      slots.last.map { $0.position < position } ?? true, "a mark log grows in journal order")
    slots.append(Slot(key: key.raw, position: position, payload: payload))
    count += 1
    if index != nil {
      index?[key] = position
    } else if slots.count > Self.scanMax {
      reindex()
    }
  }

  package mutating func remove(_ key: Key) {
    guard let at = slotIndex(of: key) else { return }
    slots[at].key = 0
    count -= 1
    index?[key] = nil
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

  /// What was marked before `position`, the earliest first; nil where there is more than `max`,
  /// holes counted.
  package func keys(before position: Position, max: Int) -> [Key]? {
    let end = lowerBound(of: position)
    guard end <= max else { return nil }
    var keys: [Key] = []
    for slot in slots[..<end] where slot.key != 0 { keys.append(Key(slot.key)) }
    return keys
  }

  private func entry(_ slot: Slot) -> Entry? {
    guard slot.key != 0 else { return nil }
    return Entry(key: Key(slot.key), position: slot.position, payload: slot.payload)
  }

  private func slotIndex(of key: Key) -> Int? {
    if let index {
      return index[key].map { lowerBound(of: $0) }
    }
    return slots.firstIndex { $0.key == key.raw }
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
    slots.removeAll { $0.key == 0 }
    if slots.count <= Self.scanMax { index = nil }
  }

  private mutating func reindex() {
    var fresh: [Key: Position] = [:]
    fresh.reserveCapacity(slots.count * 2)
    for slot in slots where slot.key != 0 { fresh[Key(slot.key)] = slot.position }
    index = fresh
  }
}

extension MarkLog: Equatable {
  /// Holes and the index are no part of the value.
  package static func == (left: MarkLog, right: MarkLog) -> Bool {
    guard left.count == right.count else { return false }
    var others = right.slots.lazy.filter { $0.key != 0 }.makeIterator()
    for slot in left.slots where slot.key != 0 {
      guard let other = others.next(), left.entry(slot) == right.entry(other) else { return false }
    }
    return true
  }
}

/// The payload of a log that has none.
package struct NoPayload: Equatable, Sendable {
  package init() {}
}

extension MarkLog where Payload == NoPayload {
  package mutating func append(_ key: Key, at position: Position) {
    append(key, at: position, NoPayload())
  }
}

/// Who did something once to one thing, in the order in which they did it.
package typealias ActorLog<Payload: Equatable & Sendable> = MarkLog<UserID, Payload>
