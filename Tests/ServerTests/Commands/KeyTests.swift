import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite
struct KeyTests {
  /// Each mutation with what must be there before it, and one with other arguments. `%p` is a post
  /// of bob, `%a` one of alice, `%c` a group of both, `%m` a message in it, `%i` and `%j` inbox
  /// items, `%l` a list of alice.
  static let mutations: [(words: [String], others: [String])] = [
    (["POST", "hello"], ["POST", "bye"]),
    (["REPLY", "%p", "hello"], ["REPLY", "%p", "bye"]),
    (["DELETE", "%a"], ["DELETE", "%p"]),
    (["LIKE", "%p"], ["LIKE", "%a"]),
    (["UNLIKE", "%p"], ["UNLIKE", "%a"]),
    (["SHARE", "%p"], ["SHARE", "%a"]),
    (["UNSHARE", "%p"], ["UNSHARE", "%a"]),
    (["FOLLOW", "bob"], ["FOLLOW", "carol"]),
    (["UNFOLLOW", "bob"], ["UNFOLLOW", "carol"]),
    (["BLOCK", "carol"], ["BLOCK", "bob"]),
    (["UNBLOCK", "carol"], ["UNBLOCK", "bob"]),
    (["MUTE", "carol"], ["MUTE", "bob"]),
    (["UNMUTE", "carol"], ["UNMUTE", "bob"]),
    (["PROFILE", "SET", "name", "Alice"], ["PROFILE", "SET", "name", "Bob"]),
    (["PROFILE", "SET", "private", "off"], ["PROFILE", "SET", "private", "on"]),
    (["CHAT", "NEW", "bob"], ["CHAT", "NEW", "carol"]),
    (["CHAT", "NEW", "bob", "carol", "TITLE", "t"], ["CHAT", "NEW", "bob", "TITLE", "u"]),
    (["CHAT", "LEAVE", "%c"], ["CHAT", "LEAVE", "%d"]),
    (["SAY", "%c", "hello"], ["SAY", "%c", "bye"]),
    (["DM", "bob", "hello"], ["DM", "bob", "bye"]),
    (["DM", "alice", "note"], ["DM", "alice", "other"]),
    (["READ", "%c", "%m"], ["READ", "%d", "%m"]),
    (["INBOX", "READ", "%i", "%j"], ["INBOX", "READ", "ALL"]),
    (["INBOX", "READ", "ALL"], ["INBOX", "READ", "%i"]),
    (["LIST", "NEW", "Friends"], ["LIST", "NEW", "Others"]),
    (["LIST", "ADD", "%l", "bob"], ["LIST", "ADD", "%l", "carol"]),
    (["LIST", "REMOVE", "%l", "bob"], ["LIST", "REMOVE", "%l", "carol"]),
    (["LIST", "DROP", "%l"], ["LIST", "DROP", "%p"]),
    (["HASHTAG", "FOLLOW", "cern"], ["HASHTAG", "FOLLOW", "lhc"]),
    (["HASHTAG", "UNFOLLOW", "cern"], ["HASHTAG", "UNFOLLOW", "lhc"]),
    (["BOOKMARK", "%p"], ["BOOKMARK", "%a"]),
    (["UNBOOKMARK", "%p"], ["UNBOOKMARK", "%a"]),
    (["PIN", "%a"], ["PIN", "%p"]),
    (["UNPIN", "%a"], ["UNPIN", "%p"]),
    (["REPORT", "bob", "spam"], ["REPORT", "bob", "eggs"]),
    (
      ["PASSWORD", TestWorld.password, "another password"],
      ["PASSWORD", "another password", "third one"]
    ),
  ]

  @Test(arguments: mutations.indices)
  func `a repeated key gets the first reply and nothing happens`(_ index: Int) async throws {
    let (words, others) = Self.mutations[index]
    let world = try await TestWorld(shards: 2)
    let names = try await Self.furnish(world)
    let fill = { (words: [String]) in words.map { names[$0] ?? $0 } }
    let alice = await world.connect()
    #expect(await alice("AUTH", "alice", TestWorld.password) == .ok)
    let first = await alice.call(fill(words) + ["KEY", "k1"])
    #expect(first.code == nil, "\(first)")
    let enqueued = world.journal.enqueued
    let again = await alice.call(fill(words) + ["KEY", "k1"])
    #expect(again == first)
    await world.settle()
    let other = await world.connect()
    let password = words[0] == "PASSWORD" ? words[2] : TestWorld.password
    #expect(await other("AUTH", "alice", password) == .ok)
    #expect(await other.call(fill(words) + ["KEY", "k1"]) == first)
    #expect(await other.call(fill(others) + ["KEY", "k1"]).code == "CONFLICT")
    #expect(world.journal.enqueued == enqueued)
    let bob = await world.connect()
    #expect(await bob("AUTH", "bob", TestWorld.password) == .ok)
    #expect(await bob("POST", "mine", "KEY", "k1").code == nil)
  }

