import Glibc
import Server
import Testing

struct ListenerTests {
  @Test func `a port in use is named in a sentence`() throws {
    try serving({ _ in DirectEcho() }) { listener, loops in
      let error = #expect(throws: ListenError.self) {
        try Listener(
          host: "127.0.0.1", port: listener.port, loops: loops, log: { _ in },
          makeDelegate: { _ in DirectEcho() })
      }
      #expect(
        error?.description
          == "cannot listen on 127.0.0.1:\(listener.port): Address already in use")
    }
  }

  @Test func `as many as may be are served, one more is told so`() throws {
    try serving(connectionsMax: 2, { _ in DirectEcho() }) { listener, _ in
      let first = try TestClient(port: listener.port)
      do {
        let second = try TestClient(port: listener.port)
        for client in [first, second] {
          client.send("x")
          #expect(client.text(1) == "x")
        }
        let third = try TestClient(port: listener.port)
        #expect(
          third.receiveAll() == Array("-ERR max number of clients reached\r\n".utf8))
      }
      // Room again.
      #expect(eventually { listener.connectionsCount == 1 })
      let fourth = try TestClient(port: listener.port)
      fourth.send("y")
      #expect(fourth.text(1) == "y")
    }
  }

  @Test func `IPv6 is listened on, where there is any`() throws {
    let loop = EventLoop(index: 0)
    loop.start()
    defer { loop.stop() }
    do {
      let listener = try Listener(
        host: "::1", port: 0, loops: [loop], log: { _ in }, makeDelegate: { _ in DirectEcho() })
      #expect(listener.port > 0)
    } catch {
      #expect([EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.cause.number))
    }
  }

  /// In a process of its own, for the limit is the whole process's.
  @Test func `without descriptors it waits, says so once, and goes on when there are some`() async {
    _ = await #expect(processExitsWith: .success) {
      let lines = Shared<[String]>([])
      try serving(log: { line in lines.change { $0.append(line) } }, { _ in DirectEcho() }) {
        listener, loops in
        let probe = unsafe open("/dev/null", O_RDONLY)
        close(probe)
        // Room for the client's own descriptor and none for the server's.
        var limit = rlimit(rlim_cur: rlim_t(probe) + 1, rlim_max: 4096)
        unsafe precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let client = try TestClient(port: listener.port)
        client.send("x")
        precondition(eventually { !lines.value.isEmpty }, "nothing was said")
        let turns = on(loops[0]) { loops[0].statistics.turns } ?? 0
        usleep(350_000)
        let spent = (on(loops[0]) { loops[0].statistics.turns } ?? .max) - turns
        precondition(spent < 20, "it spins: \(spent) turns")
        precondition(lines.value.count == 1, "it said so \(lines.value.count) times")
        precondition(lines.value[0].contains("Too many open files"), lines.value[0])
        limit.rlim_cur = 4096
        unsafe precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        precondition(client.text(1) == "x", "it did not go on")
      }
    }
  }
}
