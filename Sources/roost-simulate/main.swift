import Glibc
import Simulation

/// `roost-simulate [--seeds N] [--first S] [--seed S] [--minutes M] [--mode sequential|concurrent]
/// [--calls N]`: runs simulations and stops at the first violation, with exit code 1.
struct CommandLineOptions {
  var first: UInt64 = 1
  var seeds: UInt64 = 100
  var minutes: Double?
  var mode: Simulation.Mode?
  var calls: Int?
  var goesOn = false

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      if option == "--keep-going" {
        goesOn = true
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

let options = CommandLineOptions(CommandLine.arguments)
let clock = ContinuousClock()
let start = clock.now
var seed = options.first
var totals = (seeds: 0, steps: 0, events: UInt64(0), replies: 0, crashes: 0, violations: 0)
while seed < options.first &+ options.seeds {
  if let minutes = options.minutes, clock.now - start > .seconds(minutes * 60) { break }
  let run = Simulation.Options(seed: seed, mode: options.mode, calls: options.calls)
  let report = Simulation.run(run)
  totals.seeds += 1
  totals.steps += report.trace.steps
  totals.events += report.events
  totals.replies += report.replies
  totals.crashes += report.crashes
  if options.seeds == 1 {
    print("seed \(seed) \(run.mode.rawValue): trace \(report.trace), \(report.trace.steps) steps")
  }
  if let violation = report.violation {
    totals.violations += 1
    print("seed \(seed) (\(run.mode.rawValue)): \(violation)")
    fflush(nil)
    print(
      "repeat with: tools/simulate --seed \(seed) --mode \(run.mode.rawValue) --calls \(run.calls)")
    if !options.goesOn { break }
  }
  seed += 1
}
let seconds = Double((clock.now - start).components.seconds)
print(
  "\(totals.seeds) seeds, \(totals.steps) steps, \(totals.events) events, "
    + "\(totals.replies) replies, \(totals.crashes) crashes, "
    + "\(totals.violations) violations, \(seconds) s")
exit(totals.violations == 0 ? 0 : 1)
