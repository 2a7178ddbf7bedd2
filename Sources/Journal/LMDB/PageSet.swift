/// A set of page numbers: one bit for each.
struct PageSet {
  private var words: [UInt64]

  init(count: Int) { words = Array(repeating: 0, count: count / 64 + 1) }

  /// False if it was in the set already.
  mutating func insert(_ number: UInt64) -> Bool {
    let bit: UInt64 = 1 << (number % 64)
    let word = Int(number / 64)
    guard words[word] & bit == 0 else { return false }
    words[word] |= bit
    return true
  }
}
