/// Code that takes bytes from outside, and what must hold whatever they are.
struct FuzzTarget: Sendable {
  let name: String
  /// Of an input; longer ones find nothing that these do not.
  var bytesMax = 1_024
  /// Of a single allocation, in MiB: what an input may announce is not worth memory.
  var allocationMiBMax = 1
  /// Words that its inputs are made of.
  var words: [[UInt8]] = []
  /// Real encodings to begin with.
  var seeds: @Sendable () throws -> [[UInt8]] = { [] }
  /// Ends the process where something does not hold.
  let run: @Sendable ([UInt8]) -> Void

  static let all: [FuzzTarget] = [
    .requests, .lines, .replies, .values, .json, .records, .blocks, .rows, .snapshots, .states,
    .entries, .cursors, .channels, .imports, .events, .history, .notes, .proofs, .backups,
    .segments,
  ]

  static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Ends the process with a sentence where something does not hold: also when optimised, where a
/// precondition would say nothing.
func hold(_ condition: Bool, _ problem: @autoclosure () -> String) {
  if !condition { fatalError(problem()) }
}
