import Glibc
import Testing

@testable import Server

/// What may happen in one turn of a loop, exactly at each bound and one past it: so that whoever is
/// connected waits for no more than that, whatever others do all at once.
@Suite(.timeLimit(.minutes(1)))
struct TurnTests {
  /// Notes in which turn it was called.
  private final class TurnRecorder: ConnectionDelegate {
    let turns: Shared<[Int]>

    init(_ turns: Shared<[Int]>) { self.turns = turns }

    private func note(_ connection: Connection) {
      let turn = connection.loop.statistics.turns
      turns.change { $0.append(turn) }
    }

    func connection(_ connection: Connection, received bytes: Span<UInt8>) { note(connection) }
    func connectionClosed(_ connection: Connection, reason: CloseReason) { note(connection) }
  }

  /// How many of the turns are the first, the second one and so on.
  private func counts(_ turns: [Int]) -> [Int] {
    Set(turns).sorted().map { turn in turns.count { $0 == turn } }
  }

  /// While `body` runs, the loop stands still.
  private func holding(_ loop: EventLoop, _ body: () throws -> Void) rethrows {
    let (isHeld, isOver) = (Shared(false), Shared(false))
    loop.perform {
      isHeld.change { $0 = true }
      _ = eventually { isOver.value }
    }
    #expect(eventually { isHeld.value })
    defer { isOver.change { $0 = true } }
    try body()
  }

  @Test(arguments: [
    (EventLoop.strangersPerTurnMax, [EventLoop.strangersPerTurnMax]),
    (EventLoop.strangersPerTurnMax + 1, [EventLoop.strangersPerTurnMax, 1]),
  ])
  func `so many strangers are heard in a turn, the next one in the next, and members always`(
    _ count: Int, _ perTurn: [Int]
  ) throws {
    let connections = Shared(0)
    let (strangers, member) = (Shared<[Int]>([]), Shared<[Int]>([]))
    try serving({ connection in
      connections.change { $0 += 1 }
      connection.isStrangers = connections.value > 1
      return TurnRecorder(connection.isStrangers ? strangers : member)
    }) { listener, loop in
      let first = try TestClient(port: listener.port)
      #expect(eventually { connections.value == 1 })
      let others = try (0..<count).map { _ in try TestClient(port: listener.port) }
      #expect(eventually { connections.value == count + 1 })
      // The first time, the system tells of fewer at once.
      for isWarm in [false, true] {
        strangers.change { $0 = [] }
        member.change { $0 = [] }
        holding(loop) {
          for client in others { client.send("x") }
          first.send("x")
        }
        #expect(eventually { strangers.value.count == count && member.value.count == 1 })
        guard isWarm else { continue }
        #expect(counts(strangers.value) == perTurn)
        #expect(member.value.first == strangers.value.min())
      }
    }
  }

  @Test(arguments: [
    (EventLoop.strangersPerTurnMax + 5, true), (EventLoop.strangersPerTurnMax + 5, false),
  ])
  func `who waits in line may hang up or be closed`(_ count: Int, _ byClient: Bool) throws {
    let connections = Shared<[Connection]>([])
    let events = Shared<[String]>([])
    try serving({ connection in
      connection.isStrangers = true
      connections.change { $0.append(connection) }
      return Recorder(events)
    }) { listener, loop in
      var clients = try (0..<count).map { _ in try TestClient(port: listener.port) }
      #expect(eventually { connections.value.count == count })
      holding(loop) {
        for client in clients { client.send("x") }
        if byClient { clients = [] }
      }
      if !byClient {
        loop.perform { for one in connections.value { one.close(afterFlush: false) } }
      }
      let end = byClient ? "received all" : "closed"
      #expect(eventually { events.value.count { $0.hasPrefix(end) } == count })
      withExtendedLifetime(clients) {}
    }
  }

  @Test(arguments: [
    (EventLoop.bodiesPerTurnMax, [EventLoop.bodiesPerTurnMax]),
    (EventLoop.bodiesPerTurnMax + 1, [EventLoop.bodiesPerTurnMax, 1]),
  ])
  func `so much of what others ask for is done in a turn, in order`(
    _ count: Int, _ perTurn: [Int]
  ) throws {
    let done = Shared<[Int]>([])
    let turns = Shared<[Int]>([])
    let loop = EventLoop(index: 0)
    loop.start()
    defer { loop.stop() }
    holding(loop) {
      for number in 0..<count {
        loop.perform { [unowned loop] in
          let turn = loop.statistics.turns
          turns.change { $0.append(turn) }
          done.change { $0.append(number) }
        }
      }
    }
    #expect(eventually { done.value.count == count })
    #expect(done.value == Array(0..<count))
    #expect(counts(turns.value) == perTurn)
  }

