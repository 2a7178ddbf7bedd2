internal import Synchronization

/// Why nothing listens, in a sentence.
package struct ListenError: Error, Equatable, Sendable, CustomStringConvertible {
  package let host: String
  package let port: UInt16
  package let cause: SystemError

  package var description: String { "cannot listen on \(host):\(port): \(cause)" }
}

/// Accepts connections and spreads them over the loops, one after the other.
///
/// Runs on the first loop. When descriptors run out it stops asking, says so once and tries again a
/// little later, so that connections wait in the system's queue and nothing spins.
package final class Listener: EventHandler, @unchecked Sendable {
  package static let connectionsMaxDefault = 10_000
  /// Accepted in one turn, so that those who are connected are served meanwhile.
  private static let acceptedPerTurnMax = 64
  private static let retryMilliseconds = 100
  private static let nextID = Atomic<UInt64>(1)

  /// The real one, if 0 was asked for.
  package let port: UInt16
  private let socket: Socket
  private let loops: [EventLoop]
  private let connectionsMax: @Sendable () -> Int
  private let refusal: [UInt8]
  private let makeDelegate: @Sendable (Connection) -> any ConnectionDelegate
  private let log: @Sendable (String) -> Void
  private let open = OpenCount()

  // On the first loop's thread only.
  private var source: EventSource?
  private var turn = 0
  private var isExhausted = false
  private var isStopped = false

  /// Binds and listens; accepts from `start()` on.
  ///
  /// - Parameters:
  ///   - port: 0 lets the system choose.
  ///   - connectionsMax: asked each time; that many may be open, further ones are told so and
  ///     closed.
  ///   - refusal: what they are told.
  ///   - makeDelegate: called on the connection's loop before anything is read.
  package init(
    host: String, port: UInt16, loops: [EventLoop],
    connectionsMax: @autoclosure @escaping @Sendable () -> Int =
      Listener.connectionsMaxDefault,
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
    self.refusal = refusal
    self.log = log
    self.makeDelegate = makeDelegate
  }

  deinit {
    socket.close()
  }

  /// Open at this moment. From any thread.
  package var connectionsCount: Int { open.count.load(ordering: .relaxed) }

  package func start() {
    loops[0].perform { [self] in
      guard !isStopped, source == nil else { return }
      let source = EventSource(loops[0].base, .readable(socket.descriptor), handler: self)
      source.add()
      self.source = source
    }
  }

  /// Accepts no more, from the next turn of the first loop on; `done` runs there. What is open
  /// stays so. Must come before the first loop is stopped.
  package func stop(_ done: @escaping @Sendable () -> Void = {}) {
    loops[0].perform { [self] in
      isStopped = true
      source?.free()
      source = nil
      done()
    }
  }

  func eventFired(_ source: EventSource) {
    for _ in 0..<Self.acceptedPerTurnMax {
      switch socket.accept() {
      case .socket(let socket, let peer):
        isExhausted = false
        take(socket, peer)
      case .none:
        return
      case .failed:
        continue
      case .exhausted(let error):
        return pause(error)
      }
    }
  }

  private func take(_ socket: Socket, _ peer: String) {
    guard open.count.load(ordering: .relaxed) < connectionsMax() else {
      _ = socket.send(refusal, from: 0, countMax: refusal.count)
      return socket.close()
    }
    open.count.wrappingAdd(1, ordering: .relaxed)
    let id = Self.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    let loop = loops[turn % loops.count]
    turn += 1
    loop.perform { [makeDelegate, open] in
      let connection = Connection(id: id, peer: peer, loop: loop, stream: socket) {
        open.count.wrappingSubtract(1, ordering: .relaxed)
      }
      connection.delegate = makeDelegate(connection)
      connection.open()
    }
  }

  private func pause(_ error: SystemError) {
    if !isExhausted { log("cannot accept connections: \(error); trying again until it works") }
    isExhausted = true
    source?.remove()
    loops[0].after(milliseconds: Self.retryMilliseconds) { [weak self] in self?.source?.add() }
  }
}

/// Shared by a listener and the ends of its connections, which may outlive it.
private final class OpenCount: Sendable {
  let count = Atomic<Int>(0)
}
