import Domain
import Engine
import Entities
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct BookmarkTests {
  private static func text(_ items: [Reply]) -> [String?] { items.map { $0["text"]?.string } }

  @Test func `bookmarks are shown, the newest first, in pages that stay`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    var posts: [String] = []
    for number in 0..<6 { posts.append(await bob("POST", "number \(number)").string ?? "") }
    for index in [2, 0, 5, 1, 4] { #expect(await alice("BOOKMARK", posts[index]) == .ok) }
    #expect(await alice("BOOKMARK", posts[0]) == .ok)
    let first = await alice("BOOKMARKS", "COUNT", "2")
    #expect(Self.text(first.items) == ["number 4", "number 1"])
    #expect(first.items.allSatisfy { $0["bookmarked"] == .integer(1) })
    for _ in 0..<2 { #expect(await alice("UNBOOKMARK", posts[5]) == .ok) }
    #expect(await alice("BOOKMARK", posts[3]) == .ok)
    let rest = await alice("BOOKMARKS", "AFTER", first["cursor"]?.string ?? "")
    #expect(Self.text(rest.items) == ["number 0", "number 2"] && rest["end"] == .integer(1))
    #expect(await bob("BOOKMARKS").items.isEmpty)
    #expect(await bob("BOOKMARKS", "AFTER", first["cursor"]?.string ?? "").code == "INVALID")
  }

  @Test func `every shown post says whether the viewer has bookmarked it`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let kept = await bob("POST", "kept #cern").string ?? ""
    await bob("POST", "left #cern")
    await alice("FOLLOW", "bob")
    await alice("BOOKMARK", kept)
    for words in [
      ["HOME"], ["TIMELINE", "bob"], ["TAG", "cern"], ["PUBLIC"], ["THREAD", kept], ["BOOKMARKS"],
    ] {
      let items = await alice.call(words).items
      #expect(!items.isEmpty)
      for item in items {
        let isKept = item["id"]?.string == kept
        #expect(item["bookmarked"] == .integer(isKept ? 1 : 0), "\(words)")
      }
    }
    #expect(await alice("GET", kept)["bookmarked"] == .integer(1))
    #expect(await bob("GET", kept)["bookmarked"] == .integer(0))
    for item in await alice("TRENDING", "POSTS").elements {
      let isKept = item["post"]?["id"]?.string == kept
      #expect(item["post"]?["bookmarked"] == .integer(isKept ? 1 : 0))
    }
    let stranger = await world.connect()
    #expect(await stranger("GET", kept)["bookmarked"] == nil)
  }

  @Test func `what can be seen no more is not shown, and can be let go`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let posts = [
      await bob("POST", "one").string ?? "", await bob("POST", "two").string ?? "",
    ]
    for post in posts { await alice("BOOKMARK", post) }
    await bob("DELETE", posts[0])
    #expect(Self.text(await alice("BOOKMARKS").items) == ["two"])
    await bob("BLOCK", "alice")
    #expect(await alice("BOOKMARKS").items.isEmpty)
    #expect(await alice("UNBOOKMARK", posts[0]) == .ok)
    await bob("UNBLOCK", "alice")
    #expect(Self.text(await alice("BOOKMARKS").items) == ["two"])
    #expect(await alice("UNBOOKMARK", "12345") == .ok)
    #expect(await alice("UNPIN", "12345") == .ok)
  }

  @Test(arguments: [
    "HOME", "TIMELINE", "GET", "BOOKMARKS",
  ])
  func `a bookmark that is not durable yet is not shown`(_ command: String) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await alice.send("POST", "hello")
    await world.settle()
    try world.commit()
    _ = await alice.next()
    let post = await alice.next().string ?? ""
    let other = await world.connect()
    await other.send("AUTH", "alice", TestWorld.password)
    #expect(await other.next() == .ok)
    await alice.send("BOOKMARK", post)
    await world.settle()
    let words = [command] + (command == "TIMELINE" ? ["alice"] : command == "GET" ? [post] : [])
    await other.send(words)
    await world.settle()
    #expect(other.pending().isEmpty)
    try world.commit()
    let reply = await other.next()
    let shown = command == "GET" ? reply : reply.items.first
    #expect(shown?["bookmarked"] == .integer(1))
  }

  @Test func `five own posts are pinned, shown by the newest pin`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    var posts: [String] = []
    for number in 0..<6 { posts.append(await alice("POST", "number \(number)").string ?? "") }
    for index in [1, 0, 4, 2, 3] { #expect(await alice("PIN", posts[index]) == .ok) }
    #expect(await alice("PIN", posts[1]) == .ok)
    #expect(await alice("PIN", posts[5]).code == "DENIED")
    let pinned = { (viewer: TestConnection) async -> [String?] in
      await viewer("PROFILE", "alice")["pinned"]?.elements.map(\.string) ?? []
    }
    #expect(await pinned(bob) == [3, 2, 4, 0, 1].map { posts[$0] })
    await alice("DELETE", posts[4])
    #expect(await pinned(bob) == [3, 2, 0, 1].map { posts[$0] })
    #expect(await alice("PIN", posts[5]) == .ok)
    #expect(await pinned(bob) == [5, 3, 2, 0, 1].map { posts[$0] })
    for _ in 0..<2 { #expect(await alice("UNPIN", posts[3]) == .ok) }
    #expect(await pinned(bob) == [5, 2, 0, 1].map { posts[$0] })
  }

  @Test func `a pin is shown to who may see its post`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let open = await alice("POST", "for all").string ?? ""
    let narrow = await alice("POST", "narrow", "VISIBILITY", "followers").string ?? ""
    for post in [open, narrow] { #expect(await alice("PIN", post) == .ok) }
    let pinned = { (viewer: TestConnection) async -> [String?] in
      await viewer("PROFILE", "alice")["pinned"]?.elements.map(\.string) ?? []
    }
    let stranger = await world.connect()
    #expect(await pinned(stranger) == [open])
    #expect(await pinned(bob) == [open])
    await bob("FOLLOW", "alice")
    #expect(await pinned(bob) == [narrow, open])
    await alice("PROFILE", "SET", "private", "on")
    #expect(await pinned(stranger) == [])
    #expect(await pinned(bob) == [narrow, open])
    let moderator = try await world.moderator()
    #expect(await moderator("MODERATE", open, "remove") == .ok)
    #expect(await pinned(bob) == [narrow])
    #expect(await pinned(alice) == [narrow])
    #expect(await alice("PIN", open).code == "DENIED")
    #expect(await alice("BOOKMARK", open).code == "DENIED")
  }

  @Test(
    arguments: [
      (["PIN", "%friends"], "INVALID"), (["PIN", "%private"], "INVALID"),
      (["PIN", "%bob"], "DENIED"), (["PIN", "%hidden"], "NOTFOUND"),
      (["PIN", "%draft"], "INVALID"),
      (["PIN", "%story"], "INVALID"), (["PIN", "12345"], "NOTFOUND"), (["PIN", "x"], "INVALID"),
      (["BOOKMARK", "%bob"], nil), (["BOOKMARK", "%hidden"], "NOTFOUND"),
      (["BOOKMARK", "%draft"], "INVALID"), (["BOOKMARK", "%story"], nil),
      (["BOOKMARK", "12345"], "NOTFOUND"), (["BOOKMARK"], "ERR"), (["UNPIN", "x"], "INVALID"),
    ] as [([String], String?)])
  func `what can be pinned and bookmarked`(_ words: [String], _ code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    var posts: [String: String] = [:]
    for visibility in ["friends", "private"] {
      posts["%" + visibility] = await alice("POST", "x", "VISIBILITY", visibility).string
    }
    posts["%bob"] = await bob("POST", "bob's").string
    posts["%hidden"] = await bob("POST", "bob's", "VISIBILITY", "followers").string
    let author = try world.service.userID(Username("alice"))
    let text = Secret([.text: "x"])
    var facts = PostFacts(author: author, visibility: .public)
    posts["%draft"] = try await world.write(.draft(facts, scheduled: nil, secret: text))
    facts.isStory = true
    posts["%story"] = try await world.write(.publish(facts, secret: text))
    #expect(await alice.call(words.map { posts[$0] ?? $0 }).code == code)
    let stranger = await world.connect()
    #expect(await stranger.call(words.map { posts[$0] ?? $0 }).code == "NOAUTH")
  }

  @Test func `an expired story is gone for who could see it`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    _ = await world.person("bob")
    let author = try world.service.userID(Username("bob"))
    let facts = PostFacts(author: author, visibility: .public, isStory: true)
    let story = try await world.write(.publish(facts, secret: Secret([.text: "x"])))
    #expect(await alice("BOOKMARK", story) == .ok)
    #expect(await alice("BOOKMARKS").items.isEmpty)
    world.clock.advance(ms: PostState.storyMs)
    #expect(await alice("BOOKMARK", story).code == "GONE")
  }
}

extension TestWorld {
  /// A new post by its facts' author, by whatever command; answers its id.
  func write(_ command: PostCommand) async throws -> String {
    let facts: PostFacts
    switch command {
    case .publish(let published, _): facts = published
    case .draft(let drafted, _, _): facts = drafted
    default: preconditionFailure("\(command) makes no post")
    }
    let id = PostID(service.shard(of: .user(facts.author)).ids.next())
    let entity = service.shard(of: .post(id)).directory.posts.findOrMake(id)
    let written = try await entity.perform(command, by: facts.author)
    await service.reached(written.position)
    return "\(id)"
  }
}
