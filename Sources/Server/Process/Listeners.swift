internal import Domain

/// The ports at which clients are served: plain, with TLS, or both. Their connections count
/// together.
struct Listeners: Sendable {
  let plain: Listener?
  let tls: Listener?
  let entrance: TLSEntrance?

  /// Binds; throws `ListenError` where that is not possible.
  init(
    _ options: RoostServer.Options, entrance: TLSEntrance?, loops: [EventLoop], service: Service,
    gates: [ReplyGate], log: @escaping @Sendable (String) -> Void
  ) throws(ListenError) {
    let count = ConnectionCount()
    func listener(
      _ host: String, _ port: UInt16, _ entrance: TLSEntrance?
    ) throws(ListenError) -> Listener {
      try Listener(
        host: host, port: port, loops: loops, connectionsMax: service.current.connectionsMax,
        count: count, entrance: entrance, log: log
      ) { Self.session(on: $0, of: service, gates[$0.loop.index]) }
    }
    plain =
      if let port = options.port { try listener(options.host, port, nil) } else { nil }
    tls =
      if let tls = options.tls { try listener(tls.host, tls.port, entrance) } else { nil }
    self.entrance = entrance
  }

  private static func session(
    on connection: Connection, of service: Service, _ gate: ReplyGate
  ) -> any ConnectionDelegate {
    let output = SessionConnection(connection, strangers: service.strangersOutput)
    let session = Session(
      connection: ConnectionState(
        id: connection.id, peer: connection.peer, opened: service.clock.now),
      service: service, gate: gate, output: output, executor: connection.loop)
    service.sessions.add(session)
    output.attach(session)
    return output
  }

  func start() {
    entrance?.loop.start()
    plain?.start()
    tls?.start()
  }

  /// Accepts no more when it returns; what is open stays so.
  func stop() async {
    for listener in [plain, tls].compactMap(\.self) {
      await withCheckedContinuation { done in listener.stop { done.resume() } }
    }
  }
}
