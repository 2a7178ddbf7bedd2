import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct PresenceTests {
  /// Two friends, one who only follows, and a stranger.
  private struct Town {
    let world: TestWorld
    let alice: TestConnection
    let bob: TestConnection

    init(shards: Int = 2) async throws {
      world = try await TestWorld(shards: shards)
      alice = await world.person("alice")
      bob = await world.person("bob")
      _ = await alice("FOLLOW", "bob")
      _ = await bob("FOLLOW", "alice")
      await world.rest()
    }

    /// Time goes by, and the server looks for what it has brought.
    func wait(ms: Int64) async {
      await world.rest()
      world.clock.advance(ms: ms)
      await world.service.live.tick()
      await world.rest()
    }

    func presence(of name: String, to viewer: TestConnection) async -> String {
      let item = await viewer("PRESENCE", name).elements.first
      let seen = item?["last_seen"]?.int.map { "\($0)" } ?? "null"
      return "\(item?["status"]?.string ?? "") \(seen)"
    }
  }

  private func summaries(_ connection: TestConnection) -> [String] {
    connection.events().map {
      "\($0["username"] ?? "") \($0["status"] ?? "") \($0["last_seen"] ?? "null")"
    }
  }

  @Test func `friends see each other come and go`() async throws {
    let town = try await Town()
    _ = await town.alice("SUBSCRIBE", "presence")
    #expect(await town.presence(of: "bob", to: town.alice) == "online null")
    let second = await town.world.listener(as: "bob")
    await town.bob.session.close()
    await town.wait(ms: 10_000)
    #expect(await town.presence(of: "bob", to: town.alice) == "online null")
    #expect(summaries(town.alice) == [])
    let left = town.world.clock.now.ms
    await second.session.close()
    await town.wait(ms: Presence.graceMs - 1)
    #expect(await town.presence(of: "bob", to: town.alice) == "offline \(left)")
    #expect(summaries(town.alice) == [])
    await town.wait(ms: 1)
    #expect(summaries(town.alice) == ["bob offline \(left)"])
    let third = await town.world.listener(as: "bob")
    await town.wait(ms: 0)
    #expect(summaries(town.alice) == ["bob online null"])
    await third.session.close()
  }

  @Test func `a reconnect within two seconds is not told`() async throws {
    let town = try await Town()
    _ = await town.alice("SUBSCRIBE", "presence")
    var connection = town.bob
    for _ in 0..<20 {
      await connection.session.close()
      await town.wait(ms: Presence.graceMs - 1)
      connection = await town.world.listener(as: "bob")
      await town.wait(ms: 0)
    }
    await town.wait(ms: 60_000)
    #expect(summaries(town.alice) == [])
  }

  @Test(arguments: ["LOGOUT", "RESET", "KILL"])
  func `who logs out or is ended has gone`(_ how: String) async throws {
    let town = try await Town()
    if how == "KILL" { await town.bob.session.kill() } else { _ = await town.bob(how) }
    let left = town.world.clock.now.ms
    #expect(await town.presence(of: "bob", to: town.alice) == "offline \(left)")
  }

  @Test func `what a service does for somebody does not make them present`() async throws {
    let town = try await Town()
    await town.bob.session.close()
    let left = town.world.clock.now.ms
    let service = try await town.world.admin()
    #expect(await service("AS", "bob", "POST", "hello").string != nil)
    #expect(await town.presence(of: "bob", to: town.alice) == "offline \(left)")
  }

  @Test func `presence is shared with friends alone`() async throws {
    let town = try await Town()
    let fan = await town.world.person("fan")
    _ = await fan("FOLLOW", "bob")
    let idol = await town.world.person("idol")
    _ = await town.bob("FOLLOW", "idol")
    let blocker = await town.world.person("blocker")
    let blocked = await town.world.person("blocked")
    for (one, name) in [(blocker, "blocker"), (blocked, "blocked")] {
      _ = await one("FOLLOW", "bob")
      _ = await town.bob("FOLLOW", name)
    }
    _ = await blocker("BLOCK", "bob")
    _ = await town.bob("BLOCK", "blocked")
    await town.world.rest()
    let others = [fan, idol, blocker, blocked]
    for other in others {
      _ = await other("SUBSCRIBE", "presence")
      #expect(await town.presence(of: "bob", to: other) == "offline null")
      #expect(await town.presence(of: "nobody", to: other) == "offline null")
    }
    #expect(await town.presence(of: "bob", to: town.bob) == "online null")
    await town.bob.session.close()
    await town.wait(ms: Presence.graceMs)
    for other in others { #expect(summaries(other) == []) }
    #expect(await town.world.connect()("PRESENCE", "bob").code == "NOAUTH")
  }

  @Test func `who is a friend no more hears nothing more`() async throws {
    let town = try await Town(shards: 1)
    _ = await town.alice("SUBSCRIBE", "presence")
    _ = await town.bob("UNFOLLOW", "alice")
    await town.bob.session.close()
    await town.wait(ms: Presence.graceMs)
    #expect(summaries(town.alice) == [])
  }

  @Test func `so many are asked about at once and no more`() async throws {
    let town = try await Town()
    let names = (0..<presenceNamesMax).map { "n\(1_000 + $0)" }
    #expect(await town.alice.call(["PRESENCE"] + names).elements.count == presenceNamesMax)
    #expect(await town.alice.call(["PRESENCE", "bob"] + names).code == "INVALID")
  }

  @Test func `of so many it is known when they left, and the oldest is forgotten`() {
    let presence = Presence(rememberedMax: 3)
    for number in 1...4 {
      let user = UserID(UInt64(number))
      _ = presence.enter(user)
      presence.leave(user, at: Instant(ms: Int64(number)))
      #expect(presence.rememberedCount == min(number, 3))
    }
    #expect(presence.status(of: UserID(1)) == .unknown)
    for number in 2...4 {
      #expect(presence.status(of: UserID(UInt64(number))).lastSeen?.ms == Int64(number))
    }
  }

  @Test func `who comes and goes without end takes no more room`() {
    var times = TimesByAge(countMax: 10)
    for number in 0..<50_000 {
      times.set(UserID(UInt64(number % 3 + 1)), Instant(ms: Int64(number)))
      if number.isMultiple(of: 5) { times.remove(UserID(1)) }
    }
    #expect(times.count <= 3)
    #expect(times.roomUsed <= 2 * 3 + 1_025)
    let left = times.count
    let taken = times.take(through: Instant(ms: 60_000))
    #expect(taken.count == left && times.count == 0 && times.roomUsed == 0)
  }
}
