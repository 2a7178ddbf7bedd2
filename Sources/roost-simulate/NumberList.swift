/// Numbers as options have them: `3,5-9`.
struct NumberList: Equatable, CustomStringConvertible {
  var numbers: Set<Int>

  init(numbers: Set<Int>) { self.numbers = numbers }

  /// Nil for what is not such a list.
  init?(_ text: String) {
    numbers = []
    for part in text.split(separator: ",") {
      let words = part.split(separator: "-", omittingEmptySubsequences: false)
      let ends = words.compactMap { Int($0) }
      guard ends.count == words.count, ends.count <= 2, let first = ends.first,
        let last = ends.last, first <= last
      else { return nil }
      numbers.formUnion(first...last)
    }
  }

  var description: String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ",")
  }
}
