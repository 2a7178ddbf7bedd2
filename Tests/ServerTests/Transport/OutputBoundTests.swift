import Glibc
import Server
import Testing

/// Clients that ask and do not read.
struct OutputBoundTests {
  /// A connection whose client has stopped reading: the system takes nothing more.
  private func withStuckConnection(
    _ body: (TestClient, Connection, Shared<[String]>) throws -> Void
  ) throws {
    let events = Shared<[String]>([])
    let connections = Shared<[Connection]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      return Recorder(events)
    }) { listener, loops in
      let client = try TestClient(port: listener.port, receiveBufferBytes: 4096)
      client.send("x")
      #expect(eventually { events.value == ["received 1"] })
      let connection = connections.value[0]
      // Until the same amount is left for some time.
      var last = -1
      while let now = on(loops[0], { connection.outputBytes }), now == 0 || now != last {
        last = now
        loops[0].perform {
          if connection.outputBytes == 0 { connection.write([UInt8](repeating: 1, count: 1 << 20)) }
        }
        usleep(50_000)
      }
      try body(client, connection, events)
    }
  }

  @Test func `output up to the bound waits, one byte more closes`() throws {
    try withStuckConnection { _, connection, events in
      let loop = connection.loop
      let waiting = on(loop) {
        connection.write(
          [UInt8](repeating: 1, count: connection.bounds.max - connection.outputBytes))
        return connection.outputBytes
      }
      #expect(waiting == OutputBounds.member.max)
      #expect(on(loop) { connection.isClosed } == false)
      let isClosed = on(loop) {
        // Should the system have taken some meanwhile, up to the bound again.
        connection.write(
          [UInt8](repeating: 1, count: connection.bounds.max - connection.outputBytes))
        connection.write([1])
        return connection.isClosed
      }
      #expect(isClosed == true)
      #expect(eventually { events.value.last == "closed outputOverflow" })
    }
  }

  @Test func `who reads again gets everything, and the delegate hears of it`() throws {
    try withStuckConnection { client, connection, events in
      let loop = connection.loop
      let total = on(loop) {
        connection.write([UInt8](repeating: 2, count: 3 << 20))
        return connection.outputBytes
      }
      #expect(total.map { $0 > 3 << 20 } == true)
      var twos = 0
      while twos < 3 << 20, let some = client.receiveSome(), !some.isEmpty {
        twos += some.count { $0 == 2 }
      }
      #expect(twos == 3 << 20)
      #expect(eventually { events.value.last == "drained" })
      #expect(on(loop) { connection.outputBytes } == 0)
    }
  }

  @Test func `a client that does not read is not listened to, until it reads`() throws {
    try withStuckConnection { client, connection, events in
      let loop = connection.loop
      _ = on(loop) {
        connection.write([UInt8](repeating: 3, count: OutputBounds.member.high))
        return true
      }
      client.send("more")
      usleep(30_000)
      #expect(!events.value.contains("received 4"))
      while !events.value.contains("received 4"), let some = client.receiveSome(), !some.isEmpty {}
      #expect(events.value.contains("received 4"))
    }
  }

  @Test func `others do not wait for a stuck client`() throws {
    let connections = Shared<[Connection]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      return DirectEcho()
    }) { listener, loops in
      let stuck = try TestClient(port: listener.port, receiveBufferBytes: 4096)
      #expect(eventually { connections.value.count == 1 })
      loops[0].perform { connections.value[0].write([UInt8](repeating: 1, count: 7 << 20)) }
      let lively = try TestClient(port: listener.port)
      for _ in 0..<100 {
        lively.send("x")
        #expect(lively.text(1) == "x")
      }
      #expect(stuck.receive(7 << 20).count == 7 << 20)
    }
  }

  @Test func `together strangers may have waiting what is said, and a byte more ends who has most`()
    throws
  {
    try withStuckConnection { _, connection, events in
      let loop = connection.loop
      let budget = OutputBudget(bytesMax: 3 << 20)
      let isOpen = on(loop) {
        connection.bounds = .stranger
        connection.join(budget)
        connection.write([UInt8](repeating: 1, count: budget.bytesMax - connection.outputBytes))
        return !connection.isClosed
      }
      #expect(isOpen == true)
      // Should the system have taken some meanwhile, up to the bound again, and one more.
      let isClosed = on(loop) {
        let missing = budget.bytesMax - connection.outputBytes
        connection.write([UInt8](repeating: 1, count: missing + 1))
        return connection.isClosed
      }
      #expect(isClosed == true)
      #expect(eventually { events.value.last == "closed outputOverflow" })
      #expect(budget.waitingBytes == 0)
    }
  }

  @Test func `who has logged in is not counted with strangers`() throws {
    try withStuckConnection { _, connection, _ in
      let budget = OutputBudget(bytesMax: 1 << 10)
      let counted = on(connection.loop) {
        connection.bounds = .stranger
        connection.join(budget)
        connection.join(nil)
        connection.bounds = .member
        connection.write([UInt8](repeating: 1, count: 2 << 20))
        return (budget.waitingBytes, connection.isClosed)
      }
      #expect(counted?.0 == 0 && counted?.1 == false)
    }
  }

  @Test func `a bound that falls below what waits is heard of when there is room`() throws {
    try withStuckConnection { client, connection, events in
      let waiting = on(connection.loop) {
        connection.bounds = OutputBounds(low: 4 << 20, high: 5 << 20, max: 8 << 20)
        connection.write([UInt8](repeating: 1, count: 2 << 20))
        connection.bounds = .stranger
        return connection.outputBytes
      }
      var received = 0
      while !events.value.contains("drained"), let some = client.receiveSome(), !some.isEmpty {
        received += some.count
      }
      #expect(received >= (waiting ?? .max) - OutputBounds.stranger.low)
      #expect(events.value.contains("drained"))
    }
  }

  @Test func `the bound is of what waits, not of what is written`() throws {
    let connections = Shared<[Connection]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      connection.bounds.max = 100 << 10
      return DirectEcho()
    }) { listener, loops in
      let client = try TestClient(port: listener.port)
      #expect(eventually { connections.value.count == 1 })
      // The system takes it at once.
      loops[0].perform { connections.value[0].write([UInt8](repeating: 1, count: 150 << 10)) }
      #expect(client.receive(150 << 10).count == 150 << 10)
    }
  }
}
