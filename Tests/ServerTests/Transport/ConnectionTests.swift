import Glibc
import Testing
import Wire

@testable import Server

struct ConnectionTests {
  @Test func `what is sent comes back`() throws {
    try serving({ _ in DirectEcho() }) { listener, _ in
      let client = try TestClient(port: listener.port)
      client.send("hello")
      #expect(client.text(5) == "hello")
      client.send("again")
      #expect(client.text(5) == "again")
    }
  }

  @Test func `a connection knows its peer and is counted`() throws {
    let peers = Shared<[String]>([])
    try serving({ connection in
      peers.change { $0.append(connection.peer) }
      return DirectEcho()
    }) { listener, _ in
      do {
        let client = try TestClient(port: listener.port)
        client.send("x")
        #expect(client.text(1) == "x")
        #expect(peers.value.count == 1)
        #expect(peers.value[0].hasPrefix("127.0.0.1:"))
        #expect(listener.connectionsCount == 1)
      }
      #expect(eventually { listener.connectionsCount == 0 })
    }
  }

  @Test(arguments: [1, 2])
  func `10 000 pipelined requests are answered by actors, in order and in few sends`(
    loopCount: Int
  ) throws {
    let counterLoop = EventLoop(index: 9)
    counterLoop.start()
    defer { counterLoop.stop() }
    let counters = Shared<[CounterActor]>([])
    let sends = try serving(
      loops: loopCount,
      { connection in
        let counter = CounterActor(loop: connection.loop)
        counters.change { $0.append(counter) }
        return ActorEcho(loop: connection.loop, counter: counter)
      }
    ) { listener, loops in
      let client = try TestClient(port: listener.port)
      var requests: [UInt8] = []
      var expected: [UInt8] = []
      for number in 1...10_000 {
        Request(arguments: ["ECHO", Argument("\(number)")], framing: .resp).encode(into: &requests)
        ReplyWriter.write(
          .array([.integer(Int64(number)), .text("ECHO"), .text("\(number)")]), framing: .resp,
          version: .two, into: &expected)
      }
      client.send(requests)
      #expect(client.receive(expected.count) == expected)
      return loops.compactMap { loop in on(loop) { loop.statistics.sends } }.reduce(0, +)
    }
    #expect(sends < 500)
  }

  @Test func `actors of two loops answer one connection`() throws {
    let other = EventLoop(index: 9)
    other.start()
    defer { other.stop() }
    let counter = CounterActor(loop: other)
    try serving({ ActorEcho(loop: $0.loop, counter: counter) }) { listener, _ in
      let client = try TestClient(port: listener.port)
      for number in 1...200 {
        client.send(Request.encoded(["X"]))
        let expected = "*2\r\n:\(number)\r\n$1\r\nX\r\n"
        try #require(client.text(expected.utf8.count) == expected)
      }
    }
  }

  @Test func `1 000 clients at once are all served, on all loops`() throws {
    #expect(raiseDescriptorLimit(to: 4096) >= 4096)
    let used = Shared<[Int: Int]>([:])
    try serving(
      loops: 2,
      { connection in
        used.change { $0[connection.loop.index, default: 0] += 1 }
        return DirectEcho()
      }
    ) { listener, _ in
      let clients = try (0..<1000).map { _ in try TestClient(port: listener.port) }
      for (index, client) in clients.enumerated() { client.send("c\(index)") }
      for (index, client) in clients.enumerated() {
        let expected = "c\(index)"
        if client.text(expected.count) != expected { Issue.record("client \(index) got no echo") }
      }
      #expect(used.value == [0: 500, 1: 500])
      #expect(listener.connectionsCount == 1000)
    }
  }

  @Test func `a client that has finished sending still gets its replies`() throws {
    let total = 4 << 20
    try serving({ _ in DirectEcho() }) { listener, _ in
      let client = try TestClient(port: listener.port)
      let sender = startSending(client, total: total)
      let received = client.receiveAll()
      #expect(received?.count == total)
      _ = sender
      #expect(eventually { listener.connectionsCount == 0 })
    }
  }

  /// From a thread of its own, and then says that this was all.
  private func startSending(_ client: TestClient, total: Int) -> EventLoop {
    let loop = EventLoop(index: 8)
    loop.start()
    loop.perform {
      client.send([UInt8](repeating: 7, count: total))
      client.shutDownWriting()
    }
    return loop
  }

