import Domain
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct EditTests {
  @Test func `an edit keeps what it does not say and says when it was`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let words = [
      "POST", "One #higgs @bob", "WARNING", "physics", "LINK", "https://cern.ch", "VISIBILITY",
      "public", "POLL", "2", "yes", "no",
    ]
    let post = await alice.call(words).string ?? ""
    let published = world.clock.now.ms
    #expect(await bob("VOTE", post, "1") == .ok)
    world.clock.advance(ms: 5_000)
    #expect(await alice("EDIT", post, "Two #lhc") == .ok)
    let shown = await bob("GET", post)
    #expect(shown["text"]?.string == "Two #lhc")
    #expect(shown["warning"]?.string == "physics")
    #expect(shown["link"]?.string == "https://cern.ch")
    #expect(shown["tags"]?.elements.map(\.string) == ["lhc"])
    #expect(shown["mentions"]?.elements == [])
    #expect(shown["created_at"] == .integer(published))
    #expect(shown["edited_at"] == .integer(published + 5_000))
    #expect(shown["poll"]?["options"]?.elements.map { $0["text"]?.string } == ["yes", "no"])
    #expect(shown["poll"]?["voters"] == .integer(1))
    #expect(await alice("EDIT", post, "Three", "WARNING", "", "LINK", "") == .ok)
    let bare = await bob("GET", post)
    #expect(bare["warning"] == .null && bare["link"] == .null)
    #expect(await alice("EDIT", post, "Four", "LINK", "http://e.org") == .ok)
    #expect(await bob("GET", post)["link"]?.string == "http://e.org")
  }

  @Test func `hashtags and mentions follow the text`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let post = await alice("POST", "#higgs @bob").string ?? ""
    #expect(await bob("UNREAD") == .integer(1))
    #expect(await alice("EDIT", post, "#lhc @carol") == .ok)
    #expect(await bob("TAG", "higgs").items.isEmpty)
    #expect(await bob("TAG", "lhc").items.map { $0["id"]?.string } == [post])
    #expect(await bob("INBOX").items.isEmpty)
    #expect(await bob("UNREAD") == .integer(0))
    #expect(await carol("INBOX").items.map { $0["kind"]?.string } == ["mention"])
    #expect(await alice("EDIT", post, "#higgs @carol") == .ok)
    #expect(await carol("UNREAD") == .integer(1))
    #expect(await bob("TAG", "higgs").items.map { $0["id"]?.string } == [post])
  }

  @Test(arguments: [1, 2, 3, 200])
  func `EDITS pages the texts, the newest first`(_ count: Int) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "text 0", "WARNING", "w", "LINK", "http://e.org/0").string ?? ""
    let start = world.clock.now.ms
    for number in 1...6 {
      world.clock.advance(ms: 1_000)
      let link = "http://e.org/\(number)"
      #expect(await alice("EDIT", post, "text \(number)", "LINK", link) == .ok)
    }
    let reader = await world.connect()
    var found: [Reply] = []
    var cursor: String?
    for page in 0..<10 {
      let reply = await reader.call(
        ["EDITS", post, "COUNT", "\(count)"] + (cursor.map { ["AFTER", $0] } ?? []))
      #expect(reply.items.count <= count)
      found += reply.items
      // An edit in between moves nothing.
      if page == 0 { #expect(await alice("EDIT", post, "text 7") == .ok) }
      cursor = reply["cursor"]?.string
      if reply["end"] == .integer(1) { break }
    }
    #expect(found.map { $0["text"]?.string } == (0...6).reversed().map { "text \($0)" })
    #expect(found.map { $0["at"]?.int } == (0...6).reversed().map { start + Int64($0) * 1_000 })
    #expect(found.map { $0["link"]?.string } == (0...6).reversed().map { "http://e.org/\($0)" })
    #expect(found.allSatisfy { $0["warning"]?.string == "w" })
  }

  @Test func `who may not see a post may not see what it said`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let post = await alice("POST", "secret", "VISIBILITY", "followers").string ?? ""
    #expect(await alice("EDIT", post, "less secret") == .ok)
    #expect(await bob("EDITS", post) == (await bob("EDITS", "12345")))
    #expect(await bob("FOLLOW", "alice").string == "following")
    #expect(await bob("EDITS", post).items.count == 2)
    #expect(await alice("DELETE", post) == .ok)
    #expect(await alice("EDITS", post).code == "NOTFOUND")
  }

  @Test func `of two edits at once, both happen or one tries again`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let other = await world.connect()
    #expect(await other("AUTH", "alice", TestWorld.password) == .ok)
    let post = await alice("POST", "text", "WARNING", "w").string ?? ""
    var done = 0
    for number in 0..<20 {
      await alice.send("EDIT", post, "a \(number)")
      await other.send("EDIT", post, "b \(number)")
      for reply in [await alice.next(), await other.next()] {
        #expect(reply == .ok || reply.code == "BUSY")
        if reply == .ok { done += 1 }
      }
    }
    #expect(done >= 20)
    #expect(await alice("EDITS", post, "COUNT", "200").items.count == done + 1)
    #expect(await alice("GET", post)["warning"]?.string == "w")
  }

  @Test func `a hundred edits and not one more`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "text").string ?? ""
    for number in 0..<PostState.editsMax {
      #expect(await alice("EDIT", post, "text \(number)") == .ok)
    }
    #expect(await alice("EDIT", post, "once more").code == "DENIED")
    #expect(await alice("EDITS", post, "COUNT", "200").items.count == PostState.editsMax + 1)
  }
}
