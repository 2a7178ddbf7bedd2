import Domain
import Engine
import Entities
import Journal
import Server
import Synchronization

/// What outlives a crash: the disk's synced content, the keys, the clock.
struct Machine {
  var disk: MemoryDisk
  let keys: MemoryKeyStore
  let clock: VirtualClock
  let random: SeededRandom
  var shards: Int
}

/// The production composition on simulated parts: journal, engine, sessions; no sockets.
final class SimulatedServer {
  /// Brings an engine up on a journal; the place for recovery from snapshots.
  typealias Recovery =
    @Sendable (Journal, Engine.Parts) async throws -> Engine

  let journal: Journal
  let engine: Engine
  let service: Service
  private let scheduler: SeededScheduler
  private let gates: [ReplyGate]
  private let halted: HaltReason
  private var connections: UInt64 = 0

  /// Opens the journal on the machine's disk and recovers, step by step as the seed has it.
  init(
    on machine: Machine, scheduler: SeededScheduler,
    recovery: @escaping Recovery = { try await SimulatedServer.refold($0, $1) }
  ) throws {
    let clock = SteadyClock(machine.clock)
    let journal = try Journal(
      disk: machine.disk, keys: machine.keys, clock: clock, random: machine.random,
      onFatal: { _ in })
    let executors = (0..<machine.shards).map { _ in LaneSource(scheduler) }
    let live = LiveHubs(sharding: Sharding(count: machine.shards), executors: executors)
    let halted = HaltReason()
    let parts = Engine.Parts(
      clock: clock, random: machine.random, executors: executors,
      sinks: { shard, _ in [live.hub(of: shard)] }, onHalt: { halted.set($0) })
    self.journal = journal
    self.scheduler = scheduler
    self.halted = halted
    engine = try scheduler.finish { try await recovery(journal, parts) }
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

  /// Recovery from the journal alone.
  static func refold(_ journal: Journal, _ parts: Engine.Parts) async throws -> Engine {
    try await Engine.start(journal: journal, parts: parts) { _ in }
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

/// Remembers the first reason to stop.
private final class HaltReason: Sendable {
  private let state = Mutex<String?>(nil)

  func set(_ reason: String) { state.withLock { $0 = $0 ?? reason } }
  var reason: String? { state.withLock { $0 } }
}
