import Domain
import Engine
import Entities
import Journal
import Projections
import Server
import Synchronization
import Wire

/// One thread for everything of a shard.
struct ThreadExecutors: ExecutorSource {
  let thread: ThreadExecutor
  func executor() -> any SerialExecutor & TaskExecutor { thread }
}

/// A clock that tests set by hand.
final class TestClock: Clock {
  private let ms = Atomic<Int64>(1_700_000_000_000)
  var now: Instant { Instant(ms: ms.load(ordering: .relaxed)) }
  func advance(ms: Int64) { self.ms.wrappingAdd(ms, ordering: .relaxed) }
}

final class TestRandom: RandomSource {
  private let state = Mutex<UInt64>(1)
  func bytes(_ count: Int) -> [UInt8] {
    state.withLock { state in
      (0..<count).map { _ in
        state &+= 1
        return UInt8(truncatingIfNeeded: mix64(state))
      }
    }
  }
}

/// In place of Argon2id: quick. Can be held, so that what happens meanwhile can be tested.
final class QuickHasher: PasswordHasher {
  private struct Waiting: Sendable {
    var isHeld = false
    var continuations: [CheckedContinuation<Void, Never>] = []
  }
  private let waiting = Mutex(Waiting())
  private let hashes = Atomic<Int>(0)
  private let verifications = Atomic<Int>(0)

  /// How often it was asked, so far.
  var hashCount: Int { hashes.load(ordering: .relaxed) }
  var verifyCount: Int { verifications.load(ordering: .relaxed) }

  func hold() { waiting.withLock { $0.isHeld = true } }
  var waitingCount: Int { waiting.withLock { $0.continuations.count } }

  func letGo() {
    let continuations = waiting.withLock { waiting in
      defer { waiting = Waiting() }
      return waiting.continuations
    }
    for continuation in continuations { continuation.resume() }
  }

  private func pass() async {
    await withCheckedContinuation { continuation in
      let isHeld = waiting.withLock { waiting in
        if waiting.isHeld { waiting.continuations.append(continuation) }
        return waiting.isHeld
      }
      if !isHeld { continuation.resume() }
    }
  }

  func hash(_ password: String) async throws(Rejection) -> String {
    hashes.wrappingAdd(1, ordering: .relaxed)
    await pass()
    return "$quick$\(stableHash64(of: password))"
  }

  func verify(_ password: String, against hash: String?) async throws(Rejection) -> Bool {
    verifications.wrappingAdd(1, ordering: .relaxed)
    await pass()
    return hash == "$quick$\(stableHash64(of: password))"
  }
}

struct NoOperations: Operations {
  func snapshot() async throws -> Position { throw Rejection(.busy, "no snapshots here") }
  func digests() async throws -> (position: Position, named: [(name: String, digest: String)]) {
    throw Rejection(.busy, "no digests here")
  }
  func verifyJournal() async throws -> (position: Position, findings: [Finding]) {
    throw Rejection(.busy, "no verification here")
  }
  var parameters: [Parameter] { [] }
  func shutdown() {}
  func info() -> [(section: String, lines: [(String, String)])] { [] }
}

/// A server in memory: the production composition but for sockets, the disk and the writer's
/// thread.
///
/// Nothing becomes durable but by `commit`; `autocommit` has a thread do that at once.
final class TestWorld: Sendable {
  let journal: Journal
  let engine: Engine
  let service: Service
  let clock = TestClock()
  let hasher = QuickHasher()
  let disk = MemoryDisk()
  /// Of all worlds: threads end with the process.
  private static let threads = (0..<2).map { ThreadExecutor(name: "shard \($0)") }
  private let threads: [ThreadExecutor]
  private let gates: [ReplyGate]
  private let nextID = Atomic<UInt64>(1)

  init(
    shards: Int = 1, isAutomatic: Bool = true, limits: JournalLimits = JournalLimits(),
    settings: Settings = Settings(), keys: any KeyStore = MemoryKeyStore()
  ) async throws {
    let random = TestRandom()
    journal = try Journal(
      disk: disk, keys: keys, clock: clock, random: random, limits: limits,
      onFatal: { _ in })
    threads = Array(Self.threads.prefix(shards))
    let executors = threads.map { ThreadExecutors(thread: $0) }
    let live = LiveHubs(sharding: Sharding(count: shards), executors: executors)
    engine = try await Engine.start(
      journal: journal,
      parts: Engine.Parts(
        clock: clock, random: random, executors: executors,
        sinks: { shard, _ in [live.hub(of: shard)] }, onHalt: { fatalError($0) }),
      log: { _ in })
    service = Service(
      engine: engine, settings: settings, live: live, passwords: hasher,
      operations: NoOperations(), log: { _ in })
    live.attach(to: service)
    gates = threads.map { _ in ReplyGate() }
    for (index, thread) in threads.enumerated() {
      let pulse = ShardPulse(
        journal: journal, shard: engine.shards[index], gate: gates[index], executor: thread)
      journal.onDurable { _ in pulse.wake() }
    }
    if isAutomatic { journal.startWriter() }
  }

  deinit { journal.drainAndStop() }

  /// Makes durable what is queued.
  func commit() throws { while try journal.commitQueued() > 0 {} }

  func connect(
    _ dialect: Dialect = .two, from host: String = "127.0.0.1"
  ) async -> TestConnection {
    let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    let shard = Int(id) % threads.count
    let mailbox = Mailbox()
    let session = Session(
      connection: ConnectionState(id: id, peer: "\(host):\(id)", opened: clock.now),
      service: service, gate: gates[shard], output: mailbox, executor: threads[shard])
    service.sessions.add(session)
    let connection = TestConnection(session: session, mailbox: mailbox, dialect: dialect)
    if dialect == .three { _ = await connection("HELLO", "3") }
    return connection
  }

  /// A connection that is logged in as somebody new.
  func person(_ name: String, _ dialect: Dialect = .two) async -> TestConnection {
    let connection = await connect(dialect)
    let reply = await connection("SIGNUP", name, Self.password)
    precondition(reply.code == nil, "\(reply)")
    return connection
  }

  static let password = "a long password"

  /// A connection with a token of the admin, who is made if need be.
  func admin() async throws -> TestConnection {
    let id = UserID.system
    let name = Username("admin")!
    let user = service.engine.shard(of: .user(id)).directory.users.findOrMake(id)
    if engine.names.reserve(name, for: id) {
      _ = try await user.perform(.signUp(username: name, secret: nil), by: id)
    }
    let text = "token-\(nextID.load(ordering: .relaxed))"
    let token = TokenID(engine.shards[0].ids.next())
    let hash = blake2b256(Array(text.utf8))
    let issued = try await user.perform(
      .issueToken(
        token, scope: .admin, expires: nil, hash: hash, secret: nil, granted: .admin), by: id)
    await engine.reached(issued.position)
    let connection = await connect()
    let reply = await connection("AUTH", text)
    precondition(reply == .ok, "\(reply)")
    return connection
  }
}
