internal import Domain
internal import Glibc

/// Numbers that are the same from the same seed, in every process and on every machine (Steele,
/// Lea, Flood, "Fast splittable pseudorandom number generators", 2014). Not fit for secrets.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = mix64(seed) }

  /// The generator of one of many streams from one seed.
  init(seed: UInt64, stream: UInt64) { state = mix64(seed ^ mix64(stream)) }

  mutating func next() -> UInt64 {
    let value = mix64(state)
    state &+= 0x9E37_79B9_7F4A_7C15
    return value
  }

  /// From 0 up to 1, which it never is.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// From 0 up to `count`, which it never is. The bias is below `count` / 2^64.
  mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Of the normal distribution with mean 0 and deviation 1 (Box and Muller, 1958).
  mutating func normal() -> Double {
    (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
  }
}
