import Simulation
import Testing

@Suite(.serialized) struct SimulationTests {
  @Test(arguments: 1...UInt64(8))
  func `clients, crashes and time in any order leave what the definitions say`(seed: UInt64) {
    let report = Simulation.run(Simulation.Options(seed: seed))
    #expect(report.violation == nil, "tools/simulate --seed \(seed)")
    #expect(report.events > 0 && report.replies > 0)
  }

  @Test(arguments: [UInt64(1), 2])
  func `many people, snapshots, restarts and rebuilds leave what two models say`(seed: UInt64) {
    let report = Simulation.run(
      Simulation.Options(seed: seed, mode: .large, calls: 600, people: 40))
    #expect(report.violation == nil, "tools/simulate --seed \(seed) --mode large")
    #expect(report.operations >= 550 && report.comparisons > report.operations)
  }

  @Test func `a large run that goes on for long enough meets every disturbance`() {
    let report = Simulation.run(
      Simulation.Options(seed: 4, mode: .large, calls: 1_000, people: 12))
    #expect(report.violation == nil, "tools/simulate --seed 4 --mode large")
    #expect(report.crashes > 0 && report.restarts > 0)
    #expect(report.snapshots > 0 && report.rebuilds > 0)
  }

  @Test func `the same seed runs the same way twice in one process`() {
    let options = Simulation.Options(seed: 7, mode: .concurrent)
    let first = Simulation.run(options)
    let second = Simulation.run(options)
    #expect(first.trace == second.trace)
    #expect(first.events == second.events)
  }

  @Test(arguments: [
    (11, ["--mode", "concurrent"]), (12, ["--mode", "sequential", "--calls", "40"]),
    (3, ["--mode", "large", "--calls", "700", "--people", "10"]),
  ])
  func `the same seed runs the same way in two processes`(seed: Int, options: [String]) throws {
    let first = try trace(ofSeed: seed, options)
    #expect(first.contains("trace "))
    #expect(try trace(ofSeed: seed, options) == first)
    #expect(try trace(ofSeed: seed + 2, options) != first)
  }

  /// What a new process prints about a seed.
  private func trace(ofSeed seed: Int, _ options: [String]) throws -> String {
    let lines = try SimulationProcess.run(["--seed", String(seed)] + options).lines
    return try #require(lines.first { $0.contains("trace ") })
  }

  @Test func `another seed runs another way`() {
    let first = Simulation.run(Simulation.Options(seed: 7, mode: .concurrent))
    let second = Simulation.run(Simulation.Options(seed: 9, mode: .concurrent))
    #expect(first.trace != second.trace)
  }

  @Test func `crashes happen, and what was answered outlives them`() {
    let reports = (100...103).map { seed in
      Simulation.run(Simulation.Options(seed: seed, mode: .concurrent))
    }
    #expect(reports.contains { $0.crashes > 0 })
    for report in reports {
      #expect(report.violation == nil, "tools/simulate --seed \(report.seed) --mode concurrent")
    }
  }
}
