import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct AccountTests {
  private func service(_ world: TestWorld) async throws -> TestConnection {
    let admin = try await world.admin()
    let token = await admin("TOKEN", "NEW", "SCOPE", "service")["token"]?.string ?? ""
    let service = await world.connect()
    #expect(await service("AUTH", token) == .ok)
    return service
  }

  @Test func `a service acts for others and as nobody more than them`() async throws {
    let world = try await TestWorld()
    let service = try await service(world)
    _ = await world.person("alice")
    let post = await service("AS", "alice", "POST", "hello", "KEY", "k").string ?? ""
    #expect(await service("GET", post)["author"]?.string == "alice")
    #expect(await service("AS", "alice", "POST", "hello", "KEY", "k").string == post)
    #expect(await service("WHOAMI")["username"]?.string == "admin")
    for words in [
      ["TOKEN", "NEW"], ["TOKEN", "LIST"], ["PASSWORD", "a", "b"], ["AS", "alice", "HOME"],
      ["LOGOUT"],
      ["AUTH", "alice", "b"], ["SUBSCRIBE", "home"], ["JOURNAL", "INFO"], ["SHUTDOWN"],
      ["CLIENT", "LIST"], ["SIGNUP", "carol", TestWorld.password], ["INFO"],
    ] {
      for name in ["alice", "admin"] {
        #expect(await service.call(["AS", name] + words).code == "DENIED", "\(name) \(words)")
      }
    }
    #expect(await service("AS", "admin", "RELATION", "alice")["blocked_by"] == .integer(0))
    #expect(await service("AS", "nobody", "HOME").code == "NOTFOUND")
    #expect(await service("AS", "alice").code == "ERR")
    #expect(await service("AS", "alice", "NONSENSE").code == "ERR")
    #expect(await service("JOURNAL", "INFO").code == "DENIED")
    let alice = await world.person("alice2")
    #expect(await alice("AS", "alice", "HOME").code == "DENIED")
  }

  @Test(arguments: ["read", "write", "service", "moderator", "admin"])
  func `a token for oneself gives no more than one has`(_ scope: String) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let isOwn = scope == "read" || scope == "write"
    let reply = await alice("TOKEN", "NEW", "SCOPE", scope)
    #expect(reply.code == (isOwn ? nil : "DENIED"))
    guard isOwn else { return }
    let other = await world.connect()
    #expect(await other("AUTH", reply["token"]?.string ?? "") == .ok)
    #expect(await other("POST", "hello").code == (scope == "read" ? "DENIED" : nil))
    #expect(await other("TOKEN", "NEW").code == (scope == "read" ? "DENIED" : nil))
    #expect(await other("HOME").code == nil)
  }

  @Test func `a token that expires ends what an open connection may do`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let token = await alice("TOKEN", "NEW", "TTL", "10")["token"]?.string ?? ""
    let app = await world.connect()
    #expect(await app("AUTH", token) == .ok)
    #expect(await app("SUBSCRIBE", "home").elements.count == 3)
    world.clock.advance(ms: 9_999)
    #expect(await app("HOME").code == nil)
    world.clock.advance(ms: 1)
    #expect(await app("HOME").code == "NOAUTH")
    #expect(await app("WHOAMI") == .null)
    #expect(await app("AUTH", token).code == "NOAUTH")
    #expect(await world.subscriptionsCount == 0)
  }

  @Test func `an expired token hears nothing more of what happens`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let token = await alice("TOKEN", "NEW", "TTL", "10")["token"]?.string ?? ""
    let app = await world.connect()
    #expect(await app("AUTH", token) == .ok)
    #expect(await app("SUBSCRIBE", "home").elements.count == 3)
    world.clock.advance(ms: 10_000)
    #expect(await alice("POST", "for mine").code == nil)
    #expect(await app.next() == .null)
  }

  @Test func `a revoked token is dead everywhere, also for who connects again at once`()
    async throws
  {
    let world = try await TestWorld(shards: 2, isAutomatic: false)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await alice.send("TOKEN", "NEW")
    await world.settle()
    try world.commit()
    _ = await alice.next()
    let issued = await alice.next()
    let token = issued["token"]?.string ?? ""
    let first = await world.connect()
    #expect(await first("AUTH", token) == .ok)
    await alice.send("TOKEN", "REVOKE", issued["id"]?.string ?? "")
    #expect(await first.next() == .null)
    await world.settle()
    let second = await world.connect()
    #expect(await second("AUTH", token) == .ok)
    try world.commit()
    #expect(await alice.next() == .ok)
    #expect(await second.next() == .null)
    let third = await world.connect()
    #expect(await third("AUTH", token).code == "NOAUTH")
  }

  @Test func `a wrong name, a wrong password and no password are one answer`() async throws {
    let world = try await TestWorld()
    _ = try await world.admin()
    _ = await world.person("alice")
    let stranger = await world.connect()
    var replies: [Reply] = []
    for (name, password) in [
      ("alice", "not this one"), ("nobody", TestWorld.password), ("admin", TestWorld.password),
      ("!", TestWorld.password), ("alice", ""), ("alice", TestWorld.password + "\u{301}"),
    ] {
      replies.append(await stranger("AUTH", name, password))
    }
    replies.append(await stranger("AUTH", "no token"))
    #expect(Set(replies.map { "\($0)" }).count == 1)
    #expect(replies[0].code == "NOAUTH")
  }

  @Test func `a password is changed by who knows the old one`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    #expect(await alice("PASSWORD", "a wrong password", "another password").code == "DENIED")
    #expect(await alice("PASSWORD", TestWorld.password, "short").code == "INVALID")
    #expect(await alice("PASSWORD", TestWorld.password, "another password") == .ok)
    #expect(await alice("HOME").code == nil)
    let again = await world.connect()
    #expect(await again("AUTH", "alice", TestWorld.password).code == "NOAUTH")
    #expect(await again("AUTH", "ALICE", "another password") == .ok)
  }

  @Test func `an admin says who is who they say, and the profile shows it`() async throws {
    let world = try await TestWorld(shards: 2)
    let admin = try await world.admin()
    let alice = await world.person("alice")
    #expect(await alice("PROFILE", "alice")["verified"]?.int == 0)
    #expect(await alice("VERIFY", "alice", "on").code == "DENIED")
    #expect(await admin("VERIFY", "alice", "on", "KEY", "k") == .ok)
    #expect(await admin("VERIFY", "alice", "on", "KEY", "k") == .ok)
    #expect(await admin("VERIFY", "alice", "off", "KEY", "k").code == "CONFLICT")
    #expect(await alice("PROFILE", "alice")["verified"]?.int == 1)
    let position = world.journal.enqueued
    #expect(await admin("VERIFY", "@alice", "ON") == .ok)
    #expect(world.journal.enqueued == position)
    #expect(await admin("VERIFY", "alice", "on", "KEY", "again") == .ok)
    #expect(await admin("VERIFY", "alice", "off") == .ok)
    #expect(await alice("PROFILE", "alice")["verified"]?.int == 0)
    #expect(await admin("VERIFY", "alice", "maybe").code == "INVALID")
    #expect(await admin("VERIFY", "nobody", "on").code == "NOTFOUND")
  }

  @Test func `a username may be written with an @ in front`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    _ = await world.person("bob")
    #expect(await alice("PROFILE", "@bob")["username"]?.string == "bob")
    #expect(await alice("FOLLOW", "@Bob").string == "following")
    #expect(await alice("PROFILE", "@@bob").code == "INVALID")
    #expect(await alice("PROFILE", "@bo").code == "INVALID")
    let again = await world.connect()
    #expect(await again("AUTH", "@alice", TestWorld.password) == .ok)
  }

  @Test func `whoever becomes another stops hearing what the first could hear`() async throws {
    let world = try await TestWorld()
    let reader = await world.person("alice")
    #expect(await reader("SUBSCRIBE", "home").elements.count == 3)
    #expect(await reader("SIGNUP", "bob", TestWorld.password)["username"]?.string == "bob")
    await world.settle()
    #expect(await world.subscriptionsCount == 0)
    let alice = await world.connect()
    #expect(await alice("AUTH", "alice", TestWorld.password) == .ok)
    await alice("POST", "mine")
    await world.settle()
    #expect(reader.pending() == [])
    let anonymous = await world.connect()
    #expect(await anonymous("SUBSCRIBE", "tag:swift").elements.count == 3)
    #expect(await anonymous("AUTH", "alice", TestWorld.password) == .ok)
    #expect(await world.subscriptionsCount == 1)
    #expect(await anonymous("LOGOUT") == .ok)
    #expect(await world.subscriptionsCount == 0)
  }

  @Test func `several fields of a profile change at once, or none`() async throws {
    let world = try await TestWorld()
    let anna = await world.person("anna")
    let before = world.journal.enqueued.raw
    let words = ["PROFILE", "SET", "name", "Anna", "BIO", "Here", "private", "on", "KEY", "k"]
    #expect(await anna.call(words) == .ok)
    #expect(world.journal.enqueued.raw == before + 1)
    #expect(await anna.call(words) == .ok)
    let profile = await anna("PROFILE", "anna")
    #expect(profile["name"] == .text("Anna") && profile["bio"] == .text("Here"))
    #expect(profile["private"] == .integer(1))
    for wrong in [["name", "A", "bio"], ["name", "A", "name", "B"], ["name", "A", "size", "9"]] {
      #expect(await anna.call(["PROFILE", "SET"] + wrong).code == "INVALID", "\(wrong)")
    }
    #expect(await anna("PROFILE", "SET", "bio", "There", "private", "perhaps").code == "INVALID")
    #expect(await anna("PROFILE", "anna")["bio"] == .text("Here"))
    #expect(await anna("PROFILE", "SET", "name", "key") == .ok)
    #expect(await anna("PROFILE", "anna")["name"] == .text("key"))
  }
}
