/// How many follow each, and who was the first, the last, and one between, by rank.
struct FollowerCounts {
  private(set) var counts: [UInt32]
  private(set) var first: [UInt32]
  /// Who followed when the number was a power of two last: after half of all, or later.
  private(set) var middle: [UInt32]
  private(set) var last: [UInt32]

  init(people: Int) {
    let none = [UInt32](repeating: 0, count: people)
    (counts, first, middle, last) = (none, none, none, none)
  }

  mutating func follow(rank: Int, by person: Int) {
    counts[rank] += 1
    let count = counts[rank]
    last[rank] = UInt32(person)
    if count == 1 { first[rank] = UInt32(person) }
    if count.nonzeroBitCount == 1 { middle[rank] = UInt32(person) }
  }

  var largest: UInt32 { counts.max() ?? 0 }

  /// The ranks of those whose number of followers is nearest to one, within half as much again.
  func ranks(near followers: Int, max: Int) -> [Int] {
    let range = Double(followers) / 1.5...Double(followers) * 1.5
    let near = counts.indices.filter { range.contains(Double(counts[$0])) }
    return Array(
      near.sorted { (distance($0, followers), $0) < (distance($1, followers), $1) }.prefix(max))
  }

  private func distance(_ rank: Int, _ followers: Int) -> Int {
    abs(Int(counts[rank]) - followers)
  }
}

/// The number in the middle of a sorted list; the lower of two.
func median(_ numbers: [UInt32]) -> UInt32 {
  numbers.isEmpty ? 0 : numbers.sorted()[(numbers.count - 1) / 2]
}
