internal import Synchronization

/// Where connections shake hands before they are served: on a thread of its own, which takes
/// processor time after all others, so that a storm of handshakes costs those who are connected
/// little.
///
/// Handshakes have a bound in number, in time and in bytes. At the bound in number, further
/// connections wait in the system's queue until there is room; whoever has been at it for longer
/// than `yieldMillisecondsMin` gives way to them.
package final class TLSEntrance: @unchecked Sendable {
  /// Handshakes under way.
  package static let pendingMax = 1_024
  /// How long one may take.
  package static let handshakeMillisecondsMax = 10_000
  /// How long one has its place for itself.
  package static let yieldMillisecondsMin = 2_000
  /// Between two lines about handshakes that failed.
  private static let logMilliseconds = 10_000
  /// What is paid for handshakes, beside others.
  private static let niceness: Int32 = 10

  package let loop: EventLoop
  package let certificates: TLSCertificates
  package let counts = TLSCounts()
  private let pendingMax: Int
  private let handshakeMillisecondsMax: Int
  private let log: @Sendable (String) -> Void

  // On the loop's thread only.
  private var pending: [UInt64: TLSHandshake] = [:]
  /// Of the oldest that may be pending, and of the next.
  private var numbers: (oldest: UInt64, next: UInt64) = (0, 0)
  private var lastLine: ContinuousClock.Instant?
  private var untold = 0

  package init(
    _ certificates: TLSCertificates, index: Int, pendingMax: Int = TLSEntrance.pendingMax,
    handshakeMillisecondsMax: Int = TLSEntrance.handshakeMillisecondsMax,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.certificates = certificates
    self.pendingMax = pendingMax
    self.handshakeMillisecondsMax = handshakeMillisecondsMax
    self.log = log
    loop = EventLoop(index: index, named: "tls", niceness: Self.niceness)
  }

  /// Whether one more may begin now, in the place of the oldest if need be and if it may be
  /// displaced.
  func hasRoom(displacing: Bool) -> Bool {
    if pending.count < pendingMax { return true }
    guard displacing else { return false }
    while pending[numbers.oldest] == nil { numbers.oldest += 1 }
    guard let oldest = pending[numbers.oldest],
      .now - oldest.started >= .milliseconds(Self.yieldMillisecondsMin)
    else { return false }
    oldest.end(.displaced)
    return true
  }

  /// `done` gets the stream once hands are shaken, or nil when the socket is closed.
  func admit(_ socket: Socket, _ peer: String, _ done: @escaping (TLSStream?) -> Void) {
    loop.checkIsolated()
    let number = numbers.next
    numbers.next += 1
    let handshake = TLSHandshake(socket, on: loop, certificates.current) { [unowned self] outcome in
      pending[number] = nil
      counts.setPending(pending.count)
      done(note(outcome, of: peer))
    }
    pending[number] = handshake
    counts.setPending(pending.count)
    handshake.begin(millisecondsMax: handshakeMillisecondsMax)
  }

  /// Ends what is under way. On the loop's thread.
  func endAll() {
    for handshake in pending.values { handshake.end(.displaced) }
  }

  private func note(_ outcome: TLSHandshake.Outcome, of peer: String) -> TLSStream? {
    switch outcome {
    case .done(let stream):
      counts.add(.done)
      return stream
    case .notTLS:
      counts.add(.failed)
      tell("what \(peer) sends is not TLS")
    case .failed(let reason):
      counts.add(.failed)
      tell("no TLS with \(peer): \(reason)")
    case .timedOut:
      counts.add(.timedOut)
      tell("no TLS with \(peer): \(handshakeMillisecondsMax) ms were not enough for the handshake")
    case .displaced:
      counts.add(.displaced)
    }
    return nil
  }

  /// One line at a time: a log must not grow as fast as somebody connects.
  private func tell(_ line: String) {
    let now = ContinuousClock.now
    if let lastLine, now - lastLine < .milliseconds(Self.logMilliseconds) {
      untold += 1
      return
    }
    log(untold > 0 ? "\(line) (and \(untold) others since the last such line)" : line)
    lastLine = now
    untold = 0
  }
}

/// What happened at the entrance, and how many are inside.
package final class TLSCounts: Sendable {
  enum Event { case done, failed, timedOut, displaced }

  private let open = Atomic(0)
  private let pending = Atomic(0)
  private let done = Atomic(0)
  private let failed = Atomic(0)
  private let timedOut = Atomic(0)
  private let displaced = Atomic(0)

  func add(_ event: Event) {
    switch event {
    case .done: done.wrappingAdd(1, ordering: .relaxed)
    case .failed: failed.wrappingAdd(1, ordering: .relaxed)
    case .timedOut: timedOut.wrappingAdd(1, ordering: .relaxed)
    case .displaced: displaced.wrappingAdd(1, ordering: .relaxed)
    }
  }

  func setPending(_ count: Int) { pending.store(count, ordering: .relaxed) }
  func opened() { open.wrappingAdd(1, ordering: .relaxed) }
  func closed() { open.wrappingSubtract(1, ordering: .relaxed) }

  package var connectionsOpen: Int { open.load(ordering: .relaxed) }
  package var handshakesPending: Int { pending.load(ordering: .relaxed) }
  package var handshakesDone: Int { done.load(ordering: .relaxed) }
  package var handshakesFailed: Int { failed.load(ordering: .relaxed) }
  package var handshakesTimedOut: Int { timedOut.load(ordering: .relaxed) }
  package var handshakesDisplaced: Int { displaced.load(ordering: .relaxed) }
}
