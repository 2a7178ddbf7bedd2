import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// How log-ins end: by revocation, by a new password, by the clock.
@Suite(.timeLimit(.minutes(1)))
struct SessionEndTests {
  private func token(
    _ person: TestConnection, _ words: String...
  ) async -> (id: String, text: String) {
    let reply = await person.call(["TOKEN", "NEW"] + words)
    return (reply["id"]?.string ?? "", reply["token"]?.string ?? "")
  }

  @Test func `revoking a token ends its connections and what they subscribe to, no others`()
    async throws
  {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let (id, text) = await token(alice)
    let (_, otherText) = await token(alice)
    var phones: [TestConnection] = []
    for _ in 0..<4 {
      let phone = await world.connect()
      #expect(await phone("AUTH", text) == .ok)
      #expect(await phone("SUBSCRIBE", "home").elements.count == 3)
      phones.append(phone)
    }
    let tablet = await world.connect()
    #expect(await tablet("AUTH", otherText) == .ok)
    // From a connection that came with another token.
    #expect(await tablet("TOKEN", "REVOKE", id) == .ok)
    for phone in phones { #expect(await phone.next() == .null) }
    #expect(await alice("POST", "for those who listen").code == nil)
    await world.settle()
    for phone in phones { #expect(phone.pending() == []) }
    #expect(await tablet("HOME").code == nil)
    #expect(await alice("HOME").code == nil)
    #expect(await alice("TOKEN", "REVOKE", id).code == "NOTFOUND")
  }

  @Test func `whoever revokes their own token gets the answer, then the end`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let (id, text) = await token(alice)
    let phone = await world.connect()
    #expect(await phone("AUTH", text) == .ok)
    #expect(await phone("TOKEN", "REVOKE", id) == .ok)
    #expect(await phone.next() == .null)
  }

  @Test func `nobody revokes another's token`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let (id, text) = await token(alice)
    let phone = await world.connect()
    #expect(await phone("AUTH", text) == .ok)
    let bob = await world.person("bob")
    #expect(await bob("TOKEN", "REVOKE", id).code == "NOTFOUND")
    #expect(await phone("HOME").code == nil)
  }

