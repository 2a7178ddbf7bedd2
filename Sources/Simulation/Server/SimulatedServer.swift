import Domain
import Engine
import Entities
import Journal
import Server
import Synchronization

/// The production composition on simulated parts: journal, engine, sessions; no sockets.
final class SimulatedServer {
  let journal: Journal
  let disk: SlowDisk
  let engine: Engine
  let service: Service
  private let scheduler: SeededScheduler
  private let gates: [ReplyGate]
  private let halted: HaltReason
  /// What the start said about snapshots.
  let startLines: [String]
  private var connections: UInt64 = 0

  /// Opens the journal on the machine's disk and recovers, step by step as the seed has it.
  init(on machine: Machine, scheduler: SeededScheduler) throws {
    let clock = SteadyClock(machine.clock)
    disk = SlowDisk(machine.disk)
    let journal = try Journal(
      disk: disk, keys: machine.keys, clock: clock, random: machine.random,
      durability: machine.durability, limits: machine.limits, onFatal: { _ in })
    let executors = (0..<machine.shards).map { _ in LaneSource(scheduler) }
    let live = LiveHubs(sharding: Sharding(count: machine.shards), executors: executors)
    let halted = HaltReason()
    let parts = Engine.Parts(
      clock: clock, random: machine.random, executors: executors,
      sinks: { shard, _ in [live.hub(of: shard)] }, onHalt: { halted.set($0) })
    self.journal = journal
    self.scheduler = scheduler
    self.halted = halted
    let lines = StartLines()
    let snapshots = machine.snapshots
    engine = try scheduler.finish {
      try await Engine.start(journal: journal, parts: parts, snapshots: snapshots) {
        lines.append($0)
      }
    }
    startLines = lines.all
    service = Service(
      engine: engine, settings: Settings(), live: live,
      passwords: SimulatedHasher(lane: scheduler.makeLane()), operations: SimulatedOperations(),
      log: { halted.set("a request failed: \($0)") })
    live.attach(to: service)
    gates = engine.shards.map { shard in
      let gate = ReplyGate()
      let pulse = ShardPulse(
        journal: journal, shard: shard, gate: gate, executor: scheduler.makeLane())
      journal.onDurable { _ in pulse.wake() }
      return gate
    }
  }

  /// As the first start of a process does: the operator's account, with an admin token.
  func makeAdmin() throws {
    guard let name = Username(SimulatedAdmin.name) else { return }
    let engine = engine
    let id = UserID.system
    guard engine.names.id(of: name) == nil, engine.names.reserve(name, for: id) else { return }
    journal.createKey(for: id)
    try scheduler.finish {
      let shard = engine.shard(of: .user(id))
      let user = shard.directory.users.findOrMake(id)
      _ = try await user.perform(.signUp(username: name, secret: nil), by: id)
      let hash = blake2b256(Array(SimulatedAdmin.token.utf8))
      _ = try await user.perform(
        .issueToken(
          TokenID(shard.ids.next()), scope: .admin, expires: nil, hash: hash,
          secret: Secret([.label: "first start"]), granted: .admin), by: id)
    }
  }

  /// Why the server can't go on; nil while it can.
  var haltReason: String? { halted.reason }

  func connect() -> Link {
    connections += 1
    let lane = scheduler.makeLane()
    let mailbox = Mailbox(journal: journal)
    let gate = gates[scheduler.generator.below(gates.count)]
    let session = Session(
      connection: ConnectionState(
        id: connections, peer: "simulated:\(connections)", opened: engine.clock.now),
      service: service, gate: gate, output: mailbox, executor: lane)
    service.sessions.add(session)
    return Link(session: session, mailbox: mailbox, lane: lane, journal: journal)
  }

  /// The client goes away without a word.
  func disconnect(_ link: Link) {
    let session = link.session
    scheduler.start { await session.close() }
  }
}

/// Who operates the simulated server.
enum SimulatedAdmin {
  static let name = "admin"
  static let token = "roost_of_the_simulated_operator"
}

/// Keeps what a start says.
private final class StartLines: Sendable {
  private let state = Mutex<[String]>([])

  func append(_ line: String) { state.withLock { $0.append(line) } }
  var all: [String] { state.withLock { $0 } }
}

/// Remembers the first reason to stop.
private final class HaltReason: Sendable {
  private let state = Mutex<String?>(nil)

  func set(_ reason: String) { state.withLock { $0 = $0 ?? reason } }
  var reason: String? { state.withLock { $0 } }
}
