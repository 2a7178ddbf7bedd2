import Domain
import Engine
import Projections
import Testing
import Wire

@testable import Server

/// THREAD in pages.
@Suite(.timeLimit(.minutes(1)))
struct ThreadPageTests {
  @Test func `a cursor does not name what is hidden from who holds it`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let root = await alice("POST", "a question").string ?? ""
    let shown = await alice("REPLY", root, "an answer").string ?? ""
    let hidden = await alice("REPLY", root, "to myself", "VISIBILITY", "private").string ?? ""
    let last = await alice("REPLY", root, "another answer").string ?? ""
    let page = await bob("THREAD", root, "COUNT", "2")
    #expect(page.items.map { $0["id"]?.string } == [root, shown])
    let id = try #require(PostID(text: root))
    let cursor = try Cursor(text: try #require(page["cursor"]?.string), for: .thread(id))
    #expect("\(cursor.key)" != hidden)
    let next = await bob("THREAD", root, "COUNT", "2", "AFTER", page["cursor"]?.string ?? "")
    #expect(next.items.map { $0["id"]?.string } == [last])
    #expect(next["end"] == .integer(1))
  }

  @Test func `a later page waits for what its post rests on, too`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await alice.send("POST", "a question")
    await world.settle()
    try world.commit()
    _ = await alice.next()
    let root = try #require(await alice.next().string)
    for text in ["an answer", "another"] {
      await alice.send("REPLY", root, text)
      await world.settle()
      try world.commit()
      _ = await alice.next()
    }
    let reader = await world.connect()
    let cursor = try #require(await reader("THREAD", root, "COUNT", "2")["cursor"]?.string)
    await alice.send("LIKE", root)
    await world.settle()
    await reader.send("THREAD", root, "AFTER", cursor)
    await world.settle()
    #expect(reader.pending() == [])
    try world.commit()
    #expect(await reader.next().items.count == 1)
  }
}
