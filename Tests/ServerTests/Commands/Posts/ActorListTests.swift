import Domain
import Testing
import Wire

/// LIKES and SHARES in pages, while likes and shares come and go.
@Suite(.timeLimit(.minutes(1)))
struct ActorListTests {
  @Test(arguments: [("LIKE", "UNLIKE", "LIKES"), ("SHARE", "UNSHARE", "SHARES")], [1, 3, 4])
  func `pages neither repeat nor skip`(
    _ names: (mark: String, back: String, list: String), _ count: Int
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let post = await alice("POST", "A boson!").string ?? ""
    var people: [TestConnection] = []
    for number in 0..<10 {
      let person = await world.person("person\(number)")
      #expect(await person(names.mark, post) == .integer(Int64(number) + 1))
      people.append(person)
    }
    let reader = await world.connect()
    var found: [String?] = []
    var cursor: String?
    for page in 0..<20 {
      let reply = await reader.call(
        [names.list, post, "COUNT", "\(count)"] + (cursor.map { ["AFTER", $0] } ?? []))
      found += reply.items.map(\.string)
      if page == 0 {
        // The newest goes and comes again; one whom no page has shown goes; somebody new comes.
        #expect(await people[9](names.back, post) == .integer(9))
        #expect(await people[9](names.mark, post) == .integer(10))
        #expect(await people[2](names.back, post) == .integer(9))
        let late = await world.person("late")
        #expect(await late(names.mark, post) == .integer(10))
      }
      cursor = reply["cursor"]?.string
      if reply["end"] == .integer(1) { break }
    }
    let stayed = (0..<10).reversed().filter { $0 != 2 }.map { "person\($0)" }
    #expect(found == stayed)
    let fresh = await reader(names.list, post).items.map(\.string)
    #expect(fresh == ["late", "person9"] + stayed.dropFirst())
  }

  @Test func `a cursor of one list is refused by the other`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let post = await alice("POST", "A boson!").string ?? ""
    for person in [alice, bob] {
      #expect(await person("LIKE", post).code == nil)
      #expect(await person("SHARE", post).code == nil)
    }
    let cursor = await bob("LIKES", post, "COUNT", "1")["cursor"]?.string ?? ""
    #expect(await bob("LIKES", post, "AFTER", cursor).items.map(\.string) == ["alice"])
    #expect(await bob("SHARES", post, "AFTER", cursor).code == "INVALID")
    #expect(await bob("EDITS", post, "AFTER", cursor).code == "INVALID")
  }
}
