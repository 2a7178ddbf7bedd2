/// Items by when something last happened to them. Moving an item to the front leaves its old entry
/// behind, to be swept when these are the half; so a touch costs O(1) in the long run.
///
/// The owner knows each item's newest key: an entry with another key is a left-behind one.
struct RecencyList<Item: Sendable & Equatable>: Sendable {
  typealias Entry = (key: UInt64, item: Item)

  private static var staleMin: Int { 16 }

  /// Keys ascending.
  private(set) var entries: [Entry] = []
  private var staleCount = 0

  /// `key` is above all others so far.
  mutating func touch(
    _ item: Item, key: UInt64, wasListed: Bool, isCurrent: (Entry) -> Bool
  ) {
    if let last = entries.last, last.item == item {
      entries[entries.count - 1].key = key
      return
    }
    entries.append((key, item))
    if wasListed { noteStale(isCurrent) }
  }

  /// An item has left, or will appear under another key.
  mutating func noteStale(_ isCurrent: (Entry) -> Bool) {
    staleCount += 1
    guard staleCount > Self.staleMin, staleCount * 2 > entries.count else { return }
    entries.removeAll { !isCurrent($0) }
    staleCount = 0
  }

  /// The number of entries with keys at most `key`.
  func count(through key: UInt64) -> Int {
    leadingCount(of: entries.count) { entries[$0].key <= key }
  }

  /// Items newest first as of `asOf`, below `before`: those that have moved since stand where they
  /// stood then, so that pages neither repeat nor skip them.
  ///
  /// `keyAsOf` says under which key an item stood as of then; nil if it was not there yet.
  func page(
    before: UInt64, asOf: UInt64, limit: Int, isCurrent: (Entry) -> Bool,
    keyAsOf: (Item) -> UInt64?, admits: (Item) -> Bool
  ) -> [Entry] {
    let unmoved = count(through: asOf)
    var moved: [Entry] = []
    for entry in entries[unmoved...] where isCurrent(entry) {
      if let key = keyAsOf(entry.item), key < before, admits(entry.item) {
        moved.append((key, entry.item))
      }
    }
    moved.sort { $0.key < $1.key }
    var page: [Entry] = []
    var index = before == 0 ? 0 : min(unmoved, count(through: before - 1))
    while page.count < limit {
      while index > 0, !isCurrent(entries[index - 1]) || !admits(entries[index - 1].item) {
        index -= 1
      }
      let next = index > 0 ? entries[index - 1] : nil
      if let top = moved.last, top.key > next?.key ?? 0 {
        page.append(top)
        moved.removeLast()
      } else if let next {
        page.append(next)
        index -= 1
      } else {
        break
      }
    }
    return page
  }
}
