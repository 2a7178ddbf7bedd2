import Domain
import Engine
import Entities
import Journal
import Synchronization
import Testing
import Wire

@testable import Server

/// How much of one connection's pipeline runs before others get their turn, and how much of it may
/// wait for the disk; for strangers and for members.
@Suite(.timeLimit(.minutes(1)))
struct SessionTurnTests {
  /// Notes in what order replies come out, of all connections together.
  private final class Log: Sendable {
    let lines = Mutex<[String]>([])
  }

  private final class Tap: SessionOutput {
    let name: String
    let log: Log

    init(_ name: String, _ log: Log) { (self.name, self.log) = (name, log) }

    var isFull: Bool { false }
    var waitingBytes: Int { 0 }
    func finish() {}
    func setReading(_ isReading: Bool) {}

    func send(_ bytes: [UInt8]) {
      let count = bytes.count { $0 == UInt8(ascii: "\n") }
      log.lines.withLock { $0.append("\(name) \(count)") }
    }
  }

  private func pings(_ count: Int) -> [UInt8] {
    Array((0..<count).map { _ in "*1\r\n$4\r\nPING\r\n" }.joined().utf8)
  }

  /// Two connections on one thread; the first has so many requests, the other one, at one time.
  private func order(ofPipeline count: Int, isMember: Bool) async throws -> [String] {
    let thread = ThreadExecutor(name: "turns")
    let world = try await TestWorld()
    let log = Log()
    func session(_ name: String, _ id: UInt64) -> Session {
      var state = ConnectionState(id: id, peer: "127.0.0.1:\(id)", opened: world.clock.now)
      if isMember {
        state.identity = Identity(
          user: UserID(1), username: Username("ada")!, scope: .read)
      }
      return Session(
        connection: state, service: world.service, gate: ReplyGate(), output: Tap(name, log),
        executor: thread)
    }
    let (many, one) = (session("many", 901), session("one", 902))
    // Both are enqueued before the thread goes on.
    let isReady = Atomic(false)
    Task(executorPreference: thread) {
      while !isReady.load(ordering: .acquiring) {}
    }
    let tasks = [
      Task(executorPreference: thread) { [bytes = pings(count)] in await many.receive(bytes) },
      Task(executorPreference: thread) { [bytes = pings(1)] in await one.receive(bytes) },
    ]
    isReady.store(true, ordering: .releasing)
    for task in tasks { await task.value }
    while log.lines.withLock({ $0.reduce(0) { $0 + (Int($1.split(separator: " ")[1]) ?? 0) } })
      < count + 1
    { await Task.yield() }
    return log.lines.withLock { $0 }
  }

  @Test(arguments: [
    (Session.strangerRequestsPerTurnMax, false, []),
    (Session.strangerRequestsPerTurnMax + 1, false, ["many 1"]),
    (Session.requestsPerTurnMax, true, []),
    (Session.requestsPerTurnMax + 1, true, ["many 1"]),
  ])
  func `so many requests run in a turn, and the next one after others`(
    _ count: Int, _ isMember: Bool, _ after: [String]
  ) async throws {
    let perTurn = isMember ? Session.requestsPerTurnMax : Session.strangerRequestsPerTurnMax
    let order = try await order(ofPipeline: count, isMember: isMember)
    #expect(order == ["many \(perTurn)", "one 1"] + after)
  }

  @Test(arguments: [false, true])
  func `at the bound of what may wait for the disk, requests wait; below it, one more is answered`(
    _ isAtBound: Bool
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let ada = await world.connect()
    await ada.send("SIGNUP", "ada", TestWorld.password)
    await world.settle()
    // That she is there is not durable: whoever is told so has to wait, with all that follows.
    let stranger = await world.connect()
    await stranger.send("FOLLOWERS", "ada")
    await world.settle()
    let first = await stranger.session.held.byteCount
    #expect(first > 0)
    let rest = Session.strangerHeldBytesMax - first - (isAtBound ? 0 : 1)
    for length in echoes(of: rest) {
      await stranger.send("ECHO", String(repeating: "x", count: length))
    }
    await world.settle()
    let held = await stranger.session.held.byteCount
    #expect(held == first + rest)
    await stranger.send("ECHO", "more")
    await world.settle()
    let more = await stranger.session.held.byteCount - held
    #expect(more == (isAtBound ? 0 : "$4\r\nmore\r\n".utf8.count))
    try world.commit()
    await world.settle()
    #expect(stranger.pending().last == .text("more"))
  }

  /// Lengths of arguments whose echoes have so many bytes together.
  private func echoes(of bytes: Int) -> [Int] {
    var (rest, lengths) = (bytes, [Int]())
    while rest > 900 {
      lengths.append(500)
      rest -= 500 + "$500\r\n\r\n".utf8.count
    }
    lengths.append(rest - "$100\r\n\r\n".utf8.count)
    return lengths
  }
}
