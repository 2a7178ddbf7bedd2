internal import Domain

/// All items of one person but that of followings, and how many of them are unread.
struct PersonInbox: Sendable {
  /// From this many items on, they are looked up instead of scanned.
  private static let scannedMax = 8

  private var items: [InboxItem?] = []
  private var free: [Int] = []
  /// Only with more than `scannedMax` slots.
  private var table = RowTable()
  private var recent = RecencyList<Int>()
  private(set) var unread = 0
  /// Causes up to this position are read, whatever their item.
  private(set) var readThrough: UInt64 = 0

  mutating func add(
    _ key: InboxKey, by person: PersonIndex, at position: UInt64, _ time: Instant
  ) {
    guard let slot = slot(of: key) else {
      let cause = InboxCause(position: position, person: person, isActive: true)
      let slot = place(InboxItem(key: key, first: cause, time))
      unread += 1
      touch(slot, position, wasListed: false)
      return
    }
    var isNew = false
    change(slot) { isNew = $0.add(person, at: position, time) }
    if isNew { touch(slot, position, wasListed: true) }
  }

  private mutating func touch(_ slot: Int, _ position: UInt64, wasListed: Bool) {
    let items = items
    recent.touch(slot, key: position, wasListed: wasListed) {
      items[$0.item]?.orderKey == $0.key
    }
  }

  mutating func withdraw(_ key: InboxKey, by person: PersonIndex) {
    if let slot = slot(of: key) { change(slot) { $0.withdraw(person) } }
  }

  /// Whoever caused the item.
  mutating func withdraw(_ key: InboxKey) {
    if let slot = slot(of: key) { change(slot) { $0.withdrawAll() } }
  }

  /// Of every item that says who did it: what nobody signed stays, lest it be found out.
  mutating func withdrawAll(by person: PersonIndex) {
    for slot in items.indices where items[slot]?.key.kind.hasActors ?? false {
      change(slot) { $0.withdraw(person) }
    }
  }

  /// The post is gone, and so is what was told about it.
  mutating func remove(_ key: InboxKey) {
    guard let slot = slot(of: key) else { return }
    if isUnread(items[slot]!) { unread -= 1 }
    forget(slot)
    items[slot] = nil
    free.append(slot)
    let items = items
    recent.noteStale { items[$0.item]?.orderKey == $0.key }
  }

  mutating func markRead(through position: UInt64) {
    guard position > readThrough else { return }
    // What was unread has its newest cause above the old mark.
    let first = recent.count(through: readThrough)
    readThrough = position
    var stillUnread = 0
    for entry in recent.entries[first...] where isCurrent(entry) {
      if isUnread(items[entry.item]!) { stillUnread += 1 }
    }
    unread = stillUnread
  }

  /// The item with a cause at `position` is read with all its causes up to `through`.
  mutating func markItemRead(causedAt position: UInt64, through: UInt64) {
    let slot = items.firstIndex { $0.map { $0.hasCause(at: position) } ?? false }
    if let slot { change(slot) { $0.readThrough = max($0.readThrough, through) } }
  }

  func item(id: UInt64) -> InboxItem? {
    for case let item? in items where item.id == id && item.activeCount > 0 { return item }
    return nil
  }

  /// The same for many ids, in their order. O(items + ids).
  func items(ids: [UInt64]) -> [InboxItem?] {
    var places: [UInt64: Int] = [:]
    for (place, id) in ids.enumerated() { places[id] = place }
    var found = [InboxItem?](repeating: nil, count: ids.count)
    for case let item? in items where item.activeCount > 0 {
      if let place = places[item.id] { found[place] = item }
    }
    return zip(ids, found).map { id, item in item ?? places[id].flatMap { found[$0] } }
  }

  func item(_ key: InboxKey) -> InboxItem? { slot(of: key).flatMap { items[$0] } }

  func isUnread(_ item: InboxItem) -> Bool {
    item.newestActive > max(readThrough, item.readThrough)
  }

  func page(
    before: UInt64, asOf: UInt64, limit: Int, unreadOnly: Bool
  ) -> [(key: UInt64, item: InboxItem)] {
    let page = recent.page(
      before: before, asOf: asOf, limit: limit, isCurrent: isCurrent,
      keyAsOf: { items[$0]!.orderKey(asOf: asOf) },
      admits: { items[$0]!.activeCount > 0 && (!unreadOnly || isUnread(items[$0]!)) })
    return page.map { ($0.key, items[$0.item]!) }
  }

  /// Reads what a fold will need; the number means nothing.
  var touched: Int { items.count &+ recent.entries.count }

  func forEachItem(_ body: (InboxItem) -> Void) {
    for case let item? in items { body(item) }
  }

  // MARK: Restoring

  mutating func restore(_ item: InboxItem) {
    _ = place(item)
  }

  mutating func restore(readThrough: UInt64) { self.readThrough = readThrough }

  mutating func finishRestoring() {
    unread = 0
    let listed = items.indices.filter { items[$0] != nil }
      .sorted { items[$0]!.orderKey < items[$1]!.orderKey }
    for slot in listed {
      recent.touch(slot, key: items[slot]!.orderKey, wasListed: false) { _ in true }
      if isUnread(items[slot]!) { unread += 1 }
    }
  }

  private func isCurrent(_ entry: RecencyList<Int>.Entry) -> Bool {
    items[entry.item]?.orderKey == entry.key
  }

  private func slot(of key: InboxKey) -> Int? {
    if items.count > Self.scannedMax {
      return table.find(hash: key.hash) { items[Int($0)]!.key == key }.map { Int($0) }
    }
    // By index: to take an item out would retain its parts, which lie elsewhere in memory.
    return items.indices.first { items[$0]?.key == key }
  }

  private mutating func place(_ item: InboxItem) -> Int {
    if let slot = free.popLast() {
      items[slot] = item
      if items.count > Self.scannedMax { look(up: slot) }
      return slot
    }
    if items.count == items.capacity { items.reserveCapacity(items.count + items.count / 4 + 1) }
    items.append(item)
    if items.count == Self.scannedMax + 1 {
      for slot in items.indices where items[slot] != nil { look(up: slot) }
    } else if items.count > Self.scannedMax {
      look(up: items.count - 1)
    }
    return items.count - 1
  }

  /// Enters an item that has been placed into the table.
  private mutating func look(up slot: Int) {
    let items = items
    table.insert(UInt32(slot), hash: items[slot]!.key.hash, count: items.count) {
      items[Int($0)]!.key.hash
    }
  }

  /// Takes an item that is still placed out of the table.
  private mutating func forget(_ slot: Int) {
    guard items.count > Self.scannedMax else { return }
    let items = items
    table.remove(UInt32(slot), hash: items[slot]!.key.hash) { items[Int($0)]!.key.hash }
  }

  private mutating func change(_ slot: Int, _ body: (inout InboxItem) -> Void) {
    let wasUnread = isUnread(items[slot]!)
    body(&items[slot]!)
    let isUnread = isUnread(items[slot]!)
    if wasUnread != isUnread { unread += isUnread ? 1 : -1 }
  }
}
