package import Domain
import Engine
import Entities
package import Journal
import Projections
import Synchronization

/// A running server: shards on event loops, a journal with its writer, a listener.
package final class RoostServer: Sendable {
  package struct Options: Sendable {
    package var directory: String
    package var host = "127.0.0.1"
    /// Nil: nothing is served without TLS.
    package var port: UInt16? = 7667
    package var tls: TLS?
    /// Where `/metrics`, `/healthz` and `/readyz` are answered; nil: nowhere.
    package var httpPort: UInt16?
    package var shards = 1
    package var durability = Durability.always
    package var limits = JournalLimits()
    package var connectionsMax = Listener.connectionsMaxDefault
    package var passwordThreads = 2
    /// Events between two snapshots; 0: only at the end.
    package var snapshotEveryEvents: UInt64 = 200_000
    /// What entities may take in memory, in MiB.
    package var entitiesMemoryMiB = entitiesMemoryMiBDefault
    /// A journal of at most so many MiB is checked before anything is served, a larger one while it
    /// is.
    package var checkedFirstMiB = checkedFirstMiBDefault
    package var settings = Settings()
    /// The share of one processor that verification all the time may take, in percent; nil: none.
    package var verifyPercent: Int?

    package init(directory: String) { self.directory = directory }

    /// The port for TLS.
    package struct TLS: Sendable {
      package var host: String
      package var port: UInt16
      package var certificates: TLSCertificates

      package init(host: String, port: UInt16, certificates: TLSCertificates) {
        self.host = host
        self.port = port
        self.certificates = certificates
      }
    }
  }

  /// The ports that it listens on, also where 0 was asked for; nil where it does not.
  package let ports: (plain: UInt16?, tls: UInt16?)
  /// Nil if there is none.
  package let httpPort: UInt16?
  private let http: HTTPListener?
  private let health: HealthEndpoint
  private let engine: Engine
  private let loops: [EventLoop]
  private let listeners: Listeners
  private let service: Service
  private let operations: ServerOperations
  private let agenda: LoopTimer
  /// Of what was not checked before; ends when all is.
  private let checks: DeferredChecks

  package static let entitiesMemoryMiBDefault = 1_024
  package static let entitiesMemoryMiBRange: ClosedRange<UInt64> = 1...(1 << 24)
  package static let checkedFirstMiBDefault = 256
  package static let checkedFirstMiBRange: ClosedRange<UInt64> = 0...(1 << 24)
  package static let connectionsMaxRange: ClosedRange<UInt64> = 1...1_000_000

  /// How often connections of strangers are looked at: `Settings.strangerLooksMax` are seconds.
  private static let lookPeriodMs = 1_000
  /// How often the engine looks for what is due.
  private static let agendaPeriodMs = 250
  /// How often the engine looks whether entities take too much memory.
  private static let residencyPeriodMs = 1_000
  /// How long clients may take to fetch their last replies, in all.
  private static let partingMs = 5_000
  private static let partingStepMs = 20

  private init(
    engine: Engine, loops: [EventLoop], listeners: Listeners, service: Service,
    operations: ServerOperations, agenda: LoopTimer, checks: DeferredChecks,
    http: HTTPListener?, health: HealthEndpoint
  ) {
    self.checks = checks
    self.http = http
    self.health = health
    httpPort = http?.port
    self.operations = operations
    self.agenda = agenda
    self.engine = engine
    self.loops = loops
    self.listeners = listeners
    self.service = service
    ports = (listeners.plain?.port, listeners.tls?.port)
  }

  /// Opens the journal, recovers, and serves. Throws before anything is served if the journal is
  /// damaged or in use, or the port is.
  ///
  /// - Parameters:
  ///   - onShutdown: called once when a client asks for the end.
  ///   - log: takes the lines for the operator.
  package static func start(
    _ options: Options, clock: any Clock, random: any RandomSource,
    onShutdown: @escaping @Sendable () -> Void, log: @escaping @Sendable (String) -> Void
  ) async throws -> RoostServer {
    let clock = SteadyClock(clock)
    let journal = try Journal.open(
      directory: options.directory, clock: clock, random: random,
      durability: options.durability, limits: options.limits,
      contentCheck: .upTo(bytes: options.checkedFirstMiB << 20))
    try DataDirectory.shut(options.directory, log: log)
    let loops = (0..<options.shards).map { EventLoop(index: $0) }
    let health = HealthEndpoint()
    let http = try options.httpPort.map { port in
      try HTTPListener(host: options.host, port: port, loop: loops[0], log: log) {
        health.answer($0)
      }
    }
    gather(journal, on: loops)
    for loop in loops { loop.start() }
    let executors = loops.map { LoopExecutors($0) }
    let live = LiveHubs(sharding: Sharding(count: options.shards), executors: executors)
    let background = BackgroundExecutor()
    let rebuilding = loops.map { RebuildExecutor(shard: $0.index) }
    let parts = Engine.Parts(
      clock: clock, random: random, executors: executors,
      sinks: { shard, _ in [live.hub(of: shard)] }, background: background,
      rebuilding: rebuilding, onHalt: { Self.halt($0) })
    let store = try SnapshotStore(directory: options.directory)
    let engine = try await Engine.start(
      journal: journal, parts: parts, snapshots: store,
      checkedFirstBytes: UInt64(options.checkedFirstMiB) << 20, log: log)
    background.giveWay()
    for executor in rebuilding { executor.giveWay() }
    let current = liveSettings(options, log)
    let entrance = options.tls.map {
      TLSEntrance($0.certificates, index: options.shards, log: log)
    }
    let operations = ServerOperations(
      engine: engine, store: store, options: options, current: current, entrance: entrance,
      background: background.thread,
      verification: options.verifyPercent.map {
        StandingVerification(engine, percent: $0, log: log)
      }, onShutdown: onShutdown, log: log)
    let service = Service(
      engine: engine, settings: options.settings, current: current, live: live,
      passwords: PasswordPool(threads: options.passwordThreads), operations: operations, log: log)
    live.attach(to: service)
    let gates = connect(journal, to: engine, executors)
    journal.onDurable { operations.published($0) }
    journal.startWriter()
    try await AdminAccount.ensure(in: service, directory: options.directory, log: log)
    look(after: service, live: live, on: loops, background)
    let listeners = try Listeners(
      options, entrance: entrance, loops: loops, service: service, gates: gates, log: log)
    await engine.rebuilder.whenExchanged { _ = try await operations.snapshot() }
    await engine.rebuilder.goOn()
    operations.note(ports: listeners.plain?.port, tls: listeners.tls?.port)
    listeners.start()
    health.serve(service)
    return RoostServer(
      engine: engine, loops: loops, listeners: listeners, service: service, operations: operations,
      agenda: Self.keepAgenda(of: engine, on: loops[0]),
      checks: DeferredChecks(of: engine, in: store, on: background, log: log), http: http,
      health: health)
  }

  /// What is done every now and then.
  private static func look(
    after service: Service, live: LiveHubs, on loops: [EventLoop],
    _ background: BackgroundExecutor
  ) {
    loops[0].every(milliseconds: LiveHubs.tickMs) { [loop = loops[0]] in
      Task(executorPreference: loop) { await live.tick() }
    }
    loops[0].every(milliseconds: UsageSampler.periodMs) {
      Task(executorPreference: background.thread) { service.usage.refresh() }
    }
    loops[0].every(milliseconds: residencyPeriodMs) {
      Task(executorPreference: background.thread) {
        await service.engine.residency.keepCalmly(within: service.current.entitiesMemoryBytes)
      }
    }
    for loop in loops { lookForForgotten(on: loop) }
  }

  /// As the options say, with no more connections than the system allows.
  private static func liveSettings(_ options: Options, _ log: (String) -> Void) -> LiveSettings {
    let wanted = options.connectionsMax
    let allowed = connectionsAllowed(wanted)
    if allowed < wanted {
      log("the system's limit on descriptors allows \(allowed) connections, not \(wanted)")
    }
    return LiveSettings(
      isPrivate: options.settings.isPrivate, connectionsMax: allowed,
      snapshotEveryEvents: options.snapshotEveryEvents,
      entitiesMemoryBytes: options.entitiesMemoryMiB << 20)
  }

  private static func lookForForgotten(on loop: EventLoop) {
    loop.every(milliseconds: lookPeriodMs) { [unowned loop] in
      for connection in loop.connections.values {
        (connection.delegate as? SessionConnection)?.endIfForgotten()
      }
    }
  }

  /// Publishes what was scheduled and closes polls as their times come, those that came while
  /// nobody served at once.
  private static func keepAgenda(of engine: Engine, on loop: EventLoop) -> LoopTimer {
    loop.every(milliseconds: agendaPeriodMs) {
      Task(executorPreference: loop) { await engine.performDue() }
    }
  }

  /// What a loop's turn enqueues, for as many connections as were ready, comes into one
  /// transaction: the writer is called when the turn ends.
  private static func gather(_ journal: Journal, on loops: [EventLoop]) {
    for loop in loops { loop.atEndOfTurn { journal.wakeWriter() } }
    journal.onEnqueued {
      guard let loop = loops.first(where: { $0.isOnThread }) else { return false }
      loop.awaitEndOfTurn()
      return true
    }
  }

  /// Each shard's gate, beating with the journal's publications.
  private static func connect(
    _ journal: Journal, to engine: Engine, _ executors: [LoopExecutors]
  ) -> [ReplyGate] {
    let gates = executors.map { _ in ReplyGate() }
    for (index, executor) in executors.enumerated() {
      let pulse = ShardPulse(
        journal: journal, shard: engine.shards[index], gate: gates[index],
        executor: executor.loop)
      journal.onDurable { _ in pulse.wake() }
    }
    return gates
  }

  /// Shows new connections what is in the files of certificates now. Throws what is wrong with
  /// them, and then nothing changes; false where there is no port for TLS.
  package func reloadCertificates() throws -> Bool {
    guard let entrance = listeners.entrance else { return false }
    try entrance.certificates.reload(now: service.clock.now.ms / 1_000)
    return true
  }

  /// Ends in order: no new connections, everything accepted made durable and answered, a snapshot.
  /// Throws `NoSnapshot`, after all of the rest, if that cannot be written.
  package func stop() async throws {
    agenda.cancel()
    health.end()
    await operations.stopVerification()
    await listeners.stop()
    for session in service.sessions.all() { await session.finish() }
    for _ in 0..<(Self.partingMs / Self.partingStepMs) where service.sessions.openCount > 0 {
      await withCheckedContinuation { next in
        loops[0].perform { [loop = loops[0]] in
          loop.after(milliseconds: Self.partingStepMs) { next.resume() }
        }
      }
    }
    await engine.rebuilder.stop()
    await engine.reached(engine.journal.enqueued)
    await checks.waitForSnapshot()
    var failure: (any Error)?
    do { try await operations.snapshotIfBehind() } catch { failure = error }
    operations.stopVerifying()
    await checks.end()
    if let http { await withCheckedContinuation { done in http.stop { done.resume() } } }
    listeners.entrance?.loop.stop()
    for loop in loops { loop.stop() }
    engine.journal.drainAndStop()
    if let failure { throw NoSnapshot(reason: "\(failure)") }
  }

  /// The end was in order but for its snapshot.
  package struct NoSnapshot: Error, CustomStringConvertible {
    package let reason: String

    package var description: String {
      "ended without a snapshot: \(reason); the next start folds what came after the last one"
    }
  }

  /// A projection that can't go on: the process ends, so that nothing wrong is ever shown.
  private static func halt(_ reason: String) -> Never {
    fatalError("roost: \(reason)")
  }
}
