internal import Synchronization

/// Why nothing listens, in a sentence.
package struct ListenError: Error, Equatable, Sendable, CustomStringConvertible {
  package let host: String
  package let port: UInt16
  package let cause: SystemError

  package var description: String { "cannot listen on \(host):\(port): \(cause)" }
}

/// Accepts connections and spreads them over the loops, one after the other; with TLS, once hands
/// are shaken.
///
/// Runs on the first loop, or on the one where hands are shaken. When descriptors run out it stops
/// asking, says so once and tries again a little later, so that connections wait in the system's
/// queue and nothing spins.
package final class Listener: EventHandler, @unchecked Sendable {
  package static let connectionsMaxDefault = 10_000
  /// Accepted in a turn, so that those who are connected are served in between; one costs them some
  /// hundred microseconds, until it is hung up on.
  static let acceptedPerTurnMax = 1
  /// Accepted until there is a pause: a storm takes no more than a part of the shard, and what is
  /// beyond it waits in the system's queue.
  static let acceptedInARowMax = 8
  /// That pause; up to a tick of the system's clock longer.
  private static let acceptMilliseconds = 2
  private static let retryMilliseconds = 100
  /// Until a full entrance is looked at again.
  private static let entranceMilliseconds = 20
  private static let nextID = Atomic<UInt64>(1)

  /// The real one, if 0 was asked for.
  package let port: UInt16
  private let socket: Socket
  private let loops: [EventLoop]
  private let connectionsMax: @Sendable () -> Int
  private let refusal: [UInt8]
  private let makeDelegate: @Sendable (Connection) -> any ConnectionDelegate
  private let log: @Sendable (String) -> Void
  private let open: ConnectionCount
  private let entrance: TLSEntrance?
  private let acceptor: EventLoop

  // On the acceptor's thread only.
  private var source: EventSource?
  private var turn = 0
  private var acceptedInARow = 0
  private var isExhausted = false
  private var isStopped = false

  /// Binds and listens; accepts from `start()` on.
  ///
  /// - Parameters:
  ///   - port: 0 lets the system choose.
  ///   - connectionsMax: asked each time; that many may be open, further ones are told so and
  ///     closed.
  ///   - count: shared with other listeners whose connections count too.
  ///   - refusal: what they are told.
  ///   - entrance: where hands are shaken, if this is a port for TLS; its loop accepts.
  ///   - makeDelegate: called on the connection's loop before anything is read.
  package init(
    host: String, port: UInt16, loops: [EventLoop],
    connectionsMax: @autoclosure @escaping @Sendable () -> Int =
      Listener.connectionsMaxDefault,
    count: ConnectionCount = ConnectionCount(), entrance: TLSEntrance? = nil,
    refusal: [UInt8] = Array("-ERR max number of clients reached\r\n".utf8),
    log: @escaping @Sendable (String) -> Void,
    makeDelegate: @escaping @Sendable (Connection) -> any ConnectionDelegate
  ) throws(ListenError) {
    precondition(!loops.isEmpty, "a listener needs a loop")
    do {
      socket = try Socket.listening(host: host, port: port)
    } catch {
      throw ListenError(host: host, port: port, cause: error)
    }
    self.port = socket.localPort
    self.loops = loops
    self.connectionsMax = connectionsMax
    open = count
    self.entrance = entrance
    acceptor = entrance?.loop ?? loops[0]
    // In plain words to a client that speaks TLS it would say nothing.
    self.refusal = entrance == nil ? refusal : []
    self.log = log
    self.makeDelegate = makeDelegate
  }

  deinit {
    socket.close()
  }

  /// Open at this moment. From any thread.
  package var connectionsCount: Int { open.value }

  package func start() {
    acceptor.perform { [self] in
      guard !isStopped, source == nil else { return }
      let source = EventSource(acceptor.base, .readable(socket.descriptor), handler: self)
      source.add()
      self.source = source
    }
  }

  /// Accepts no more, from the acceptor's next turn on, and ends handshakes that are under way;
  /// `done` runs there. What is open stays so. Must come before that loop is stopped.
  package func stop(_ done: @escaping @Sendable () -> Void = {}) {
    acceptor.perform { [self] in
      isStopped = true
      entrance?.endAll()
      source?.free()
      source = nil
      done()
    }
  }

  func eventFired(_ source: EventSource) {
    for attempt in 0..<Self.acceptedPerTurnMax {
      // That somebody waits is certain of the first alone.
      guard entrance?.hasRoom(displacing: attempt == 0) ?? true else {
        return pause(Self.entranceMilliseconds)
      }
      switch socket.accept() {
      case .socket(let socket, let peer):
        isExhausted = false
        take(socket, peer)
      case .none:
        return
      case .failed:
        continue
      case .exhausted(let error):
        if !isExhausted { log("cannot accept connections: \(error); trying again until it works") }
        isExhausted = true
        return pause(Self.retryMilliseconds)
      }
    }
    acceptedInARow += Self.acceptedPerTurnMax
    guard acceptedInARow >= Self.acceptedInARowMax else { return }
    acceptedInARow = 0
    pause(Self.acceptMilliseconds)
  }

  private func take(_ socket: Socket, _ peer: String) {
    guard open.value < connectionsMax() else {
      if !refusal.isEmpty { _ = socket.send(refusal, from: 0, countMax: refusal.count) }
      return socket.close()
    }
    open.add()
    guard let entrance else {
      return connect(socket, peer) { [open] in open.subtract() }
    }
    entrance.admit(socket, peer) { [self] stream in
      guard let stream else { return open.subtract() }
      let counts = entrance.counts
      counts.opened()
      connect(stream, peer) { [open] in
        counts.closed()
        open.subtract()
      }
    }
  }

  private func connect(
    _ stream: any ByteStream & Sendable, _ peer: String, onEnd: @escaping @Sendable () -> Void
  ) {
    let id = Self.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    let loop = loops[turn % loops.count]
    turn += 1
    loop.perform { [makeDelegate] in
      let connection = Connection(id: id, peer: peer, loop: loop, stream: stream, onEnd: onEnd)
      connection.delegate = makeDelegate(connection)
      connection.open()
    }
  }

  /// What is there waits in the system's queue meanwhile.
  private func pause(_ milliseconds: Int) {
    source?.remove()
    acceptor.after(milliseconds: milliseconds) { [weak self] in self?.source?.add() }
  }
}

/// Connections open at this moment. Shared by listeners and the ends of their connections, which
/// may outlive them.
package final class ConnectionCount: Sendable {
  private let count = Atomic<Int>(0)

  package init() {}

  package var value: Int { count.load(ordering: .relaxed) }

  func add() { count.wrappingAdd(1, ordering: .relaxed) }
  func subtract() { count.wrappingSubtract(1, ordering: .relaxed) }
}
