/// First in, first out; a push and a pop cost a few nanoseconds and in the long run no allocation.
struct WorkQueue<Element> {
  private var elements: [Element] = []
  private var head = 0
  private let spentMax: Int

  /// So many that have been taken out may be held beside as many that are still in line: few of
  /// what keeps something alive.
  init(spentMax: Int = 4_095) { self.spentMax = spentMax }

  var isEmpty: Bool { head == elements.count }
  var count: Int { elements.count - head }

  mutating func append(_ element: Element) {
    elements.append(element)
  }

  mutating func append(contentsOf more: [Element]) {
    elements.append(contentsOf: more)
  }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head > spentMax && head * 2 >= elements.count {
      elements.removeSubrange(..<head)
      head = 0
    }
    return element
  }
}
