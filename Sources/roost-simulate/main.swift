import Glibc
import Simulation

/// `roost-simulate [--seeds N] [--first S] [--seed S] [--minutes M] [--operations N]
/// [--mode sequential|concurrent|large] [--calls N] [--people N] [--keep-going]`: runs simulations
/// and stops at the first violation, with exit code 1.
struct CommandLineOptions {
  var first: UInt64 = 1
  var seeds: UInt64 = 100
  var minutes: Double?
  var mode: Simulation.Mode?
  var calls: Int?
  var people: Int?
  /// Seeds are run until so many operations are done.
  var operations: Int?
  var keepsGoing = false

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      if option == "--keep-going" {
        keepsGoing = true
        continue
      }
      guard let value = rest.popFirst() else { Self.fail("\(option) needs a value") }
      switch option {
      case "--first": first = Self.need(UInt64(value), "\(value) is not a seed")
      case "--seeds": seeds = Self.need(UInt64(value), "\(value) is not a number")
      case "--minutes": minutes = Self.need(Double(value), "\(value) is not a number")
      case "--mode":
        mode = Self.need(Simulation.Mode(rawValue: value), "there is no mode '\(value)'")
      case "--calls": calls = Self.need(Int(value), "\(value) is not a number")
      case "--people": people = Self.need(Int(value), "\(value) is not a number")
      case "--operations": operations = Self.need(Int(value), "\(value) is not a number")
      case "--seed":
        first = Self.need(UInt64(value), "\(value) is not a seed")
        seeds = 1
      default: Self.fail("there is no option '\(option)'")
      }
    }
  }

  /// The value, or the end with a sentence.
  private static func need<Value>(_ value: Value?, _ sentence: String) -> Value {
    guard let value else { fail(sentence) }
    return value
  }

  static func fail(_ sentence: String) -> Never {
    print("roost-simulate: \(sentence)")
    exit(2)
  }
}

extension CommandLineOptions {
  /// Whether another seed is due.
  func goesOn(
    after total: Total, at seed: UInt64, since start: ContinuousClock.Instant
  ) -> Bool {
    if let minutes, ContinuousClock.now - start > .seconds(minutes * 60) { return false }
    if let operations { return total.operations < operations }
    return seed < first &+ seeds
  }
}

extension Simulation.Options {
  /// What repeats the run.
  var arguments: String {
    "--seed \(seed) --mode \(mode.rawValue) --calls \(calls)"
      + (mode == .large ? " --people \(people)" : "")
  }
}

/// What all runs amount to.
struct Total {
  private(set) var operations = 0
  private(set) var violations = 0
  private var seeds = 0
  private var steps = 0
  private var events: UInt64 = 0
  private var replies = 0
  private var comparisons = 0
  private var crashes = 0
  private var restarts = 0
  private var snapshots = 0
  private var rebuilds = 0

  mutating func add(_ report: Simulation.Report) {
    seeds += 1
    operations += report.operations
    violations += report.violation == nil ? 0 : 1
    steps += report.trace.steps
    events += report.events
    replies += report.replies
    comparisons += report.comparisons
    crashes += report.crashes
    restarts += report.restarts
    snapshots += report.snapshots
    rebuilds += report.rebuilds
  }

  /// One line; tools/simulate adds up such lines.
  func text(seconds: Double) -> String {
    "\(seeds) seeds, \(operations) operations, \(steps) steps, \(events) events, "
      + "\(replies) replies, \(comparisons) reads compared, \(crashes) crashes, "
      + "\(restarts) restarts, \(snapshots) snapshots, \(rebuilds) rebuilds, "
      + "\(violations) violations, \(seconds) s"
  }
}

let options = CommandLineOptions(CommandLine.arguments)
let clock = ContinuousClock()
let start = clock.now
var seed = options.first
var total = Total()
while options.goesOn(after: total, at: seed, since: start) {
  let run = Simulation.Options(
    seed: seed, mode: options.mode, calls: options.calls, people: options.people)
  let report = Simulation.run(run)
  total.add(report)
  if options.seeds == 1 {
    print("seed \(seed) \(run.mode.rawValue): trace \(report.trace), \(report.trace.steps) steps")
  }
  if let violation = report.violation {
    print("seed \(seed) (\(run.mode.rawValue)): \(violation)")
    fflush(nil)
    print("repeat with: tools/simulate \(run.arguments)")
    if !options.keepsGoing { break }
  }
  seed += 1
}
let took = clock.now - start
print(total.text(seconds: Double(took.components.seconds)))
exit(total.violations == 0 ? 0 : 1)
