/// Values by identifier in a sorted array: for the few, and for being many times empty (8 bytes).
///
/// A look-up is O(log n); a change moves what lies behind it.
package struct IDMap<Key: Identifier, Value: Equatable & Sendable>: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package let key: Key
    package var value: Value
  }

  /// In ascending order of key.
  package private(set) var entries: ContiguousArray<Entry> = []

  package init() {}

  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }

  package subscript(key: Key) -> Value? {
    get {
      let index = lowerBound(of: key)
      guard index < entries.count, entries[index].key == key else { return nil }
      return entries[index].value
    }
    set {
      let index = lowerBound(of: key)
      let isPresent = index < entries.count && entries[index].key == key
      switch (isPresent, newValue) {
      case (true, let value?):
        entries[index].value = value
      case (true, nil):
        entries.remove(at: index)
      case (false, let value?):
        growSparingly(&entries, by: 1)
        entries.insert(Entry(key: key, value: value), at: index)
      case (false, nil):
        break
      }
    }
  }

  package mutating func removeAll(where shouldBeRemoved: (Value) -> Bool) {
    entries.removeAll { shouldBeRemoved($0.value) }
  }

  private func lowerBound(of key: Key) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
