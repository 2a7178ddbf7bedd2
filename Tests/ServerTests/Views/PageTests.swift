import Domain
import Journal
import Testing
import Wire

@testable import Server

/// Pages of posts that were read before.
@Suite(.timeLimit(.minutes(1)))
struct PageTests {
  @Test(arguments: [Dialect.two, .three])
  func `a page that was read before shows what has changed since`(
    _ dialect: Dialect
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob", dialect)
    #expect(await bob("FOLLOW", "alice").code == nil)
    let id = await alice("POST", "before #one").string ?? ""
    for _ in 0..<2 {
      let item = await bob("HOME").items.first
      #expect(item?["text"]?.string == "before #one")
      #expect(item?["tags"]?.elements == [.text("one")])
      #expect(item?["likes"]?.int == 0 && item?["liked"]?.int == 0)
      #expect(item == (await bob("GET", id)))
    }
    #expect(await bob("LIKE", id).int == 1)
    #expect(await alice("EDIT", id, "after #two @bob").code == nil)
    #expect(await bob("BOOKMARK", id).code == nil)
    let item = await bob("HOME").items.first
    #expect(item?["text"]?.string == "after #two @bob")
    #expect(item?["tags"]?.elements == [.text("two")])
    #expect(item?["mentions"]?.elements == [.text("bob")])
    #expect(item?["edited_at"] != .null)
    #expect(item?["likes"]?.int == 1 && item?["liked"]?.int == 1)
    #expect(item?["bookmarked"]?.int == 1)
    #expect(await bob("TIMELINE", "alice").items == [item])
    #expect(await bob("BOOKMARKS").items == [item])
  }

  @Test func `who is erased is named and quoted no more on a page that was read before`()
    async throws
  {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    #expect(await carol("FOLLOW", "alice").code == nil)
    #expect(await carol("FOLLOW", "bob").code == nil)
    let gone = await alice("POST", "words of alice").string ?? ""
    let naming = await bob("POST", "to @alice").string ?? ""
    for _ in 0..<2 {
      let items = await carol("HOME").items
      #expect(items.map { $0["id"]?.string } == [naming, gone])
      #expect(items.first?["mentions"]?.elements == [.text("alice")])
    }
    let id = UserID(UInt64(await alice("WHOAMI")["id"]?.string ?? "") ?? 0)
    #expect(world.service.heads(of: PostID(text: gone)!).bytes > 0)
    #expect(await alice("ERASE", TestWorld.password, "KEY", "erase") == .ok)
    let items = await carol("HOME").items
    #expect(items.map { $0["id"]?.string } == [naming])
    #expect(items.first?["mentions"]?.elements == [.text("GONE")])
    #expect(try world.journal.isKeyDestroyed(of: id))
  }

  @Test func `a destroyed key empties what was written of all posts`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let id = await alice("POST", "words").string ?? ""
    #expect(await alice("GET", id)["text"]?.string == "words")
    #expect(world.service.heads(of: PostID(text: id)!).bytes > 0)
    let user = UserID(UInt64(await alice("WHOAMI")["id"]?.string ?? "") ?? 0)
    try world.journal.destroyKey(of: user)
    #expect(world.service.heads(of: PostID(text: id)!).bytes == 0)
    #expect(await alice("GET", id)["text"] == .null)
  }

  /// One to each side of what is looked at sharer by sharer, and of more sharers than sources.
  @Test(arguments: [1, 31, 32, 33, 80] as [Int64])
  func `a share stands in a home however many strangers shared before`(
    _ strangers: Int64
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let author = await world.person("author")
    let id = await author("POST", "shared by many").string ?? ""
    for number in 0..<strangers {
      let stranger = await world.person("stranger\(number)")
      #expect(await stranger("SHARE", id).int == number + 1)
    }
    let viewer = await world.person("viewer")
    for name in ["bob", "carol"] {
      let friend = await world.person(name)
      #expect(await friend("SHARE", id).code == nil)
      #expect(await viewer("FOLLOW", name).code == nil)
    }
    func sharers() async -> [String?] {
      await viewer("HOME").items.map { $0["shared_by"]?.string }
    }
    #expect(await sharers() == ["bob"])
    #expect(await viewer("MUTE", "bob") == .ok)
    #expect(await sharers() == ["carol"])
    #expect(await viewer("UNMUTE", "bob") == .ok)
    #expect(await viewer("FOLLOW", "stranger0").code == nil)
    #expect(await sharers() == ["stranger0"])
    #expect(await viewer("FOLLOW", "author").code == nil)
    #expect(await sharers() == [nil])
  }
}