  /// alice, bob and carol, with what the mutations name.
  private static func furnish(_ world: TestWorld) async throws -> [String: String] {
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    var names: [String: String] = [:]
    names["%a"] = await alice("POST", "by alice").string
    names["%p"] = await bob("POST", "by bob").string
    names["%c"] = await alice("CHAT", "NEW", "bob", "carol").string
    names["%d"] = await alice("CHAT", "NEW", "bob", "carol", "TITLE", "second").string
    names["%m"] = await bob("SAY", names["%c"] ?? "", "hi").string
    names["%l"] = await alice("LIST", "NEW", "by alice").string
    await carol("FOLLOW", "alice")
    await carol("LIKE", names["%a"] ?? "")
    let inbox = await alice("INBOX").items
    names["%i"] = try #require(inbox.first?["id"]?.string)
    names["%j"] = try #require(inbox.last?["id"]?.string)
    #expect(names.count == 8)
    return names
  }

  @Test func `a repeated sign-up with its key is that person, with another password not`()
    async throws
  {
    let world = try await TestWorld()
    let words = ["SIGNUP", "dora", TestWorld.password, "NAME", "Dora", "KEY", "s1"]
    let first = await (await world.connect()).call(words)
    #expect(first["username"]?.string == "dora")
    let again = await world.connect()
    #expect(await again.call(words) == first)
    #expect(await again("WHOAMI")["username"]?.string == "dora")
    for (index, word) in [(2, "another password"), (4, "Bora"), (6, "s2")] {
      var others = words
      others[index] = word
      #expect(await (await world.connect()).call(others).code == "CONFLICT", "\(word)")
    }
  }

  @Test func `a token is shown once, also to who repeats its key`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice", .three)
    let first = await alice("TOKEN", "NEW", "KEY", "t")
    let again = await alice("TOKEN", "NEW", "KEY", "t")
    #expect(first["id"] == again["id"])
    #expect(first["token"]?.string?.hasPrefix("roost_") == true)
    #expect(again["token"] == .null)
    #expect(await alice("TOKEN", "LIST").elements.count == 1)
  }

  @Test func `a refused command leaves its key free`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    #expect(await alice("FOLLOW", "bob", "KEY", "f").code == "NOTFOUND")
    _ = await world.person("bob")
    #expect(await alice("FOLLOW", "bob", "KEY", "f").string == "following")
  }

  @Test func `one key on two connections at once happens once`() async throws {
    let world = try await TestWorld(shards: 2)
    _ = await world.person("alice")
    var connections: [TestConnection] = []
    for _ in 0..<4 {
      let connection = await world.connect()
      #expect(await connection("AUTH", "alice", TestWorld.password) == .ok)
      connections.append(connection)
    }
    for number in 0..<50 {
      for connection in connections { await connection.send("POST", "hello", "KEY", "\(number)") }
      var ids: Set<String?> = []
      for connection in connections { ids.insert(await connection.next().string) }
      #expect(ids.count == 1 && !ids.contains(nil))
    }
    #expect(await connections[0]("PROFILE", "alice")["posts"] == .integer(50))
  }

  @Test(arguments: [(0, "INVALID"), (1, nil), (128, nil), (129, "INVALID")])
  func `a key has 1 to 128 bytes`(_ length: Int, _ code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let key = String(repeating: "k", count: length)
    #expect(await alice("POST", "hello", "KEY", key).code == code)
    let other = await world.connect()
    #expect(await other("SIGNUP", "dora", TestWorld.password, "KEY", key).code == code)
  }

  @Test func `a password is in no digest`() throws {
    let table = CommandTable.standard
    for (name, words) in [("SIGNUP", ["dora", "%"]), ("PASSWORD", ["%", "%"])] {
      let command = try #require(table.command(name))
      let digests = try ["one password", "other password"].map { password in
        let values = words.map { Argument($0 == "%" ? password : $0) }
        return try RequestKey("k", of: command, values[...]).argumentsDigest
      }
      #expect(digests[0] == digests[1], "\(name)")
    }
  }
}
