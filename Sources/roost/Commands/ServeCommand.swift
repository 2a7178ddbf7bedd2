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
    SIGHUP reads the certificates for TLS again; where they can't be used, the old ones stay.
    """
  static let options: [Option] = [
    .data,
    .value("host", "ADDRESS", "where to listen (127.0.0.1)"),
    .value("port", "PORT", "the TCP port (7667); 0 lets the system choose; off: TLS only"),
    .value("tls-port", "PORT", "the TCP port for TLS (none); 0: any"),
    .value("tls-host", "ADDRESS", "where to listen for TLS (as --host)"),
    .value("tls-cert", "FILE", "the certificate for TLS, with those after it in the chain (PEM)"),
    .value("tls-key", "FILE", "its private key (PEM), which not everybody may read"),
    .value(
      "tls-client-ca", "FILE",
      "clients must show a certificate of one of these authorities (PEM)"),
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
      "a journal up to this size, and a snapshot, is checked before anything is served "
        + "(\(RoostServer.checkedFirstMiBDefault)); a larger one while it is"),
    .value(
      "verify-continuously", "PERCENT",
      "hold the live state against a second fold of the journal, with at most this share of a "
        + "processor (off)"),
    .flag("private", "anonymous connections may not read"),
    .value(
      "anonymous-idle", "SECONDS",
      "how long a connection may ask nothing before it has logged in "
        + "(\(anonymousIdleSecondsDefault)); 0: for ever"),
    // Looked for before anything else happens.
    .flag(
      "core-dumps",
      "allow core dumps, debuggers and reports of crashes, which show passwords and keys"),
    .value(
      "limits", "MODE",
      "default: how often who may do what, as docs/limits.md says; off; or a FILE of limits"),
  ]

  private static let anonymousIdleSecondsDefault = 120
  private static let anonymousIdleSecondsMax: UInt64 = 86_400

  private var serving: RoostServer.Options

  init(_ options: Options) throws {
    serving = RoostServer.Options(directory: options.require(.data))
    if let host = options["host"] { serving.host = host }
    if options["port"] == "off" {
      serving.port = nil
    } else if let port = try Self.port("port", of: options) {
      serving.port = port
    }
    serving.tls = try Self.tls(options, host: serving.host)
    guard serving.port != nil || serving.tls != nil else {
      throw UsageError("--port off needs --tls-port: nobody could connect")
    }
    serving.httpPort = try Self.port("http-port", of: options)
    if let shards = try options.number("shards", in: 1...UInt64(Sharding.countMax)) {
      serving.shards = Int(shards)
    }
    if let mode = options["durability"] { serving.durability = try Self.durability(mode) }
    if let connections = try options.number(
      "connections-max", in: RoostServer.connectionsMaxRange)
    {
      serving.connectionsMax = Int(connections)
    }
    if let events = try options.number("snapshot-every") { serving.snapshotEveryEvents = events }
    if let mib = try options.number(
      "entities-memory", in: RoostServer.entitiesMemoryMiBRange, unit: "MiB")
    {
      serving.entitiesMemoryMiB = Int(mib)
    }
    if let mib = try options.number(
      "check-first", in: RoostServer.checkedFirstMiBRange, unit: "MiB")
    {
      serving.checkedFirstMiB = Int(mib)
    }
    if let percent = try options.number("verify-continuously", in: 1...100, unit: "percent") {
      serving.verifyPercent = Int(percent)
    }
    serving.settings.isPrivate = options.has("private")
    serving.settings.strangerLooksMax = try Self.anonymousIdleSeconds(options)
    serving.settings.rateLimits = try Self.limits(options["limits"] ?? "default")
  }

  private static func anonymousIdleSeconds(_ options: Options) throws -> Int? {
    let seconds = try options.number(
      "anonymous-idle", in: 0...anonymousIdleSecondsMax, unit: "seconds")
    return seconds == 0 ? nil : seconds.map { Int($0) } ?? anonymousIdleSecondsDefault
  }

  private static func port(_ name: String, of options: Options) throws -> UInt16? {
    try options.number(name, in: 0...UInt64(UInt16.max)).map { UInt16($0) }
  }

  private static func tls(
    _ options: Options, host: String
  ) throws -> RoostServer.Options.TLS? {
    guard let port = try port("tls-port", of: options) else {
      let useless = ["tls-host", "tls-cert", "tls-key", "tls-client-ca"].first {
        options[$0] != nil
      }
      if let useless { throw UsageError("--\(useless) needs --tls-port") }
      return nil
    }
    guard let certificate = options["tls-cert"], let key = options["tls-key"] else {
      throw UsageError("--tls-port needs --tls-cert and --tls-key")
    }
    do throws(TLSError) {
      return RoostServer.Options.TLS(
        host: options["tls-host"] ?? host, port: port,
        certificates: try TLSCertificates(
          TLSFiles(
            certificate: certificate, key: key, clientAuthorities: options["tls-client-ca"])))
    } catch {
      throw UsageError("TLS: \(error)")
    }
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
    let signals = Signals()
    let options = serving
    let server = try Blocking.wait {
      try await RoostServer.start(
        options, clock: SystemClock(), random: SystemRandom(),
        onShutdown: { Signals.raiseEnd() }, log: { Self.log($0) })
    }
    warnOfExpiry()
    Self.log(
      "ready on \(server.ports.plain.map { "\(options.host):\($0)" } ?? "no plain port"), "
        + "\(options.shards) shards, durability \(options.durability)"
        + (server.ports.tls.map { ", TLS on \(options.tls?.host ?? "") port \($0)" } ?? "")
        + (server.httpPort.map { ", HTTP on port \($0)" } ?? ""))
    ProcessMemory.giveBack()
    while signals.next() == .reload { Self.reload(server) }
    Self.log("ending")
    try Blocking.wait { try await server.stop() }
    Self.log("ended")
    return .done
  }

  private func warnOfExpiry() {
    guard let expires = serving.tls?.certificates.current.expires,
      expires <= SystemClock().now.ms / 1_000
    else { return }
    Self.log("TLS: the certificate has expired; clients will refuse it")
  }

  private static func reload(_ server: RoostServer) {
    do {
      let isThere = try server.reloadCertificates()
      log(isThere ? "TLS: the certificates were read again" : "SIGHUP: there is no TLS to reload")
    } catch {
      log("TLS: the old certificates stay: \(error)")
    }
  }

  /// One line on standard output, at once.
  @Sendable private static func log(_ line: String) {
    print("roost: \(line)")
    fflush(nil)
  }
}

/// SIGTERM, SIGINT and SIGHUP, held back from every thread and waited for by one.
private struct Signals {
  enum Kind { case end, reload }

  private var set = sigset_t()

  /// Before any other thread starts: they inherit the mask.
  init() {
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  func next() -> Kind {
    var set = set
    var signal: Int32 = 0
    unsafe sigwait(&set, &signal)
    return signal == SIGHUP ? .reload : .end
  }

  static func raiseEnd() { kill(getpid(), SIGTERM) }
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
