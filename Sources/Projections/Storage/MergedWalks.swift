/// The newest elements of several ordered lists together, with keys from `downTo` on, newest first,
/// each order key once, with the number of the list that has it; of equal keys, the lower number.
/// O(lists + elements looked at · log lists).
func mergedWalks<Element>(
  _ walks: [OrderedList<Element>.Walk], downTo: UInt64 = 0, limit: Int,
  admits: (Element) -> Bool = { _ in true }
) -> [(element: Element, list: Int)] {
  var walks = walks
  var heap = WalkHeap<Element>()
  for list in walks.indices {
    if let element = walks[list].next(), element.orderKey >= downTo { heap.push((element, list)) }
  }
  var merged: [(element: Element, list: Int)] = []
  while merged.count < limit, let top = heap.top {
    if merged.last?.element.orderKey != top.element.orderKey, admits(top.element) {
      merged.append(top)
    }
    if let next = walks[top.list].next(), next.orderKey >= downTo {
      heap.replaceTop((next, top.list))
    } else {
      heap.popTop()
    }
  }
  return merged
}

/// A binary heap with the newest element on top.
private struct WalkHeap<Element: OrderedElement> {
  typealias Item = (element: Element, list: Int)

  private var items: [Item] = []

  var top: Item? { items.first }

  mutating func push(_ item: Item) {
    items.append(item)
    var index = items.count - 1
    while index > 0, Self.isOrdered(items[index], items[(index - 1) / 2]) {
      items.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func replaceTop(_ item: Item) {
    items[0] = item
    sink()
  }

  mutating func popTop() {
    items.swapAt(0, items.count - 1)
    items.removeLast()
    sink()
  }

  private static func isOrdered(_ left: Item, _ right: Item) -> Bool {
    let keys = (left.element.orderKey, right.element.orderKey)
    return keys.0 != keys.1 ? keys.0 > keys.1 : left.list < right.list
  }

  private mutating func sink() {
    var index = 0
    while true {
      var first = index
      for child in [2 * index + 1, 2 * index + 2] where child < items.count {
        if Self.isOrdered(items[child], items[first]) { first = child }
      }
      if first == index { return }
      items.swapAt(index, first)
      index = first
    }
  }
}
