/// What a list is ordered by: an id that orders by time, below 2^63.
protocol OrderedElement: Sendable {
  var orderKey: UInt64 { get }
}

extension UInt64: OrderedElement {
  var orderKey: UInt64 { self }
}

/// Elements by ascending order key, each key once, in blocks: appending is the common case, and
/// neither a write in the middle nor a write after a freeze copies more than a block.
struct OrderedList<Element: OrderedElement>: Sendable {
  /// A full tail becomes a block; a block that has grown to twice as much is split.
  static var blockLength: Int { 512 }

  /// None is empty.
  private var blocks: [[Element]] = []
  private var tail: [Element] = []

  var isEmpty: Bool { tail.isEmpty && blocks.isEmpty }
  var count: Int { blocks.reduce(tail.count) { $0 + $1.count } }
  var newestKey: UInt64? { tail.last?.orderKey ?? blocks.last?.last?.orderKey }

  /// False if the key is there already.
  @discardableResult
  mutating func insert(_ element: Element) -> Bool {
    let key = element.orderKey
    if let newest = newestKey, key <= newest { return insertWithin(element, key) }
    tail.append(element)
    if tail.count == Self.blockLength {
      blocks.append(tail)
      tail = []
    }
    return true
  }

  private mutating func insertWithin(_ element: Element, _ key: UInt64) -> Bool {
    if let first = tail.first, key >= first.orderKey {
      return Self.insert(element, key, into: &tail)
    }
    guard !blocks.isEmpty else {
      tail.insert(element, at: 0)
      return true
    }
    let block = max(0, blockCount(startingBefore: key + 1) - 1)
    guard Self.insert(element, key, into: &blocks[block]) else { return false }
    if blocks[block].count == 2 * Self.blockLength {
      let upper = Array(blocks[block][Self.blockLength...])
      blocks[block].removeSubrange(Self.blockLength...)
      blocks.insert(upper, at: block + 1)
    }
    return true
  }

  private static func insert(
    _ element: Element, _ key: UInt64, into elements: inout [Element]
  ) -> Bool {
    let index = lowerBound(of: key, in: elements)
    if index < elements.count, elements[index].orderKey == key { return false }
    elements.insert(element, at: index)
    return true
  }

  /// False if the key is not there.
  @discardableResult
  mutating func remove(key: UInt64) -> Bool {
    if let first = tail.first, key >= first.orderKey { return Self.remove(key, from: &tail) }
    let block = blockCount(startingBefore: key + 1) - 1
    guard block >= 0, Self.remove(key, from: &blocks[block]) else { return false }
    if blocks[block].isEmpty { blocks.remove(at: block) }
    return true
  }

  private static func remove(_ key: UInt64, from elements: inout [Element]) -> Bool {
    let index = lowerBound(of: key, in: elements)
    guard index < elements.count, elements[index].orderKey == key else { return false }
    elements.remove(at: index)
    return true
  }

  /// At most `limit` elements with keys below `before`, newest first.
  func page(before: UInt64, limit: Int) -> [Element] {
    var walk = walk(before: before)
    var elements: [Element] = []
    elements.reserveCapacity(min(limit, count))
    while elements.count < limit, let element = walk.next() { elements.append(element) }
    return elements
  }

  /// Oldest first.
  var all: [Element] { blocks.joined() + tail }

  func forEach(_ body: (Element) -> Void) {
    for block in blocks { block.forEach(body) }
    tail.forEach(body)
  }

  /// From the newest element with a key below `before` to the oldest.
  func walk(before: UInt64) -> Walk {
    if let first = tail.first, first.orderKey < before {
      return Walk(
        list: self, block: blocks.count, index: Self.lowerBound(of: before, in: tail))
    }
    let block = blockCount(startingBefore: before) - 1
    guard block >= 0 else { return Walk(list: self, block: 0, index: 0) }
    return Walk(
      list: self, block: block, index: Self.lowerBound(of: before, in: blocks[block]))
  }

  struct Walk: IteratorProtocol, Sendable {
    fileprivate let list: OrderedList
    /// `blocks.count` is the tail.
    fileprivate var block: Int
    /// One past the next element.
    fileprivate var index: Int

    mutating func next() -> Element? {
      while index == 0 {
        guard block > 0 else { return nil }
        block -= 1
        index = list.blocks[block].count
      }
      index -= 1
      return block == list.blocks.count ? list.tail[index] : list.blocks[block][index]
    }
  }

  /// The number of blocks whose first key is below `key`.
  private func blockCount(startingBefore key: UInt64) -> Int {
    leadingCount(of: blocks.count) { blocks[$0][0].orderKey < key }
  }

  /// The number of elements with keys below `key`.
  private static func lowerBound(of key: UInt64, in elements: [Element]) -> Int {
    leadingCount(of: elements.count) { elements[$0].orderKey < key }
  }
}
