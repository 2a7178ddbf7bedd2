import Domain
import Engine
import Entities
import Journal
import Projections
import Synchronization

/// What operators ask of the process: snapshots, digests, its end.
final class ServerOperations: Operations, Sendable {
  private let engine: Engine
  private let store: SnapshotStore
  private let options: RoostServer.Options
  private let current: LiveSettings
  private let background: ThreadExecutor
  private let onShutdown: @Sendable () -> Void
  private let log: @Sendable (String) -> Void
  private let isDue = Atomic<Bool>(false)
  private let newest: Mutex<Position>
  /// How far the journal was when an automatic snapshot failed last.
  private let failed = Mutex(Position.zero)
  private let auditor: Auditor
  private let verification: StandingVerification?
  private let entrance: TLSEntrance?
  private let listening = Mutex<(plain: UInt16?, tls: UInt16?)>((nil, nil))

  init(
    engine: Engine, store: SnapshotStore, options: RoostServer.Options, current: LiveSettings,
    entrance: TLSEntrance? = nil, background: ThreadExecutor, verification: StandingVerification?,
    onShutdown: @escaping @Sendable () -> Void, log: @escaping @Sendable (String) -> Void
  ) {
    self.engine = engine
    self.store = store
    self.options = options
    self.current = current
    self.entrance = entrance
    auditor = Auditor(engine.journal)
    self.background = background
    self.verification = verification
    self.onShutdown = onShutdown
    self.log = log
    newest = Mutex((try? store.list().first?.position) ?? .zero)
  }

  func snapshot() async throws -> Position {
    let summary = try await engine.inspector.takeSnapshot(into: store, at: engine.clock.now)
    newest.withLock { $0 = summary.position }
    log("snapshot at position \(summary.position): \(summary.bytes) bytes")
    return summary.position
  }

  /// A snapshot at the end, unless nothing has happened since the newest one: also since the one
  /// that is under way, which is waited for.
  func snapshotIfBehind() async throws {
    while true {
      await engine.inspector.snapshotsEnded()
      let newest = max(newest.withLock { $0 }, (try? store.list().first?.position) ?? .zero)
      guard engine.journal.durable > newest else { return }
      do {
        _ = try await snapshot()
        return
      } catch let rejection as Rejection where rejection.code == .busy {
        continue
      } catch {
        log("no snapshot: \(error)")
        throw error
      }
    }
  }

  /// Called on every publication of the journal: takes a snapshot in the background when enough has
  /// happened since the newest one.
  func published(_ durable: Position) {
    let everyEvents = current.snapshotEveryEvents
    let last = max(newest.withLock { $0.raw }, failed.withLock { $0.raw })
    guard everyEvents > 0, durable.raw - last >= everyEvents,
      !isDue.exchange(true, ordering: .acquiringAndReleasing)
    else { return }
    Task(executorPreference: background) { await self.takeDue() }
  }

  private func takeDue() async {
    do {
      _ = try await snapshot()
    } catch {
      log("no snapshot: \(error)")
      failed.withLock { $0 = engine.journal.durable }
    }
    isDue.store(false, ordering: .releasing)
  }

  func digests() async throws -> (position: Position, named: [(name: String, digest: String)]) {
    let digests = try await engine.digests()
    return (digests.position, digests.all.map { ($0.name, $0.digest.description) })
  }

  func verifyJournal() async throws -> (position: Position, findings: [Finding]) {
    try await auditor.verify()
  }

  /// Ends a verification that is under way; for the end of the process.
  func stopVerifying() { auditor.stop() }

  func shutdown() { onShutdown() }

  /// Before the shards end.
  func stopVerification() async { await verification?.stop() }

  /// Where it listens, once it does.
  func note(ports plain: UInt16?, tls: UInt16?) { listening.withLock { $0 = (plain, tls) } }

  private static func text(_ port: UInt16?) -> String { port.map(String.init) ?? "off" }

