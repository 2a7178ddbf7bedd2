import Domain
import Entities
import Journal
import Server

/// One run of everything from one seed: servers, clients, time, faults, and the judge.
package final class Simulation {
  let options: Options
  let scheduler: SeededScheduler
  let weights: Weights
  let history: History
  /// Decides what is asked for: anew for each call, so that calls can be left out without changing
  /// the others. Everything else is decided by the scheduler's.
  var dice: SeededGenerator
  var machine: Machine
  var server: SimulatedServer
  var workload: Workload
  var clients: [SimulatedClient] = []
  var attempts: [Attempt] = []
  /// Pages under way that go on with a walk, by attempt.
  var walks: [Int: SimulatedClient.Walk] = [:]
  /// The attempt whose reply is compared by whoever asked.
  var asking: Int?
  /// Whose connections are looked after; nil: everybody's.
  var attended: [SimulatedClient]?
  /// The model that carries out commands by itself, and tells nothing by the journal but what no
  /// reply shows.
  var executed = NaiveModel()
  /// Tokens whose texts somebody has, by owner.
  var tokens: [UInt64: [KnownToken]] = [:]
  /// Positions of snapshots that were damaged.
  var damagedSnapshots: Set<UInt64> = []
  /// Writing failed, perhaps when the file had its name already.
  var isNewestSnapshotUnclear = false
  /// What is being written while others go on.
  var snapshotUnderWay: SnapshotUnderWay?
  /// Connections whose clients have gone without the server's noticing.
  var halfOpen: [Link] = []
  /// Set while the disk is writing: what went wrong meanwhile.
  var writing: Writing?
  var story: [String] = []
  var tally = Tally()
  /// Whether crashes and the passing of time may come between any two steps.
  var isStormy: Bool
  var crashes = 0
  var replies = 0
  /// Numbers of all calls that there are to make.
  var calls: [Int] = []

  /// What a run amounts to.
  struct Tally {
    var operations = 0
    var comparisons = 0
    var restarts = 0
    var snapshots = 0
    var rebuilds = 0
    var cuts = 0
    var faults = 0
    var busy = 0
    var pushes = 0
  }

  static let startMs: Int64 = 1_341_100_800_000

  /// Runs one seed on a thread of its own.
  package static func run(_ options: Options) -> Report {
    SimulationThread.run {
      let scheduler = SeededScheduler(
        seed: options.seed ^ options.schedule &* 0xD6E8_FEB8_6659_FD93)
      return GlobalExecutorHook.redirect(to: scheduler) {
        var report = Report(seed: options.seed, trace: Trace())
        do {
          let simulation = try Simulation(options, scheduler)
          do {
            try simulation.play()
          } catch {
            report.violation = "\(error)"
          }
          simulation.fill(&report)
          simulation.machine.removeFiles()
        } catch {
          report.violation = "no server starts: \(error)"
        }
        report.trace = scheduler.trace
        scheduler.abandonAll()
        return report
      }
    }
  }

  private func fill(_ report: inout Report) {
    report.events = history.position
    report.replies = replies
    report.crashes = crashes
    report.operations = tally.operations
    report.comparisons = tally.comparisons
    report.restarts = tally.restarts
    report.snapshots = tally.snapshots
    report.rebuilds = tally.rebuilds
    report.cuts = tally.cuts
    report.faults = tally.faults
    report.busy = tally.busy
    report.pushes = tally.pushes
    report.calls = calls
    report.story = story
  }

  private init(_ options: Options, _ scheduler: SeededScheduler) throws {
    self.options = options
    self.scheduler = scheduler
    dice = SeededGenerator(seed: options.seed, number: -1)
    isStormy = options.mode == .concurrent
    history = History(keepsModels: options.mode == .concurrent)
    weights = Weights(&dice, options)
    machine = Machine(&dice, options, startMs: Self.startMs)
    if options.mode == .large || weights.snapshot > 0 && options.mode == .concurrent {
      try machine.makeSnapshots()
    }
    server = try SimulatedServer(on: machine, scheduler: scheduler)
    let count = options.mode == .large ? options.people : dice.between(3, 6)
    let names = (0..<count).map { "person_\($0)" }
    workload = Workload(names: names, usesClock: options.mode != .concurrent, &dice)
    makeClients(names)
  }

  private func makeClients(_ names: [String]) {
    for name in names {
      add(name, isFirst: true)
      if options.mode == .concurrent, dice.chance(40) { add(name, isFirst: false) }
    }
    add(nil, isFirst: false)
    if options.mode != .concurrent { addAdmin() }
    addListeners(names)
    guard options.mode == .concurrent else { return }
    // Who has nothing to ask for stays away, unless another client of theirs needs the account.
    for client in clients where client.script.isEmpty && client.ear == nil {
      let isNeeded =
        client.isFirst
        && clients.contains { $0.name == client.name && (!$0.script.isEmpty || $0.ear != nil) }
      if !isNeeded { client.phase = .done }
      client.takesPart = isNeeded
    }
  }

  private func add(_ name: String?, isFirst: Bool) {
    let count = name == nil ? options.calls / 3 : options.calls
    let begin = clients.count * options.calls
    let script =
      options.mode == .concurrent
      ? (begin..<begin + count).filter { !options.without.contains($0) } : []
    calls += script
    clients.append(
      SimulatedClient(
        number: clients.count, name: name, isFirst: isFirst,
        dialect: dice.pick(SimulatedClient.Dialect.allCases),
        pipelineMax: dice.pick([1, 2, 8]), script: script))
  }

  private func addAdmin() {
    add(SimulatedAdmin.name, isFirst: false)
    let client = clients[clients.count - 1]
    client.user = UserID.system.raw
    client.scope = .admin
    client.token = KnownToken(id: 0, text: SimulatedAdmin.token, scope: .admin)
  }

  /// Adds a line to what happened.
  func tell(_ line: @autoclosure () -> String) {
    if options.tells { story.append(line()) }
  }

  private func play() throws {
    switch options.mode {
    case .sequential, .large: try playOneByOne()
    case .concurrent: try playConcurrently()
    }
    isStormy = false
    try checkEverything()
    if scheduler.escapedJobs > 0 {
      throw Violation("\(scheduler.escapedJobs) jobs went to the global executor")
    }
  }
}