  @Test func `a new password ends all other tokens and connections of the person`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let (_, text) = await token(alice)
    let phone = await world.connect()
    #expect(await phone("AUTH", text) == .ok)
    let desk = await world.connect()
    #expect(await desk("AUTH", "alice", TestWorld.password) == .ok)
    #expect(await alice("SUBSCRIBE", "home").elements.count == 3)
    #expect(await alice("PASSWORD", TestWorld.password, "another password") == .ok)
    #expect(await phone.next() == .null)
    #expect(await desk.next() == .null)
    #expect(await alice("TOKEN", "LIST").elements == [])
    // The connection that asked goes on, and hears what it subscribed to.
    #expect(await alice("FOLLOW", "bob").string == "following")
    #expect(await bob("POST", "hello").code == nil)
    #expect("\(await alice.next())".contains("hello"))
    let again = await world.connect()
    #expect(await again("AUTH", text).code == "NOAUTH")
    #expect(await again("AUTH", "alice", "another password") == .ok)
    #expect(await again("HOME").code == nil)
    #expect(await bob("HOME").code == nil)
  }

  @Test func `a password changed by who came with a token keeps that token`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let (id, text) = await token(alice)
    _ = await token(alice)
    let phone = await world.connect()
    #expect(await phone("AUTH", text) == .ok)
    #expect(await phone("PASSWORD", TestWorld.password, "another password") == .ok)
    #expect(await alice.next() == .null)
    #expect(await phone("TOKEN", "LIST").elements.map { $0["id"]?.string } == [id])
    let again = await world.connect()
    #expect(await again("AUTH", text) == .ok)
  }

  @Test func `a change of password that is repeated with its key is answered as before`()
    async throws
  {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    for _ in 0..<3 { _ = await token(alice) }
    let change = ["PASSWORD", TestWorld.password, "another password", "KEY", "k"]
    #expect(await alice.call(change) == .ok)
    #expect(await alice.call(change) == .ok)
    let other = ["PASSWORD", TestWorld.password, "a third password", "KEY", "k"]
    #expect(await alice.call(other).code == "CONFLICT")
    let (_, text) = await token(alice)
    #expect(await alice.call(change) == .ok)
    let phone = await world.connect()
    #expect(await phone("AUTH", text) == .ok)
    #expect(await phone.call(change) == .ok)
  }

  @Test func `a log-in with the old password that is under way leads nowhere`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let thief = await world.connect()
    world.hasher.hold()
    await thief.send("AUTH", "alice", TestWorld.password)
    while world.hasher.waitingCount == 0 { await world.settle() }
    let name = try #require(Username("alice"))
    let user = try #require(world.engine.names.id(of: name))
    let entity = try world.service.user(user)
    let secret = Secret([.passwordHash: "$quick$\(stableHash64(of: "another password"))"])
    let changed = try await entity.perform(.changePassword(secret: secret), by: user)
    await world.engine.reached(changed.position)
    world.hasher.letGo()
    #expect(await thief.next() == .ok)
    #expect(await thief("HOME").code == "NOAUTH")
    #expect(await thief("WHOAMI") == .null)
    #expect(await alice("HOME").code == "NOAUTH")
  }

  @Test func `a sign-up that is repeated after a change of password does not log in`()
    async throws
  {
    let world = try await TestWorld()
    let signUp = ["SIGNUP", "alice", TestWorld.password, "KEY", "k"]
    let alice = await world.connect()
    #expect(await alice.call(signUp)["username"]?.string == "alice")
    #expect(await alice("PASSWORD", TestWorld.password, "another password") == .ok)
    let thief = await world.connect()
    #expect(await thief.call(signUp).code == "CONFLICT")
    #expect(await thief("WHOAMI") == .null)
  }

  @Test(arguments: [
    ["PASSWORD", TestWorld.password, "a third password"],
    ["ERASE", TestWorld.password],
  ])
  func `what was asked for with the old password does not come after the new one`(
    _ words: [String]
  ) async throws {
    let world = try await TestWorld()
    let thief = await world.person("alice")
    world.hasher.hold()
    await thief.send(words)
    while world.hasher.waitingCount == 0 { await world.settle() }
    let user = try #require(world.engine.names.id(of: Username("alice")!))
    let secret = Secret([.passwordHash: "$quick$\(stableHash64(of: "another password"))"])
    let entity = try world.service.user(user)
    let changed = try await entity.perform(.changePassword(secret: secret), by: user)
    await world.engine.reached(changed.position)
    world.hasher.letGo()
    #expect(await thief.next().code == "DENIED")
    let alice = await world.connect()
    #expect(await alice("AUTH", "alice", "another password") == .ok)
    #expect(await alice("HOME").code == nil)
  }

  @Test func `a log-in leaves no token behind that is made after its end`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let thief = await world.connect()
    await thief.send("SIGNUP", "alice", TestWorld.password)
    await world.settle()
    try world.commit()
    _ = await thief.next()
    let user = try #require(world.engine.names.id(of: Username("alice")!))
    let secret = Secret([.passwordHash: "$quick$another"])
    let entity = try world.service.user(user)
    // Not known to the sessions yet: it is not durable.
    _ = try await entity.perform(.changePassword(secret: secret), by: user)
    await thief.send("TOKEN", "NEW")
    await world.settle()
    try world.commit()
    #expect(await thief.next().code == "DENIED")
    #expect(await entity.read { $0.own.tokens.isEmpty }.value)
  }

  @Test func `tokens are listed with what they are, and when they were last used`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let made = world.clock.now
    let (id, text) = await token(alice, "LABEL", "phone", "SCOPE", "read", "TTL", "60")
    let list = await alice("TOKEN", "LIST").elements
    #expect(list.count == 1)
    #expect(list[0]["id"]?.string == id)
    #expect(list[0]["label"]?.string == "phone")
    #expect(list[0]["scope"]?.string == "read")
    #expect(list[0]["created_at"]?.int == made.ms)
    #expect(list[0]["expires_at"]?.int == made.ms + 60_000)
    #expect(list[0]["last_used_at"] == .null)
    world.clock.advance(ms: 500)
    let phone = await world.connect()
    #expect(await phone("AUTH", text) == .ok)
    #expect(await alice("TOKEN", "LIST").elements[0]["last_used_at"]?.int == made.ms + 500)
    world.clock.advance(ms: 59_500)
    #expect(await alice("TOKEN", "LIST").elements == [])
  }

  @Test func `unknown, wrong and erased cost one check of a password each`() async throws {
    let world = try await TestWorld()
    _ = try await world.admin()
    _ = await world.person("alice")
    let bob = await world.person("bob")
    #expect(await bob("ERASE", TestWorld.password) == .ok)
    let stranger = await world.connect()
    var costs: Set<[Int]> = []
    for name in ["alice", "nobody", "admin", "bob", "!", "@alice", ""] {
      let before = (world.hasher.verifyCount, world.hasher.hashCount)
      #expect(await stranger("AUTH", name, "not the password").code == "NOAUTH")
      costs.insert([
        world.hasher.verifyCount - before.0, world.hasher.hashCount - before.1,
      ])
    }
    #expect(costs == [[1, 0]])
  }
}
