import Domain
import Entities
import Journal
import Server

/// One run of everything from one seed: servers, clients, time, faults, and the judge.
package final class Simulation {
  /// How likely each kind of step is; drawn anew for each seed, so that some runs have slow disks,
  /// some slow networks, some many crashes.
  struct Weights {
    var job: Int
    var commit: Int
    var network: Int
    var send: Int
    var tick: Int
    /// In ten thousand steps, after which a crash is due.
    var crashesMax: Int

    init(_ random: inout SeededGenerator) {
      job = random.pick([20, 60, 200])
      commit = random.pick([1, 5, 30])
      network = random.pick([5, 20])
      send = random.pick([5, 20])
      tick = random.pick([0, 1, 3])
      crashesMax = random.pick([0, 1, 3])
    }
  }

  let options: Options
  let scheduler: SeededScheduler
  let weights: Weights
  let history: History
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
  var tally = Tally()
  /// Whether crashes and the passing of time may come between any two steps.
  var isStormy: Bool
  var crashes = 0
  var replies = 0

  /// What a run amounts to.
  struct Tally {
    var operations = 0
    var comparisons = 0
    var restarts = 0
    var snapshots = 0
    var rebuilds = 0
  }

  static let startMs: Int64 = 1_341_100_800_000

  /// Runs one seed on a thread of its own.
  package static func run(_ options: Options) -> Report {
    SimulationThread.run {
      let scheduler = SeededScheduler(seed: options.seed)
      return GlobalExecutorHook.redirect(to: scheduler) {
        var report = Report(seed: options.seed, trace: Trace())
        do {
          let simulation = try Simulation(options, scheduler)
          do {
            try simulation.play()
          } catch {
            report.violation = "\(error)"
          }
          report.events = simulation.history.position
          report.replies = simulation.replies
          report.crashes = simulation.crashes
          report.operations = simulation.tally.operations
          report.comparisons = simulation.tally.comparisons
          report.restarts = simulation.tally.restarts
          report.snapshots = simulation.tally.snapshots
          report.rebuilds = simulation.tally.rebuilds
          simulation.removeFiles()
        } catch {
          report.violation = "no server starts: \(error)"
        }
        report.trace = scheduler.trace
        scheduler.abandonAll()
        return report
      }
    }
  }

  private init(_ options: Options, _ scheduler: SeededScheduler) throws {
    self.options = options
    self.scheduler = scheduler
    isStormy = options.mode == .concurrent
    history = History(keepsModels: options.mode == .concurrent)
    weights = Weights(&scheduler.generator)
    machine = Machine(
      disk: MemoryDisk(), keys: MemoryKeyStore(), clock: VirtualClock(ms: Self.startMs),
      random: SeededRandom(seed: options.seed), shards: scheduler.generator.pick([1, 2, 4]))
    if options.mode == .large {
      machine.snapshots = try SnapshotStore(directory: Files.makeTemporaryDirectory())
    }
    server = try SimulatedServer(on: machine, scheduler: scheduler)
    let count = options.mode == .large ? options.people : scheduler.generator.between(3, 6)
    let names = (0..<count).map { "person_\($0)" }
    workload = Workload(
      names: names, usesClock: options.mode != .concurrent, &scheduler.generator)
    makeClients(names)
  }

  private func makeClients(_ names: [String]) {
    for name in names {
      add(name, isFirst: true)
      if options.mode == .concurrent, scheduler.generator.chance(40) { add(name, isFirst: false) }
    }
    add(nil, isFirst: false)
    if options.mode != .concurrent { addAdmin() }
  }

  private func add(_ name: String?, isFirst: Bool) {
    clients.append(
      SimulatedClient(
        number: clients.count, name: name, isFirst: isFirst,
        dialect: scheduler.generator.pick(SimulatedClient.Dialect.allCases),
        pipelineMax: scheduler.generator.pick([1, 2, 8]),
        calls: name == nil ? options.calls / 3 : options.calls))
  }

  private func addAdmin() {
    add(SimulatedAdmin.name, isFirst: false)
    let client = clients[clients.count - 1]
    client.user = UserID.system.raw
    client.scope = .admin
    client.token = KnownToken(id: 0, text: SimulatedAdmin.token, scope: .admin)
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
