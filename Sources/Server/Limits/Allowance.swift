/// So many calls in so much time, such as `10/1m`.
package struct Allowance: Hashable, Sendable, CustomStringConvertible {
  package static let countMax: Int64 = 1_000_000_000
  /// 31 days. With `countMax` it keeps all arithmetic of a bucket within 64 bits.
  package static let windowMsMax: Int64 = 31 * 86_400_000

  package let count: Int64
  package let windowMs: Int64

  /// Nil if a number is below 1 or above its bound.
  package init?(count: Int64, windowMs: Int64) {
    guard (1...Self.countMax).contains(count), (1...Self.windowMsMax).contains(windowMs) else {
      return nil
    }
    self.count = count
    self.windowMs = windowMs
  }

  /// Units of time as a limits file writes them, the longest first; the last divides every window
  /// that a file can name.
  static let units: [(letter: String, ms: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
  ]

  package var description: String {
    for unit in Self.units where windowMs % unit.ms == 0 {
      return "\(count)/\(windowMs / unit.ms)\(unit.letter)"
    }
    return "\(count)/\(windowMs)ms"
  }
}