  var parameters: [Parameter] {
    let current = current
    return [
      Parameter("connections-max") {
        "\(current.connectionsMax)"
      } set: { text in
        let wanted = Int(try Self.number(text, in: RoostServer.connectionsMaxRange))
        let allowed = connectionsAllowed(wanted)
        guard allowed == wanted else {
          throw Rejection(
            .invalid, "the system's limit on descriptors allows \(allowed) connections")
        }
        current.connectionsMax = wanted
      },
      Parameter("data", options.directory),
      Parameter("durability", options.durability.description),
      Parameter("entities-memory") {
        "\(current.entitiesMemoryBytes >> 20)"
      } set: { text in
        current.entitiesMemoryBytes =
          Int(try Self.number(text, in: RoostServer.entitiesMemoryMiBRange)) << 20
      },
      Parameter("host", options.host),
      Parameter("limits", options.settings.rateLimits.isOn ? "on" : "off"),
      Parameter("port", Self.text(listening.withLock { $0.plain })),
      Parameter("private") {
        current.isPrivate ? "yes" : "no"
      } set: { text in
        guard text == "yes" || text == "no" else {
          throw Rejection(.invalid, "private takes yes or no")
        }
        current.isPrivate = text == "yes"
      },
      Parameter("shards", "\(options.shards)"),
      Parameter("snapshot-every") {
        "\(current.snapshotEveryEvents)"
      } set: { text in
        current.snapshotEveryEvents = try Self.number(text, in: 0...UInt64(Int64.max))
      },
      Parameter("tls-port", Self.text(listening.withLock { $0.tls })),
    ]
  }

  private static func number(
    _ text: String, in range: ClosedRange<UInt64>
  ) throws(Rejection) -> UInt64 {
    guard let number = UInt64(text), range.contains(number) else {
      throw Rejection(
        .invalid, "it takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func info() -> [(section: String, lines: [(String, String)])] {
    let residency = engine.residency.status
    return [
      (
        "Entities",
        [
          ("entities_awake", "\(residency.usage.awake)"),
          ("entities_asleep", "\(residency.usage.asleep)"),
          ("entities_memory_bytes", "\(residency.awakeBytes)"),
          ("entities_memory_max_bytes", "\(current.entitiesMemoryBytes)"),
          ("entity_lookups", "\(residency.usage.lookups)"),
          ("entity_wakes", "\(residency.usage.wakes)"),
          ("entity_wake_us_mean", "\(residency.usage.wakeUsMean)"),
        ]
      ),
      (
        "Snapshots",
        [
          ("snapshot_position", newest.withLock { $0.description }),
          ("snapshot_every_events", String(current.snapshotEveryEvents)),
        ]
      ),
      ("Verification", (verification?.status ?? VerificationStatus()).info),
    ] + tlsInfo
  }

  /// Nothing where there is no port for TLS.
  private var tlsInfo: [(section: String, lines: [(String, String)])] {
    guard let entrance else { return [] }
    let (counts, certificates) = (entrance.counts, entrance.certificates)
    let context = certificates.current
    return [
      (
        "TLS",
        [
          ("tls_connections", "\(counts.connectionsOpen)"),
          ("tls_handshakes", "\(counts.handshakesDone)"),
          ("tls_handshakes_pending", "\(counts.handshakesPending)"),
          ("tls_handshakes_failed", "\(counts.handshakesFailed)"),
          ("tls_handshakes_timed_out", "\(counts.handshakesTimedOut)"),
          ("tls_handshakes_displaced", "\(counts.handshakesDisplaced)"),
          ("tls_client_certificates", context.asksClients ? "required" : "none"),
          (
            "tls_certificate_expires_in_seconds",
            "\(context.expires - engine.clock.now.ms / 1_000)"
          ),
          ("tls_certificate_reloads", "\(certificates.reloads)"),
        ]
      )
    ]
  }
}