  @Test func `a delegate with replies under way is told that no more will come`() throws {
    let events = Shared<[String]>([])
    let connections = Shared<[Connection]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      return Recorder(events)
    }) { listener, loops in
      let client = try TestClient(port: listener.port)
      client.send("abc")
      client.shutDownWriting()
      #expect(eventually { events.value == ["received 3", "received all"] })
      let connection = try #require(connections.value.first)
      loops[0].perform {
        connection.write(Array("late".utf8))
        connection.close(afterFlush: true)
      }
      #expect(client.receiveAll() == Array("late".utf8))
      #expect(eventually { events.value.last == "closed peer" })
    }
  }

  @Test func `a client's hang-up is reported once`() throws {
    let events = Shared<[String]>([])
    try serving({ _ in Recorder(events) }) { listener, _ in
      do {
        let client = try TestClient(port: listener.port)
        client.send("x")
        #expect(eventually { events.value == ["received 1"] })
        // Closing with a reset instead of a farewell.
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
          client.descriptor, SOL_SOCKET, SO_LINGER, &linger,
          socklen_t(MemoryLayout<linger>.size))
      }
      #expect(eventually { events.value == ["received 1", "closed peer"] })
      #expect(eventually { listener.connectionsCount == 0 })
    }
  }

  @Test func `a last word is read even by a client that goes on sending`() throws {
    try serving({ _ in PingServer() }) { listener, _ in
      let client = try TestClient(port: listener.port)
      #expect(client.send("PING\r\n*x\r\n" + String(repeating: "junk\r\n", count: 200_000)))
      let all = client.receiveAll().map { String(decoding: $0, as: UTF8.self) }
      #expect(all == "\"PONG\"\n-ERR Protocol error: invalid multibulk length\r\n")
    }
  }

  @Test func `a paused connection is not read`() throws {
    let events = Shared<[String]>([])
    let connections = Shared<[Connection]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      connection.pauseReading()
      return Recorder(events)
    }) { listener, loops in
      let client = try TestClient(port: listener.port)
      client.send("abc")
      #expect(eventually { connections.value.count == 1 })
      usleep(30_000)
      #expect(events.value.isEmpty)
      loops[0].perform { connections.value[0].resumeReading() }
      #expect(eventually { events.value == ["received 3"] })
    }
  }

  @Test func `one delivery is bounded, so that others get their turn`() throws {
    let events = Shared<[String]>([])
    let connections = Shared<[Connection]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      connection.pauseReading()
      return Recorder(events)
    }) { listener, loops in
      let client = try TestClient(port: listener.port)
      client.send([UInt8](repeating: 1, count: 200 << 10))
      #expect(eventually { connections.value.count == 1 })
      loops[0].perform { connections.value[0].resumeReading() }
      let sizes = {
        events.value.compactMap { Int($0.dropFirst("received ".count)) }
      }
      #expect(eventually { sizes().reduce(0, +) == 200 << 10 })
      #expect(sizes().max() == EventLoop.receivedBytesPerTurnMax)
    }
  }

  @Test func `a stranger delivers no more than 16 KiB at a time`() throws {
    let events = Shared<[String]>([])
    let connections = Shared<[Connection]>([])
    let most = SessionConnection.strangerReceivedBytesMax
    try serving({ connection in
      connection.receivedBytesMax = most
      connections.change { $0.append(connection) }
      connection.pauseReading()
      return Recorder(events)
    }) { listener, loops in
      let client = try TestClient(port: listener.port)
      client.send([UInt8](repeating: 1, count: most + 1))
      #expect(eventually { connections.value.count == 1 })
      // Until all of it is there.
      usleep(100_000)
      loops[0].perform { connections.value[0].resumeReading() }
      #expect(eventually { events.value == ["received \(most)", "received 1"] })
    }
  }

  @Test func `stopping a loop closes its connections and tells their delegates`() throws {
    let events = Shared<[String]>([])
    let client = try serving({ _ in Recorder(events) }) { listener, _ in
      let client = try TestClient(port: listener.port)
      client.send("x")
      #expect(eventually { events.value == ["received 1"] })
      return client
    }
    #expect(events.value == ["received 1", "closed shutdown"])
    #expect(client.receiveAll() == [])
  }
}
