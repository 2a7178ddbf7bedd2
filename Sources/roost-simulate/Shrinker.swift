import Glibc
import Simulation

/// Deletes from a failing run what does not matter: disturbances, calls and with them clients, as
/// long as a violation stays. The same run ends in the same small one.
///
/// What is deleted changes the order of everything after it. So each smaller run is tried in some
/// orders of its own (`--schedule`). Each try is a process: one may also end with a crash.
struct Shrinker {
  /// Orders in which a smaller run is tried.
  private static let schedulesMax: UInt64 = 8
  /// Runs in all.
  private static let runsMax = 3_000

  private let program: String
  private var best: Simulation.Options
  private let mutation: [String]
  private var calls: [Int] = []
  private var runs = 0

  init(_ options: CommandLineOptions) {
    program = ChildProcess.ownPath
    best = options.simulation(of: options.first)
    mutation = options.mutation.map { ["--mutation", "\($0)"] } ?? []
  }

  /// Prints the small run and what happens in it; the exit code.
  mutating func run() -> Int32 {
    guard let first = fails(best) else {
      print("seed \(best.seed) runs without a violation: there is nothing to shrink")
      return 2
    }
    calls = first.calls ?? Array(0..<best.calls * 16)
    print("shrinking: \(first.violation)")
    var size = -1
    while size != self.size, runs < Self.runsMax {
      size = self.size
      removeDisturbances()
      removeCalls()
    }
    best.tells = true
    let last = fails(best)
    for line in last?.lines ?? [] { print(line) }
    print(
      "shrunk to \(calls.count) calls and "
        + "\(Simulation.Disturbance.allCases.count - best.calm.count) disturbances in \(runs) runs")
    best.tells = false
    print(
      "repeat with: tools/simulate \((best.arguments + mutation).joined(separator: " ")) --tell")
    return 1
  }

  private var size: Int { calls.count - best.calm.count }

  private mutating func removeDisturbances() {
    for disturbance in Simulation.Disturbance.allCases where !best.calm.contains(disturbance) {
      var smaller = best
      smaller.calm.insert(disturbance)
      _ = take(smaller)
    }
  }

  /// Halves, quarters, … of the calls (Zeller and Hildebrandt's ddmin, without its complements).
  private mutating func removeCalls() {
    var count = max(1, calls.count / 2)
    while !calls.isEmpty, runs < Self.runsMax {
      var start = 0
      var hasRemoved = false
      while start < calls.count, runs < Self.runsMax {
        let end = min(start + count, calls.count)
        var smaller = best
        smaller.without.formUnion(calls[start..<end])
        if take(smaller) {
          calls.removeSubrange(start..<end)
          hasRemoved = true
        } else {
          start = end
        }
      }
      if count == 1, !hasRemoved { break }
      count = max(1, count / 2)
    }
  }

  /// Goes on with a smaller run if it fails, in whatever order.
  private mutating func take(_ smaller: Simulation.Options) -> Bool {
    for schedule in [best.schedule] + Array(1...Self.schedulesMax) {
      var candidate = smaller
      candidate.schedule = schedule
      guard fails(candidate) != nil else { continue }
      best = candidate
      return true
    }
    return false
  }

  private struct Failure {
    var violation: String
    /// Nil if the run did not come as far as telling.
    var calls: [Int]?
    var lines: [String]
  }

  /// Nil if the run has no violation.
  private mutating func fails(_ options: Simulation.Options) -> Failure? {
    runs += 1
    let words = options.arguments + mutation + (options.tells ? ["--tell"] : [])
    let (lines, code) = ChildProcess.run(program, words)
    guard code != 0 else { return nil }
    let known = lines.first { $0.hasPrefix("calls: ") }?.dropFirst("calls: ".count)
    let violation = lines.first { $0.contains("): ") } ?? "the process ends with \(code)"
    return Failure(
      violation: violation, calls: known.flatMap { NumberList(String($0))?.numbers.sorted() },
      lines: lines.filter { !$0.hasPrefix("repeat with") && !$0.hasPrefix("calls: ") })
  }
}
