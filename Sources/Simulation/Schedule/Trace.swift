import Domain

/// A rolling hash over everything that was chosen and sent: two runs are the same if it is.
package struct Trace: Equatable, Sendable, CustomStringConvertible {
  /// What is noted; the numbers keep kinds of steps apart.
  enum Step: UInt64 {
    case job = 1
    case commit
    case send
    case deliver
    case receive
    case tick
    case crash
    case connect
    case output
    case escaped
    case cut
    case notice
    case snapshot
    case sleep
  }

  private var hash: UInt64 = 0
  package private(set) var steps = 0

  mutating func note(_ step: Step, _ value: Int = 0) {
    steps += 1
    hash = mix64(hash ^ mix64(step.rawValue << 56 ^ UInt64(truncatingIfNeeded: value)))
  }

  mutating func note(_ bytes: [UInt8]) {
    var word: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { word = (word ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    note(.output, Int(truncatingIfNeeded: word))
  }

  package var description: String { String(hash, radix: 16) }
}
