internal import Glibc

/// Ranks of which each is drawn about as often as one over its number says: what popularity looks
/// like.
///
/// The whole part of a log-uniform number: rank r, from 1, has the probability ln(1 + 1/r) / ln(n +
/// 1). No table, so it costs the same for any n.
struct Zipf {
  let count: Int
  private let logarithm: Double

  init(count: Int) {
    precondition(count > 0, "there is something to draw")
    self.count = count
    logarithm = log(Double(count) + 1)
  }

  /// From 0: the most popular is 0.
  func draw(_ random: inout SplitMix) -> Int {
    min(count, Int(exp(random.unit() * logarithm))) - 1
  }
}
