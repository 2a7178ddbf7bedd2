/// A set of identifiers in 8 bytes each: a sorted array, searched by halving.
///
/// A look-up is O(log n); a change moves what lies behind it, O(n) in memory bandwidth only.
package struct IDSet<ID: Identifier>: Equatable, Sendable {
  private var words: ContiguousArray<UInt64> = []

  package init() {}

  /// Takes any order; repetitions count once.
  package init(_ ids: some Sequence<ID>) {
    for id in ids { insert(id) }
  }

  package var count: Int { words.count }
  package var isEmpty: Bool { words.isEmpty }

  package func contains(_ id: ID) -> Bool {
    let index = lowerBound(of: id.raw, in: words)
    return index < words.count && words[index] == id.raw
  }

  /// True if the identifier was not a member before.
  @discardableResult
  package mutating func insert(_ id: ID) -> Bool {
    let index = lowerBound(of: id.raw, in: words)
    if index < words.count, words[index] == id.raw { return false }
    growSparingly(&words, by: 1)
    words.insert(id.raw, at: index)
    return true
  }

  /// True if the identifier was a member.
  @discardableResult
  package mutating func remove(_ id: ID) -> Bool {
    let index = lowerBound(of: id.raw, in: words)
    guard index < words.count, words[index] == id.raw else { return false }
    words.remove(at: index)
    return true
  }

  /// In ascending order.
  package func forEach(_ body: (ID) -> Void) {
    for word in words { body(ID(word)) }
  }

  /// In ascending order; a copy.
  package var all: [ID] { words.map { ID($0) } }
}

/// The first index whose element is not below `word`.
func lowerBound(of word: UInt64, in words: ContiguousArray<UInt64>) -> Int {
  var low = 0
  var high = words.count
  while low < high {
    let middle = (low + high) / 2
    if words[middle] < word { low = middle + 1 } else { high = middle }
  }
  return low
}

/// Makes room for `count` more elements with an eighth of slack, where the standard library would
/// double: these arrays are many and mostly at rest.
func growSparingly<Element>(_ array: inout ContiguousArray<Element>, by count: Int) {
  let needed = array.count + count
  if needed > array.capacity { array.reserveCapacity(needed + needed / 8) }
}
