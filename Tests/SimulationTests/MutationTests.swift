import Foundation
import Journal
import Testing

/// Bugs that are planted, one at a time, in processes of their own: that simulation finds what it
/// is there to find.
@Suite(.serialized) struct MutationTests {
  /// Where the search begins: at the seed that finds it as the code stands, or shortly before. It
  /// goes on from there, for every change of the simulation makes other runs of all seeds.
  private static func search(for mutation: Mutation) -> [String] {
    let first =
      switch mutation {
      case .ackBeforeSync, .cursorInclusive, .followedOnOtherSide, .wakeLost: 1
      case .keyForgotten: 2
      case .appliedTwiceAtRestart, .snapshotMisplaced: 3
      case .commitUnsynced, .applyInLaterTurn, .blockNotDelivered: 4
      case .blockHashSkipped: 6
      case .textOutlivesErasure: 10
      case .snapshotUnsynced, .batchTailLost: 11
      case .resumeSkipsOne: 14
      case .clockGoesBack: 556
      case .snapshotHashSkipped: 152
      }
    let mode = mutation == .textOutlivesErasure ? "sequential" : "concurrent"
    let calls = mutation == .textOutlivesErasure ? 40 : 15
    return ["--mode", mode, "--calls", "\(calls)", "--first", "\(first)"]
  }

  @Test(arguments: Mutation.allCases)
  func `a planted bug is found, and the seed that finds it passes without it`(
    mutation: Mutation
  ) throws {
    let search = Self.search(for: mutation)
    let found = try SimulationProcess.run(
      search + ["--seeds", "300", "--mutation", "\(mutation)"])
    let seed = try #require(found.seedOfViolation, "\(mutation): \(found.lines.suffix(2))")
    let without = try SimulationProcess.run(search + ["--seed", "\(seed)"])
    #expect(without.code == 0, "seed \(seed): \(without.lines)")
    #expect(without.lines.contains { $0.hasPrefix("1 seeds, ") && $0.contains(" 0 violations") })
  }

  @Test func `a failing run is made small, and what is left of it repeats`() throws {
    let search = Self.search(for: .keyForgotten)
    let mutation = ["--mutation", "keyForgotten"]
    let found = try SimulationProcess.run(search + ["--seeds", "300"] + mutation)
    let seed = try #require(found.seedOfViolation)
    let small = try SimulationProcess.run(search + ["--seed", "\(seed)", "--shrink"] + mutation)
    #expect(small.code == 1)
    let sum = try #require(small.lines.first { $0.hasPrefix("shrunk to ") })
    let calls = try #require(Int(sum.split(separator: " ")[2]))
    #expect((1...6).contains(calls), "\(sum)")
    #expect(small.lines.contains { $0.contains(" asks ") && $0.contains("KEY") })
    let command = try #require(small.lines.last { $0.hasPrefix("repeat with: tools/simulate ") })
    let again = try SimulationProcess.run(
      command.split(separator: " ").dropFirst(3).map { String($0) })
    #expect(again.code == 1 && again.seedOfViolation == seed)
    #expect(again.lines.count { $0.contains(" asks ") } < 30)
    let unplanted = try SimulationProcess.run(
      search + ["--seed", "\(seed)", "--shrink"])
    #expect(unplanted.code == 2, "without the bug there is nothing to shrink")
  }
}
