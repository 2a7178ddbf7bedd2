import Domain
import Engine
import Entities
import Testing
import Wire

@testable import Server

@Suite
struct SocialTests {
  @Test func `a message that may not be sent leaves no chat behind`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    #expect(await bob("PROFILE", "SET", "messages", "none") == .ok)
    #expect(await alice("DM", "bob", "hi").code == "DENIED")
    #expect(await alice("CHAT", "NEW", "bob").code == "DENIED")
    #expect(await bob("BLOCK", "alice") == .ok)
    #expect(await alice("DM", "bob", "hi") == (await alice("DM", "nobody", "hi")))
    #expect(world.engine.shards.map(\.directory.chats.count) == [0, 0])
  }

  @Test func `two who open their chat at once share one`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    await alice.send("CHAT", "NEW", "bob")
    await bob.send("CHAT", "NEW", "alice")
    let ids = [await alice.next().string, await bob.next().string]
    #expect(ids[0] != nil && ids[0] == ids[1])
    #expect(await alice("DM", "bob", "hi").code == nil)
    #expect(await alice("CHAT", "NEW", "alice").string != ids[0])
    #expect(await alice("DM", "alice", "a note").code == nil)
    #expect(await alice("CHATS").items.count == 2)
    #expect(await bob("CHATS").items.count == 1)
  }

  @Test func `a stranger to a chat is told that it does not exist, whoever is in it`() async throws
  {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let chat = await alice("CHAT", "NEW", "bob").string ?? ""
    let message = await alice("SAY", chat, "hi").string ?? ""
    #expect(await alice("BLOCK", "carol") == .ok)
    for words in [
      ["SAY", "%", "hi"], ["CHAT", "INFO", "%"], ["CHAT", "LEAVE", "%"], ["HISTORY", "%"],
      ["READ", "%", message], ["SUBSCRIBE", "chat:%"],
    ] {
      let fill = { (id: String) in words.map { $0.replacing("%", with: id) } }
      let hidden = await carol.call(fill(chat))
      #expect(hidden.code == "NOTFOUND", "\(words)")
      #expect(hidden == (await carol.call(fill("12345"))), "\(words)")
    }
    #expect(await bob("HISTORY", chat).items.count == 1)
  }

  /// What somebody may not see is answered as what is not there.
  @Test(
    arguments: [
      ["GET", "%"], ["LIKE", "%"], ["UNLIKE", "%"], ["SHARE", "%"], ["UNSHARE", "%"],
      ["THREAD", "%"],
      ["REPLY", "%", "hi"], ["POST", "hi", "QUOTE", "%"], ["POST", "hi", "REPLY", "%"],
      ["DELETE", "%"],
    ], ["followers", "friends", "private", "blocked", "deleted"])
  func `hidden posts are as if they were not there`(_ words: [String], _ way: String) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let visibility = ["followers", "friends", "private"].contains(way) ? way : "public"
    let post = await alice("POST", "secret", "VISIBILITY", visibility).string ?? ""
    if way == "blocked" { #expect(await alice("BLOCK", "bob") == .ok) }
    if way == "deleted" { #expect(await alice("DELETE", post) == .ok) }
    let hidden = await bob.call(words.map { $0 == "%" ? post : $0 })
    #expect(hidden.code == "NOTFOUND")
    #expect(hidden == (await bob.call(words.map { $0 == "%" ? "12345" : $0 })))
  }

  @Test func `requests to follow are paged`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    #expect(await alice("PROFILE", "SET", "private", "on") == .ok)
    for number in 0..<5 {
      let other = await world.person("other\(number)")
      #expect(await other("FOLLOW", "alice").string == "requested")
    }
    let first = await alice("REQUESTS", "COUNT", "3")
    #expect(first.items.map(\.string) == ["other4", "other3", "other2"])
    let rest = await alice("REQUESTS", "COUNT", "3", "AFTER", first["cursor"]?.string ?? "")
    #expect(rest.items.map(\.string) == ["other1", "other0"])
    #expect(rest["end"] == .integer(1))
    #expect(await alice("ACCEPT", "other0") == .ok)
    #expect(await alice("REJECT", "other1") == .ok)
    #expect(await alice("REQUESTS").items.count == 3)
  }

  @Test func `several notifications are read in one go`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    for number in 0..<3 {
      let post = await alice("POST", "\(number)").string ?? ""
      #expect(await bob("LIKE", post) == .integer(1))
    }
    let ids = await alice("INBOX").items.compactMap { $0["id"]?.string }
    #expect(ids.count == 3)
    #expect(await alice("INBOX", "READ", ids[0], "12345").code == "NOTFOUND")
    #expect(await alice("UNREAD") == .integer(3))
    #expect(await alice("INBOX", "READ", ids[0], ids[1], ids[0]) == .integer(1))
    #expect(await alice("INBOX", "READ", ids[0]) == .integer(1))
    #expect(await alice("INBOX", "UNREAD").items.count == 1)
    #expect(await alice("INBOX", "READ", "all") == .integer(0))
  }

  /// A thread with ancestors, width and depth, and a hidden answer whose own answers show.
  private static func thread(_ world: TestWorld) async -> (root: String, middle: String) {
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let root = await alice("POST", "root").string ?? ""
    var last = root
    for number in 0..<4 { last = await bob("REPLY", last, "up \(number)").string ?? "" }
    let middle = last
    for width in 0..<6 {
      var last = await alice("REPLY", middle, "answer \(width)").string ?? ""
      for depth in 0..<width {
        let visibility = depth == 1 ? "private" : "public"
        last = await alice("REPLY", last, "below", "VISIBILITY", visibility).string ?? ""
      }
    }
    return (root, middle)
  }

  @Test(arguments: [1, 2, 3, 7, 200])
  func `a thread in pages is the thread`(_ count: Int) async throws {
    let world = try await TestWorld(shards: 2)
    let (root, middle) = await Self.thread(world)
    let reader = await world.connect()
    let whole = await reader("THREAD", middle, "COUNT", "200").items
    #expect(whole.first?["id"]?.string == root)
    #expect(whole.compactMap { $0["depth"]?.int }.prefix(6) == [-4, -3, -2, -1, 0, 1])
    // 4 ancestors, the post, 6 answers, 15 below of which 4 are private.
    #expect(whole.count == 22)
    var ids: [String?] = []
    var cursor: String?
    for _ in 0..<100 {
      let page = await reader.call(
        ["THREAD", middle, "COUNT", "\(count)"] + (cursor.map { ["AFTER", $0] } ?? []))
      ids += page.items.map { $0["id"]?.string }
      cursor = page["cursor"]?.string
      if page["end"] == .integer(1) { break }
    }
    #expect(ids == whole.map { $0["id"]?.string })
  }

  @Test func `a page of a thread looks at so many posts and no more`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "root").string ?? ""
    for _ in 0..<ThreadWalk.postsScannedMax {
      await alice.send("REPLY", post, "x", "VISIBILITY", "private")
    }
    for _ in 0..<ThreadWalk.postsScannedMax { _ = await alice.next() }
    let end = await alice("REPLY", post, "at the end").string
    let reader = await world.connect()
    let first = await reader("THREAD", post)
    #expect(first.items.count == 1 && first["end"] == .integer(0))
    let second = await reader("THREAD", post, "AFTER", first["cursor"]?.string ?? "")
    #expect(second.items.map { $0["id"]?.string } == [end])
    #expect(second["end"] == .integer(1))
  }

  @Test func `a cursor of another place is refused`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "root").string ?? ""
    for _ in 0..<3 { _ = await alice("REPLY", post, "x") }
    let cursor = await alice("THREAD", post, "COUNT", "2")["cursor"]?.string ?? ""
    #expect(await alice("HOME", "AFTER", cursor).code == "INVALID")
    #expect(await alice("THREAD", post, "AFTER", cursor).items.count == 2)
  }

  @Test func `a block hides each from the other in lists of people, and counts stay`() async throws
  {
    let world = try await TestWorld(shards: 2)
    let anna = await world.person("anna")
    let post = await anna("POST", "hello").string ?? ""
    var others: [TestConnection] = []
    for name in ["bert", "carl", "dora"] {
      let other = await world.person(name)
      for words in [["FOLLOW", "anna"], ["LIKE", post], ["SHARE", post]] {
        #expect(await other.call(words).code == nil)
      }
      _ = await anna("FOLLOW", name)
      others.append(other)
    }
    // Bert blocks Dora: neither sees the other.
    _ = await others[0]("BLOCK", "dora")
    let lists = [
      ["FOLLOWERS", "anna"], ["FOLLOWING", "anna"], ["LIKES", post], ["SHARES", post],
    ]
    for list in lists {
      #expect(await others[0].call(list).items.map(\.string) == ["carl", "bert"], "\(list)")
      #expect(await others[2].call(list).items.map(\.string) == ["dora", "carl"], "\(list)")
      #expect(await anna.call(list).items.map(\.string) == ["dora", "carl", "bert"], "\(list)")
      let short = await others[0].call(list + ["COUNT", "1"])
      let rest = await others[0].call(
        list + ["COUNT", "1", "AFTER", short["cursor"]?.string ?? ""])
      #expect((short.items + rest.items).map(\.string) == ["carl", "bert"], "\(list)")
      #expect(rest["end"] == .integer(1))
    }
    #expect(await others[0]("PROFILE", "anna")["followers"] == .integer(3))
    #expect(await others[0]("GET", post)["likes"] == .integer(3))
  }
}
