import Domain
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct ListTests {
  private static func text(_ items: [Reply]) -> [String?] { items.map { $0["text"]?.string } }

  @Test(arguments: Dialect.allCases)
  func `a list is made, filled, shown and dropped`(_ dialect: Dialect) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice", dialect)
    _ = await world.person("bob")
    let list = await alice("LIST", "NEW", "Physics").string?.replacing("\"", with: "") ?? ""
    let ok: Reply = dialect == .line ? .text("\"OK\"") : .ok
    for name in ["bob", "@alice", "bob"] { #expect(await alice("LIST", "ADD", list, name) == ok) }
    let one = await alice("LIST", "SHOW", list)
    let all = await alice("LIST", "SHOW")
    if dialect == .line {
      let head = "{\"id\":\"\(list)\",\"title\":\"Physics\",\"members\":"
      #expect(one == .text(head + "[\"bob\",\"alice\"]}"))
      #expect(all == .text("[" + head + "2}]"))
    } else {
      #expect(one["title"]?.string == "Physics" && one["id"]?.string == list)
      #expect(one["members"]?.elements.map(\.string) == ["bob", "alice"])
      #expect(all.elements.map { $0["members"]?.int } == [2])
    }
    #expect(await alice("LIST", "REMOVE", list, "bob") == ok)
    #expect(await alice("LIST", "REMOVE", list, "bob") == ok)
    #expect(await alice("LIST", "DROP", list) == ok)
    #expect(await alice("LIST", "SHOW") == (dialect == .line ? .text("[]") : .array([])))
  }

  @Test(arguments: [
    ["LIST", "SHOW", "%"], ["LIST", "DROP", "%"], ["LIST", "ADD", "%", "carol"],
    ["LIST", "REMOVE", "%", "carol"], ["TIMELINE", "LIST", "%"],
  ])
  func `another's list is as if it were not there`(_ words: [String]) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    _ = await world.person("carol")
    let list = await alice("LIST", "NEW", "mine").string ?? ""
    let fill = { (id: String) in words.map { $0.replacing("%", with: id) } }
    let hidden = await bob.call(fill(list))
    #expect(hidden.code == "NOTFOUND")
    #expect(hidden == (await bob.call(fill("12345"))))
    #expect(await alice.call(fill(list)).code == nil)
    let stranger = await world.connect()
    #expect(await stranger.call(fill(list)).code == "NOAUTH")
  }

  @Test(
    arguments: [
      (["LIST", "NEW", ""], "INVALID"),
      (["LIST", "NEW", String(repeating: "x", count: 101)], "INVALID"),
      (["LIST", "NEW"], "ERR"), (["LIST", "ADD", "x", "bob"], "INVALID"),
      (["LIST", "ADD", "%", "nobody"], "NOTFOUND"), (["LIST", "ADD", "%", "no!"], "INVALID"),
      (["LIST", "ADD", "%", "blocked"], "DENIED"), (["LIST", "ADD", "%", "blocker"], "NOTFOUND"),
      (["LIST", "REMOVE", "%", "blocker"], "NOTFOUND"), (["LIST", "NONSENSE"], "ERR"),
      (["TIMELINE", "LIST", "%", "COUNT", "0"], "INVALID"),
      (["TIMELINE", "LIST", "%", "AFTER", "x"], "INVALID"),
    ] as [([String], String)])
  func `each mistake has its code`(_ words: [String], _ code: String) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    _ = await world.person("blocked")
    let blocker = await world.person("blocker")
    await alice("BLOCK", "blocked")
    await blocker("BLOCK", "alice")
    let list = await alice("LIST", "NEW", "mine").string ?? ""
    #expect(await alice.call(words.map { $0.replacing("%", with: list) }).code == code)
    if words.last == "blocker" {
      let nobody = words.dropLast() + ["nobody"]
      #expect(
        await alice.call(words.map { $0.replacing("%", with: list) })
          == (await alice.call(nobody.map { $0.replacing("%", with: list) })))
    }
  }

  @Test func `a list's timeline is a home over its members, unfollowed ones too`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let dan = await world.person("dan")
    await alice("FOLLOW", "dan")
    let list = await alice("LIST", "NEW", "two").string ?? ""
    for name in ["bob", "carol"] { await alice("LIST", "ADD", list, name) }
    let shared = await dan("POST", "dan's").string ?? ""
    // Identifiers of two shards ascend together only from one millisecond to the next.
    world.clock.advance(ms: 1)
    await bob("POST", "bob's")
    await bob("POST", "for followers", "VISIBILITY", "followers")
    world.clock.advance(ms: 1)
    let answered = await carol("POST", "carol's").string ?? ""
    world.clock.advance(ms: 1)
    await bob("REPLY", answered, "to a member")
    await bob("REPLY", shared, "to none")
    await dan("REPLY", answered, "by none")
    await alice("POST", "mine")
    world.clock.advance(ms: 1)
    await carol("SHARE", shared)
    world.clock.advance(ms: 1)
    await bob("SHARE", shared)
    let items = await alice("TIMELINE", "LIST", list).items
    #expect(Self.text(items) == ["dan's", "to a member", "carol's", "bob's"])
    #expect(items.map { $0["shared_by"]?.string } == ["carol", nil, nil, nil])
    await alice("FOLLOW", "bob")
    #expect(Self.text(await alice("TIMELINE", "LIST", list).items).contains("for followers"))
    await alice("LIST", "ADD", list, "alice")
    let first = await alice("TIMELINE", "LIST", list).items.compactMap { $0["text"]?.string }
    #expect(first.contains("mine"))
  }

  @Test func `a muted, blocked or blocking member is not shown, nor what mentions them`()
    async throws
  {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let list = await alice("LIST", "NEW", "two").string ?? ""
    for name in ["bob", "carol"] { await alice("LIST", "ADD", list, name) }
    await bob("POST", "bob's")
    world.clock.advance(ms: 1)
    await carol("POST", "carol's on @bob")
    await carol("POST", "carol's")
    let shown = { () async -> [String?] in
      Self.text(await alice("TIMELINE", "LIST", list).items)
    }
    #expect(await shown() == ["carol's", "carol's on @bob", "bob's"])
    for (person, hide, show) in [
      (alice, ["MUTE", "bob"], ["UNMUTE", "bob"]), (alice, ["BLOCK", "bob"], ["UNBLOCK", "bob"]),
      (bob, ["BLOCK", "alice"], ["UNBLOCK", "alice"]),
    ] {
      #expect(await person.call(hide) == .ok)
      #expect(await shown() == ["carol's"], "\(hide)")
      #expect(await person.call(show) == .ok)
      #expect(await shown().count == 3)
    }
    await bob("PROFILE", "SET", "private", "on")
    #expect(await shown() == ["carol's", "carol's on @bob"])
  }

  @Test func `cursors stay valid while members come and go`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let list = await alice("LIST", "NEW", "two").string ?? ""
    await alice("LIST", "ADD", list, "bob")
    for number in 0..<9 {
      world.clock.advance(ms: 1)
      await bob("POST", "bob \(number)")
      world.clock.advance(ms: 1)
      await carol("POST", "carol \(number)")
    }
    let first = await alice("TIMELINE", "LIST", list, "COUNT", "3")
    #expect(Self.text(first.items) == ["bob 8", "bob 7", "bob 6"])
    #expect(first["end"] == .integer(0))
    await alice("LIST", "ADD", list, "carol")
    var cursor = first["cursor"]?.string ?? ""
    let second = await alice("TIMELINE", "LIST", list, "COUNT", "4", "AFTER", cursor)
    #expect(Self.text(second.items) == ["carol 5", "bob 5", "carol 4", "bob 4"])
    await alice("LIST", "REMOVE", list, "bob")
    cursor = second["cursor"]?.string ?? ""
    let third = await alice("TIMELINE", "LIST", list, "COUNT", "9", "AFTER", cursor)
    #expect(Self.text(third.items) == ["carol 3", "carol 2", "carol 1", "carol 0"])
    #expect(third["end"] == .integer(1))
    #expect(await alice("HOME", "AFTER", cursor).code == "INVALID")
    let other = await alice("LIST", "NEW", "other").string ?? ""
    #expect(await alice("TIMELINE", "LIST", other, "AFTER", cursor).code == "INVALID")
  }

  @Test func `somebody named list is told from the word by an at sign`() async throws {
    let world = try await TestWorld()
    let list = await world.person("list")
    await list("POST", "by list")
    let reader = await world.person("reader")
    #expect(Self.text(await reader("TIMELINE", "list").items) == ["by list"])
    #expect(await reader("TIMELINE", "list", "COUNT", "5").code == "INVALID")
    #expect(Self.text(await reader("TIMELINE", "@list", "COUNT", "5").items) == ["by list"])
    #expect(await reader("TIMELINE", "@@list").code == "INVALID")
  }
}
