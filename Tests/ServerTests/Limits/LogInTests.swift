import Domain
import Engine
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct LogInTests {
  private static let wrong: Reply = .error(
    code: "NOAUTH", message: "wrong username, password or token")

  @Test(arguments: [false, true])
  func `an address tries ten passwords in a quarter of an hour, and more cost no work`(
    byHello: Bool
  ) async throws {
    let world = try await TestWorld(limitedBy: "")
    _ = await world.person("alice")
    func attempt(_ connection: TestConnection, _ password: String) async -> Reply {
      byHello
        ? await connection("HELLO", "2", "AUTH", "alice", password)
        : await connection("AUTH", "alice", password)
    }
    let home = await world.connect(from: "10.0.0.1")
    for _ in 0..<5 { #expect(await attempt(home, "not this one").code == "NOAUTH") }
    for _ in 0..<5 { #expect(await attempt(home, TestWorld.password).code == nil) }
    let before = world.hasher.verifyCount
    // Logged in or not, on this connection or the next.
    #expect(await attempt(home, TestWorld.password).retryAfterMs == 90_000)
    let next = await world.connect(from: "10.0.0.1")
    #expect(await attempt(next, TestWorld.password).retryAfterMs == 90_000)
    #expect(await home("PASSWORD", TestWorld.password, "another one").retryAfterMs == 90_000)
    #expect(world.hasher.verifyCount == before)
    #expect(await attempt(world.connect(from: "10.0.0.2"), TestWorld.password).code == nil)
    world.clock.advance(ms: 89_999)
    #expect(await attempt(next, TestWorld.password).retryAfterMs == 1)
    world.clock.advance(ms: 1)
    #expect(await attempt(next, TestWorld.password).code == nil)
  }

  @Test func `valid tokens are never limited, wrong ones count as log-ins`() async throws {
    let world = try await TestWorld(limitedBy: "")
    let alice = await world.person("alice")
    let token = await alice("TOKEN", "NEW")["token"]?.string ?? ""
    for _ in 0..<30 {
      #expect(await world.connect()("AUTH", token) == .ok)
      #expect(await world.connect()("HELLO", "2", "AUTH", "default", token).code == nil)
    }
    let stranger = await world.connect()
    for _ in 0..<10 { #expect(await stranger("AUTH", "no token") == Self.wrong) }
    #expect(await stranger("AUTH", "no token").retryAfterMs == 90_000)
    #expect(await stranger("AUTH", "alice", TestWorld.password).retryAfterMs == 90_000)
    #expect(await world.connect()("AUTH", token) == .ok)
  }

  /// Tries to log in from a new address each time; answers the reply and how often a password was
  /// checked.
  private func attempt(
    _ world: TestWorld, _ number: Int, _ name: String, _ password: String
  ) async -> (Reply, checks: Int) {
    let stranger = await world.connect(from: "10.1.\(number / 250).\(number % 250)")
    let before = world.hasher.verifyCount
    let reply = await stranger("AUTH", name, password)
    return (reply, world.hasher.verifyCount - before)
  }

  @Test func `unknown, wrong and locked answer alike after the same work`() async throws {
    let world = try await TestWorld(limitedBy: "")
    _ = await world.person("alice")
    for (offset, name) in [(0, "alice"), (1_000, "nobody")] {
      for number in 0..<25 {
        // From the eleventh on the name is locked; then even the right password is wrong.
        let password = number < 10 ? "not this one" : TestWorld.password
        let (reply, checks) = await attempt(world, offset + number, name, password)
        #expect(reply == Self.wrong && checks == 1, "\(name) \(number)")
      }
    }
    // Both names were counted in the same way.
    #expect(world.count("limits_refused_wrong_passwords") == 30)
    #expect(world.count("limits_tracked_usernames") == 2)
  }

  @Test func `a lock ends by itself, and grows as guessing goes on`() async throws {
    let world = try await TestWorld(limitedBy: "wrong-passwords 3/1m 5/1h")
    _ = await world.person("alice")
    for number in 0..<3 { _ = await attempt(world, number, "alice", "not this one") }
    world.clock.advance(ms: 19_999)
    #expect(await attempt(world, 3, "alice", TestWorld.password).0 == Self.wrong)
    world.clock.advance(ms: 1)
    #expect(await attempt(world, 4, "alice", TestWorld.password).0 == .ok)
    // The right password cost nothing: two more wrong ones, then the hour's allowance is used up.
    for number in 5..<7 {
      _ = await attempt(world, number, "alice", "not this one")
      world.clock.advance(ms: 20_000)
    }
    #expect(await attempt(world, 8, "alice", TestWorld.password).0 == Self.wrong)
    // A token of the hour's allowance comes every 720 s; 60 s have passed since the first was used.
    world.clock.advance(ms: 659_999)
    #expect(await attempt(world, 9, "alice", TestWorld.password).0 == Self.wrong)
    world.clock.advance(ms: 1)
    #expect(await attempt(world, 10, "alice", TestWorld.password).0 == .ok)
  }

  @Test func `who logged in lately is not locked out from there, and tokens go on`() async throws {
    let world = try await TestWorld(limitedBy: "")
    let alice = await world.person("alice")
    let token = await alice("TOKEN", "NEW")["token"]?.string ?? ""
    let office = await world.connect(from: "10.0.0.5")
    #expect(await office("AUTH", "alice", TestWorld.password) == .ok)
    for number in 0..<50 { _ = await attempt(world, number, "alice", "not this one") }
    #expect(await attempt(world, 50, "alice", TestWorld.password).0 == Self.wrong)
    #expect(await office("AUTH", "alice", TestWorld.password) == .ok)
    #expect(await world.connect()("AUTH", "alice", TestWorld.password) == .ok)
    #expect(await world.connect(from: "10.9.9.9")("AUTH", token) == .ok)
    // A familiar place has an allowance of its own, and no more than that.
    for _ in 0..<8 {
      #expect(await office("AUTH", "alice", "not this one") == Self.wrong)
      world.clock.advance(ms: 1)
    }
    #expect(await office("AUTH", "alice", TestWorld.password).code == "LIMIT")
  }

  @Test func `a familiar place can be locked too, for others it stays open`() async throws {
    let world = try await TestWorld(limitedBy: "logins-per-address off\nwrong-passwords 2/1m")
    _ = await world.person("alice")
    let home = await world.connect()
    for _ in 0..<2 { #expect(await home("AUTH", "alice", "not this one") == Self.wrong) }
    #expect(await home("AUTH", "alice", TestWorld.password) == Self.wrong)
    let elsewhere = await world.connect(from: "10.0.0.1")
    #expect(await elsewhere("AUTH", "alice", TestWorld.password) == .ok)
    world.clock.advance(ms: 30_000)
    #expect(await home("AUTH", "alice", TestWorld.password) == .ok)
  }

  @Test func `attempts at the same time do not exceed the allowance together`() async throws {
    let world = try await TestWorld(limitedBy: "wrong-passwords 3/1m")
    _ = await world.person("alice")
    world.hasher.hold()
    var strangers: [TestConnection] = []
    for number in 0..<4 {
      let stranger = await world.connect(from: "10.0.0.\(number)")
      await stranger.send("AUTH", "alice", number < 3 ? "not this one" : TestWorld.password)
      strangers.append(stranger)
      while world.hasher.waitingCount < strangers.count { await Task.yield() }
    }
    world.hasher.letGo()
    for stranger in strangers { #expect(await stranger.next() == Self.wrong) }
  }

  @Test func `a wrong old password counts as a guess, and a locked one is as wrong`() async throws {
    let world = try await TestWorld(
      limitedBy: "wrong-passwords 2/1m\nlogins off\nlogins-per-address off")
    let alice = await world.person("alice")
    let isWrong = await alice("PASSWORD", "not this one", "another password")
    #expect(isWrong.code == "DENIED")
    #expect(await alice("PASSWORD", "not this one", "another password") == isWrong)
    let before = world.hasher.verifyCount
    #expect(await alice("PASSWORD", TestWorld.password, "another password") == isWrong)
    #expect(world.hasher.verifyCount == before + 1)
    world.clock.advance(ms: 30_000)
    #expect(await alice("PASSWORD", TestWorld.password, "another password") == .ok)
  }
}
