internal import Domain

/// What may be shown in a home, with who put it there. 24 bytes.
struct RingEntry: Sendable {
  let outbox: OutboxEntry
  /// The author, or the sharer of a share.
  let actor: PersonIndex

  var orderKey: UInt64 { outbox.orderKey }
}

/// The newest candidates of one home, by order key, up to a fixed number.
///
/// Above `floor` nothing that was pushed is missing; at or below it nothing is kept.
struct HomeRing: Sendable {
  /// Grows up to the ring's maximum, then wraps: oldest at `start`.
  private var slots: [RingEntry] = []
  private var start: UInt32 = 0
  private(set) var floor: UInt64 = 0

  var isBlank: Bool { slots.isEmpty && floor == 0 }
  var count: Int { slots.count }

  @inline(__always)
  mutating func push(_ entry: RingEntry, countMax: Int) {
    let key = entry.orderKey
    guard key > floor else { return }
    let count = slots.count
    let isFull = count == countMax
    if count > 0 {
      let newest = start == 0 ? count - 1 : Int(start) - 1
      if key <= slots[newest].orderKey {
        insertWithin(entry, countMax: countMax)
        return
      }
    }
    guard isFull else {
      slots.append(entry)
      return
    }
    floor = slots[Int(start)].orderKey
    slots[Int(start)] = entry
    start = Int(start) + 1 == count ? 0 : start + 1
  }

  /// Ids of different shards may come slightly out of order.
  private mutating func insertWithin(_ entry: RingEntry, countMax: Int) {
    straighten()
    let key = entry.orderKey
    var index = slots.count
    while index > 0, slots[index - 1].orderKey > key { index -= 1 }
    if index > 0, slots[index - 1].orderKey == key { return }
    slots.insert(entry, at: index)
    if slots.count > countMax { floor = slots.removeFirst().orderKey }
  }

  private mutating func straighten() {
    guard start > 0 else { return }
    slots = Array(slots[Int(start)...] + slots[..<Int(start)])
    start = 0
  }

  /// From now on the ring vouches only for what is newer than `key`.
  mutating func cut(at key: UInt64) {
    guard key > floor else { return }
    straighten()
    floor = key
    slots.removeAll { $0.orderKey <= key }
  }

  /// At most `limit` entries with keys below `before`, newest first.
  func page(before: UInt64, limit: Int) -> [RingEntry] {
    var page: [RingEntry] = []
    for offset in stride(from: slots.count - 1, through: 0, by: -1) {
      if page.count == limit { break }
      let entry = slots[(Int(start) + offset) % slots.count]
      if entry.orderKey < before { page.append(entry) }
    }
    return page
  }

  /// Oldest first.
  func forEach(_ body: (RingEntry) -> Void) {
    for offset in slots.indices { body(slots[(Int(start) + offset) % slots.count]) }
  }

  init() {}

  /// `slots` oldest first.
  init(slots: [RingEntry], floor: UInt64) {
    self.slots = slots
    self.floor = floor
  }
}
