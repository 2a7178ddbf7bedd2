import Domain
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct StoryTests {
  /// Authors and their stories, as STORIES groups them.
  static func groups(_ page: Reply) -> [[String?]] {
    page.items.map { item in
      [item["author"]?.string] + (item["stories"]?.elements.map { $0["text"]?.string } ?? [])
    }
  }

  /// `count` people named `teller0`, … whom `reader` follows, each with one story, the last newest.
  static func tellers(
    _ count: Int, of reader: TestConnection, in world: TestWorld
  ) async -> [TestConnection] {
    var tellers: [TestConnection] = []
    for number in 0..<count {
      let teller = await world.person("teller\(number)")
      #expect(await reader("FOLLOW", "teller\(number)").string == "following")
      world.clock.advance(ms: 1_000)
      #expect(await teller("POST", "story \(number)", "STORY").code == nil)
      tellers.append(teller)
    }
    return tellers
  }

  @Test func `stories stand by author, the newest author first, the oldest story first`()
    async throws
  {
    let world = try await TestWorld(shards: 2)
    let reader = await world.person("reader")
    let tellers = await Self.tellers(2, of: reader, in: world)
    let stranger = await world.person("stranger")
    #expect(await stranger("POST", "unheard", "STORY").code == nil)
    world.clock.advance(ms: 1_000)
    #expect(await tellers[0]("POST", "more", "STORY").code == nil)
    world.clock.advance(ms: 1_000)
    #expect(await reader("POST", "mine", "STORY", "VISIBILITY", "private").code == nil)
    #expect(
      Self.groups(await reader("STORIES")) == [
        ["reader", "mine"], ["teller0", "story 0", "more"], ["teller1", "story 1"],
      ])
    #expect(await reader("MUTE", "teller0") == .ok)
    #expect(Self.groups(await reader("STORIES")).map(\.first) == ["reader", "teller1"])
    #expect(await tellers[1]("BLOCK", "reader") == .ok)
    #expect(Self.groups(await reader("STORIES")).map(\.first) == ["reader"])
  }

  @Test func `a story stands in no other list`() async throws {
    let world = try await TestWorld()
    let reader = await world.person("reader")
    let teller = await Self.tellers(1, of: reader, in: world)[0]
    #expect(await teller("POST", "#higgs", "STORY").code == nil)
    let lists = [
      ["HOME"], ["PUBLIC"], ["TAG", "higgs"], ["TIMELINE", "teller0"],
      ["TIMELINE", "teller0", "REPLIES"],
    ]
    for words in lists { #expect(await reader.call(words).items.isEmpty, "\(words)") }
    #expect(await reader("TRENDING").elements.isEmpty)
    #expect(await reader("PROFILE", "teller0")["posts"] == .integer(0))
    #expect(await teller("PUBLIC").items.isEmpty)
  }

  @Test func `a story is shown for a day and then gone, to who could see it`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let stranger = await world.connect()
    #expect(await bob("FOLLOW", "alice").string == "following")
    let open = await alice("POST", "Look", "STORY").string ?? ""
    let closed = await alice("POST", "Look", "STORY", "VISIBILITY", "followers").string ?? ""
    let expires = world.clock.now.ms + PostState.storyMs
    #expect(await bob("GET", closed)["expires_at"] == .integer(expires))
    #expect(await bob("GET", closed)["status"]?.string == "published")
    world.clock.advance(ms: PostState.storyMs - 1)
    #expect(await bob("LIKE", closed) == .integer(1))
    #expect(await bob("STORIES").items.count == 1)
    world.clock.advance(ms: 1)
    #expect(await bob("STORIES").items.isEmpty)
    for person in [alice, bob, carol, stranger] {
      #expect(await person("GET", open).code == "GONE")
      let hidden = await person("GET", closed)
      let couldSee = person === alice || person === bob
      #expect(hidden.code == (couldSee ? "GONE" : "NOTFOUND"))
      if !couldSee { #expect(hidden == (await person("GET", "12345"))) }
    }
    let commands = [
      ["LIKE", "%"], ["UNLIKE", "%"], ["SHARE", "%"], ["REACT", "%", "🎉"], ["UNREACT", "%"],
      ["REPLY", "%", "x"], ["POST", "x", "QUOTE", "%"], ["LIKES", "%"], ["SHARES", "%"],
      ["EDITS", "%"], ["THREAD", "%"], ["VOTE", "%", "0"],
    ]
    for words in commands {
      let filled = words.map { $0 == "%" ? closed : $0 }
      #expect(await bob.call(filled).code == "GONE", "\(words)")
      #expect(await carol.call(filled).code == "NOTFOUND", "\(words)")
    }
    #expect(await bob("VIEW", open, closed) == .integer(0))
    #expect(await alice("EDIT", open, "x").code == "GONE")
    #expect(await alice("PUBLISH", open).code == "GONE")
  }

  @Test func `the author is told of an expired story that it is gone, a blocked person not`()
    async throws
  {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let story = await alice("POST", "Look", "STORY").string ?? ""
    #expect(await alice("BLOCK", "bob") == .ok)
    world.clock.advance(ms: PostState.storyMs)
    #expect(await alice("GET", story).code == "GONE")
    #expect(await bob("GET", story).code == "NOTFOUND")
  }

  @Test(arguments: [1, 2, 3])
  func `pages neither repeat nor skip while stories are told, expire and are deleted`(
    _ count: Int
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let reader = await world.person("reader")
    let tellers = await Self.tellers(8, of: reader, in: world)
    var authors: [String?] = []
    var cursor: String?
    for page in 0..<20 {
      let reply = await reader.call(
        ["STORIES", "COUNT", "\(count)"] + (cursor.map { ["AFTER", $0] } ?? []))
      authors += reply.items.map { $0["author"]?.string }
      if page == 0 {
        // Who comes last tells another, which would put them first; somebody tells their first.
        #expect(await tellers[0]("POST", "again", "STORY").code == nil)
        #expect(await reader("POST", "mine", "STORY").code == nil)
        let id = try #require(
          await tellers[3]("STORIES").items.first?["stories"]?.elements.first?["id"]?.string)
        #expect(await tellers[3]("DELETE", id) == .ok)
        // The story of the first to tell expires; the newer one of the same person came too late.
        world.clock.advance(ms: PostState.storyMs - 7_000)
      }
      cursor = reply["cursor"]?.string
      if reply["end"] == .integer(1) { break }
    }
    #expect(authors == [7, 6, 5, 4, 2, 1].map { "teller\($0)" })
    let fresh = Self.groups(await reader("STORIES"))
    #expect(fresh.prefix(2).map(\.first) == ["reader", "teller0"])
    #expect(fresh.count == 8)
  }

  @Test func `a drafted story is told when it is published`() async throws {
    let world = try await TestWorld()
    let reader = await world.person("reader")
    let teller = await Self.tellers(1, of: reader, in: world)[0]
    let draft = await teller("POST", "later", "STORY", "DRAFT").string ?? ""
    #expect(Self.groups(await reader("STORIES")) == [["teller0", "story 0"]])
    world.clock.advance(ms: 1_000_000)
    #expect(await teller("PUBLISH", draft).string == draft)
    #expect(Self.groups(await reader("STORIES")) == [["teller0", "story 0", "later"]])
    world.clock.advance(ms: PostState.storyMs - 1)
    #expect(Self.groups(await reader("STORIES")) == [["teller0", "later"]])
  }
}
