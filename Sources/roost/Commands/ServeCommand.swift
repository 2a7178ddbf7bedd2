internal import Domain
internal import Engine
private import Glibc
internal import Journal
internal import Server
private import Synchronization

/// `roost serve`: answers clients until it is told to end.
struct ServeCommand: Subcommand {
  static let name = "serve"
  static let summary = "answer clients over TCP"
  static let details = """
    Opens the data directory (makes it if there is none), recovers, and listens. Prints a line with
    "ready" and the port. SIGTERM, SIGINT and the SHUTDOWN command end it in order: everything
    accepted is durable, a snapshot is written, exit status 0; 1 if no snapshot can be written.
    """
  static let options: [Option] = [
    .data,
    .value("host", "ADDRESS", "where to listen (127.0.0.1)"),
    .value("port", "PORT", "the TCP port (7667); 0 lets the system choose"),
    .value("http-port", "PORT", "answers /metrics, /healthz and /readyz; 0: any port"),
    .value("shards", "N", "threads that serve (1), at most \(Sharding.countMax)"),
    .value(
      "durability", "MODE",
      "always: fsync before every reply (the default); interval or interval:MS: sync now and then"),
    .value("connections-max", "N", "connections open at once (\(Listener.connectionsMaxDefault))"),
    .value("snapshot-every", "EVENTS", "events between two snapshots (200000); 0: only at the end"),
    .value(
      "entities-memory", "MIB",
      "what people, posts, chats and hashtags in use may take in memory "
        + "(\(RoostServer.entitiesMemoryMiBDefault)); others sleep in the newest snapshot"),
    .value(
      "check-first", "MIB",
      "a journal up to this size is checked before anything is served "
        + "(\(RoostServer.checkedFirstMiBDefault)); a larger one while it is"),
    .value(
      "verify-continuously", "PERCENT",
      "hold the live state against a second fold of the journal, with at most this share of a "
        + "processor (off)"),
    .flag("private", "anonymous connections may not read"),
    .value(
      "limits", "MODE",
      "default: how often who may do what, as docs/limits.md says; off; or a FILE of limits"),
  ]

  private var serving: RoostServer.Options

  init(_ options: Options) throws {
    serving = RoostServer.Options(directory: options.require(.data))
    if let host = options["host"] { serving.host = host }
    if let port = try options.number("port") {
      guard let port = UInt16(exactly: port) else { throw UsageError("--port takes 0 to 65535") }
      serving.port = port
    }
    if let port = try options.number("http-port") {
      guard let port = UInt16(exactly: port) else {
        throw UsageError("--http-port takes 0 to 65535")
      }
      serving.httpPort = port
    }
    if let shards = try options.number("shards") {
      guard (1...UInt64(Sharding.countMax)).contains(shards) else {
        throw UsageError("--shards takes 1 to \(Sharding.countMax)")
      }
      serving.shards = Int(shards)
    }
    if let mode = options["durability"] { serving.durability = try Self.durability(mode) }
    if let connections = try options.number("connections-max") {
      let range = RoostServer.connectionsMaxRange
      guard range.contains(connections) else {
        throw UsageError("--connections-max takes \(range.lowerBound) to \(range.upperBound)")
      }
      serving.connectionsMax = Int(connections)
    }
    if let events = try options.number("snapshot-every") { serving.snapshotEveryEvents = events }
    if let mib = try options.number("entities-memory") {
      let range = RoostServer.entitiesMemoryMiBRange
      guard range.contains(mib) else {
        throw UsageError("--entities-memory takes \(range.lowerBound) to \(range.upperBound) MiB")
      }
      serving.entitiesMemoryMiB = Int(mib)
    }
    if let mib = try options.number("check-first") {
      let range = RoostServer.checkedFirstMiBRange
      guard range.contains(mib) else {
        throw UsageError("--check-first takes \(range.lowerBound) to \(range.upperBound) MiB")
      }
      serving.checkedFirstMiB = Int(mib)
    }
    if let percent = try options.number("verify-continuously") {
      guard (1...100).contains(percent) else {
        throw UsageError("--verify-continuously takes 1 to 100 percent")
      }
      serving.verifyPercent = Int(percent)
    }
    serving.settings.isPrivate = options.has("private")
    serving.settings.rateLimits = try Self.limits(options["limits"] ?? "default")
  }

  private static func limits(_ mode: String) throws -> RateLimits {
    switch mode {
    case "default": return .standard
    case "off": return .off
    default: break
    }
    do {
      let bytes = try TextFile(path: mode).read(count: RateLimits.fileBytesMax + 1)
      guard bytes.count <= RateLimits.fileBytesMax else {
        throw UsageError("--limits \(mode) has more than \(RateLimits.fileBytesMax) bytes")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw UsageError("--limits \(mode) is not UTF-8")
      }
      return try RateLimits(file: text)
    } catch let error as LimitsFileError {
      throw UsageError("--limits \(mode), \(error)")
    } catch let error as JournalError {
      throw UsageError("--limits takes default, off or a file: \(error)")
    }
  }

  private static func durability(_ mode: String) throws -> Durability {
    if mode == "always" { return .always }
    let parts = mode.split(separator: ":", omittingEmptySubsequences: false)
    let ms = parts.count == 2 ? Int(parts[1]) : 1_000
    guard parts[0] == "interval", parts.count <= 2, let ms, (1...60_000).contains(ms) else {
      throw UsageError("--durability takes always, interval or interval:MS (1 to 60000)")
    }
    return .interval(ms: ms)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let signals = EndSignals()
    let options = serving
    let server = try Blocking.wait {
      try await RoostServer.start(
        options, clock: SystemClock(), random: SystemRandom(),
        onShutdown: { EndSignals.raise() }, log: { Self.log($0) })
    }
    Self.log(
      "ready on \(options.host):\(server.port), \(options.shards) shards, "
        + "durability \(options.durability)"
        + (server.httpPort.map { ", HTTP on port \($0)" } ?? ""))
    signals.wait()
    Self.log("ending")
    try Blocking.wait { try await server.stop() }
    Self.log("ended")
    return .done
  }

  /// One line on standard output, at once.
  @Sendable private static func log(_ line: String) {
    print("roost: \(line)")
    fflush(nil)
  }
}

/// SIGTERM and SIGINT, held back from every thread and waited for by one.
private struct EndSignals {
  private var set = sigset_t()

  /// Before any other thread starts: they inherit the mask.
  init() {
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigaddset(&set, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  func wait() {
    var set = set
    var signal: Int32 = 0
    unsafe sigwait(&set, &signal)
  }

  static func raise() { kill(getpid(), SIGTERM) }
}

/// Joins the main thread, which blocks, with asynchronous work.
enum Blocking {
  static func wait<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let done = Latch<Value>()
    Task { done.open(with: await Result { try await body() }) }
    return try done.wait().get()
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// Filled once, waited for once.
private final class Latch<Value: Sendable>: Sendable {
  private let value = Mutex<Result<Value, any Error>?>(nil)
  private let pipe: (read: Int32, write: Int32)

  init() {
    var ends: [Int32] = [0, 0]
    let made = unsafe Glibc.pipe(&ends)
    precondition(made == 0, "no descriptors for a pipe")
    pipe = (ends[0], ends[1])
  }

  func open(with result: Result<Value, any Error>) {
    value.withLock { $0 = result }
    close(pipe.write)
  }

  func wait() -> Result<Value, any Error> {
    var byte: UInt8 = 0
    while unsafe read(pipe.read, &byte, 1) < 0 && errno == EINTR {}
    close(pipe.read)
    return value.withLock { $0! }
  }
}
