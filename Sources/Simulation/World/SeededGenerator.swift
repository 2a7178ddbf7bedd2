import Domain

/// splitmix64: the same choices from the same seed, in every process.
struct SeededGenerator: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = mix64(seed ^ 0x5EED_0FA5_1ED1_CE05) }

  /// One of many for a seed: what one of them is asked for does not change the others' choices.
  init(seed: UInt64, number: Int) {
    self.init(seed: mix64(seed &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(truncatingIfNeeded: number))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mix64(state)
  }

  /// A number from 0 up to but not including `count`, which is above 0. The bias is below 2⁻³².
  mutating func below(_ count: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(count)) >> 32)
  }

  mutating func between(_ low: Int, _ high: Int) -> Int { low + below(high - low + 1) }

  /// True `percent` times in a hundred.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }
}
