import Glibc
import Journal
import Simulation

/// `roost-simulate [--seeds N] [--first S] [--seed S] [--minutes M] [--operations N]
/// [--mode sequential|concurrent|large] [--calls N] [--people N] [--schedule N] [--without N,N-N]
/// [--calm NAME,NAME] [--mutation NAME] [--tell] [--shrink] [--keep-going]`: runs simulations and
/// stops at the first violation, with exit code 1.
struct CommandLineOptions {
  var first: UInt64 = 1
  var seeds: UInt64 = 100
  var minutes: Double?
  var mode: Simulation.Mode?
  var calls: Int?
  var people: Int?
  /// Seeds are run until so many operations are done.
  var operations: Int?
  var schedule: UInt64 = 0
  var without: Set<Int> = []
  var calm: Set<Simulation.Disturbance> = []
  var mutation: Mutation?
  var tells = false
  var shrinks = false
  var keepsGoing = false

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      if takeFlag(option) { continue }
      guard let value = rest.popFirst() else { Self.fail("\(option) needs a value") }
      take(option, value)
    }
    if shrinks, seeds != 1 { Self.fail("--shrink needs a --seed") }
  }

  private mutating func takeFlag(_ option: String) -> Bool {
    switch option {
    case "--keep-going": keepsGoing = true
    case "--tell": tells = true
    case "--shrink": shrinks = true
    default: return false
    }
    return true
  }

  private mutating func take(_ option: String, _ value: String) {
    switch option {
    case "--first": first = Self.need(UInt64(value), "\(value) is not a seed")
    case "--seeds": seeds = Self.need(UInt64(value), "\(value) is not a number")
    case "--minutes": minutes = Self.need(Double(value), "\(value) is not a number")
    case "--mode":
      mode = Self.need(Simulation.Mode(rawValue: value), "there is no mode '\(value)'")
    case "--calls": calls = Self.need(Int(value), "\(value) is not a number")
    case "--people": people = Self.need(Int(value), "\(value) is not a number")
    case "--operations": operations = Self.need(Int(value), "\(value) is not a number")
    case "--schedule": schedule = Self.need(UInt64(value), "\(value) is not a number")
    case "--without": without = Self.need(NumberList(value)?.numbers, "'\(value)' is no list")
    case "--calm":
      for name in value.split(separator: ",").map(String.init) {
        calm.insert(
          Self.need(Simulation.Disturbance(rawValue: name), "there is no disturbance '\(name)'"))
      }
    case "--mutation":
      if !Mutation.canBePlanted { Self.fail("nothing can be planted in this build") }
      mutation = Self.need(
        Mutation.allCases.first { "\($0)" == value }, "there is no mutation '\(value)'")
    case "--seed":
      first = Self.need(UInt64(value), "\(value) is not a seed")
      seeds = 1
    default: Self.fail("there is no option '\(option)'")
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

  func simulation(of seed: UInt64) -> Simulation.Options {
    var run = Simulation.Options(seed: seed, mode: mode, calls: calls, people: people)
    run.schedule = schedule
    run.without = without
    run.calm = calm
    run.tells = tells
    return run
  }
}

extension Simulation.Options {
  /// What repeats the run.
  var arguments: [String] {
    var words = ["--seed", "\(seed)", "--mode", mode.rawValue, "--calls", "\(calls)"]
    if mode == .large { words += ["--people", "\(people)"] }
    if schedule != 0 { words += ["--schedule", "\(schedule)"] }
    if !calm.isEmpty { words += ["--calm", calm.map(\.rawValue).sorted().joined(separator: ",")] }
    if !without.isEmpty { words += ["--without", "\(NumberList(numbers: without))"] }
    return words
  }
}