  @Test(arguments: [
    (EventLoop.endsPerTurnMax, [EventLoop.endsPerTurnMax]),
    (EventLoop.endsPerTurnMax + 1, [EventLoop.endsPerTurnMax, 1]),
  ])
  func `so many delegates are told in a turn that their connections have ended`(
    _ count: Int, _ perTurn: [Int]
  ) throws {
    let connections = Shared<[Connection]>([])
    let turns = Shared<[Int]>([])
    try serving({ connection in
      connections.change { $0.append(connection) }
      return TurnRecorder(turns)
    }) { listener, loop in
      let clients = try (0..<count).map { _ in try TestClient(port: listener.port) }
      #expect(eventually { connections.value.count == count })
      loop.perform { for one in connections.value { one.close(afterFlush: false) } }
      #expect(eventually { turns.value.count == count })
      #expect(counts(turns.value) == perTurn)
      withExtendedLifetime(clients) {}
    }
  }

  @Test func `a loop that stops tells all delegates, however many there are`() throws {
    let events = Shared<[String]>([])
    let count = EventLoop.endsPerTurnMax * 3 + 1
    try serving({ _ in Recorder(events) }) { listener, _ in
      let clients = try (0..<count).map { _ in try TestClient(port: listener.port) }
      #expect(eventually { listener.connectionsCount == count })
      for client in clients { client.send("x") }
      #expect(eventually { events.value.count == count })
      withExtendedLifetime(clients) {}
    }
    #expect(events.value.count { $0 == "closed shutdown" } == count)
  }

  @Test(arguments: [
    (Listener.acceptedPerTurnMax, [Listener.acceptedPerTurnMax]),
    (Listener.acceptedPerTurnMax + 1, [Listener.acceptedPerTurnMax, 1]),
  ])
  func `so many are accepted in a turn, and the next one in the next`(
    _ count: Int, _ perTurn: [Int]
  ) throws {
    try accepting(count) { turns, clients in
      #expect(counts(turns) == perTurn)
      for client in clients {
        client.send("x")
        #expect(client.text(1) == "x")
      }
    }
  }

  @Test(arguments: [Listener.acceptedInARowMax, Listener.acceptedInARowMax + 1])
  func `so many are accepted until there is a pause`(_ count: Int) throws {
    try accepting(count) { turns, clients in
      let inARow = turns.prefix(Listener.acceptedInARowMax)
      #expect(zip(inARow, inARow.dropFirst()).allSatisfy { $1 == $0 + 1 }, "\(turns)")
      // After a pause the loop has to come round once more before it accepts.
      if count > inARow.count { #expect(turns[count - 1] > turns[count - 2] + 1) }
      withExtendedLifetime(clients) {}
    }
  }

  @Test(.enabled(if: hasTurnLengths, "the system knows no lengths of turns"))
  func `shards take short turns on a processor, and what works behind them long ones`() {
    for (niceness, isShort) in [(Int32(0), true), (10, false)] {
      let loop = EventLoop(index: 0, niceness: niceness)
      loop.start()
      defer { loop.stop() }
      let length = on(loop) { turnNanoseconds() ?? 0 }
      #expect((length == Int64(shortTurnNanoseconds)) == isShort, "\(length ?? -1)")
    }
  }

  private static var hasTurnLengths: Bool { turnNanoseconds() != nil }

  /// Clients who all wait when the loop comes to accept, and in which of its turns each was.
  private func accepting(_ count: Int, _ body: ([Int], [TestClient]) throws -> Void) throws {
    let turns = Shared<[Int]>([])
    try serving({ connection in
      let turn = connection.loop.statistics.turns
      turns.change { $0.append(turn) }
      return DirectEcho()
    }) { listener, loop in
      var clients: [TestClient] = []
      try holding(loop) {
        for _ in 0..<count { clients.append(try TestClient(port: listener.port)) }
      }
      #expect(eventually { turns.value.count == count })
      try body(turns.value, clients)
    }
  }

  /// A listener on one loop, and that loop.
  private func serving(
    _ makeDelegate: @escaping @Sendable (Connection) -> any ConnectionDelegate,
    _ body: (Listener, EventLoop) throws -> Void
  ) throws {
    try ServerTests.serving(makeDelegate) { try body($0, $1[0]) }
  }
}
