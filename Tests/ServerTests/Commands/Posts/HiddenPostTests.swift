import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// What moderators have hidden, on every path.
@Suite(.timeLimit(.minutes(1)))
struct HiddenPostTests {
  static func moderate(
    _ post: String, _ moderation: Moderation, in world: TestWorld
  ) async throws {
    let id = PostID(try #require(UInt64(post)))
    let answer = try await world.service.post(id).perform(
      .moderate(moderation, secret: nil), by: .system)
    await world.engine.reached(answer.position)
  }

  static let lists = [
    ["HOME"], ["PUBLIC"], ["TAG", "higgs"], ["TIMELINE", "alice"], ["TRENDING"],
    ["TRENDING", "POSTS"],
  ]

  static func count(_ reply: Reply) -> Int {
    reply["items"] == nil ? reply.elements.count : reply.items.count
  }

  @Test(arguments: [Moderation.underReview, .removed])
  func `its author alone sees it, in no list, and it comes back`(
    _ moderation: Moderation
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    #expect(await bob("FOLLOW", "alice").string == "following")
    let parent = await bob("POST", "What?").string ?? ""
    let post = await alice("POST", "#higgs @bob").string ?? ""
    let answer = await alice("REPLY", parent, "That").string ?? ""
    #expect(await bob("LIKE", post) == .integer(1))
    try await Self.moderate(post, moderation, in: world)
    try await Self.moderate(answer, moderation, in: world)

    let word = moderation == .removed ? "removed" : "under_review"
    #expect(await alice("GET", post)["status"]?.string == word)
    #expect(await bob("GET", post) == (await bob("GET", "12345")))
    for person in [alice, bob] {
      for words in Self.lists where words != ["PUBLIC"] && words != ["HOME"] {
        #expect(Self.count(await person.call(words)) == 0, "\(words)")
      }
      #expect(await person("PUBLIC").items.map { $0["id"]?.string } == [parent])
    }
    #expect(await bob("HOME").items.map { $0["id"]?.string } == [parent])
    #expect(await bob("GET", parent)["replies"] == .integer(0))
    #expect(await bob("THREAD", parent).items.count == 1)
    #expect(await bob("UNREAD") == .integer(0))
    #expect(await alice("PROFILE", "alice")["posts"] == .integer(0))
    #expect(await alice("INBOX").items.map { $0["kind"]?.string }.contains("moderation"))
    let refused = [
      ["LIKE", post], ["SHARE", post], ["EDIT", post, "x"], ["DELETE", post],
      ["REACT", post, "🎉"], ["VIEW", post],
    ]
    for words in refused.dropLast() {
      #expect(await alice.call(words).code == "DENIED", "\(words)")
      #expect(await bob.call(words).code == "NOTFOUND", "\(words)")
    }
    #expect(await bob("VIEW", post) == .integer(0))

    try await Self.moderate(post, .none, in: world)
    try await Self.moderate(answer, .none, in: world)
    for words in Self.lists {
      #expect(Self.count(await bob.call(words)) > 0, "\(words)")
    }
    #expect(await bob("GET", post)["likes"] == .integer(1))
    #expect(await bob("GET", parent)["replies"] == .integer(1))
    #expect(await bob("UNREAD") == .integer(0))
    #expect(await alice("PROFILE", "alice")["posts"] == .integer(2))
    #expect(await alice("DELETE", post) == .ok)
  }

  @Test func `a hidden story is in STORIES no more`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let story = await alice("POST", "Look", "STORY").string ?? ""
    try await Self.moderate(story, .removed, in: world)
    #expect(await alice("STORIES").items.isEmpty)
    #expect(await alice("GET", story)["status"]?.string == "removed")
    try await Self.moderate(story, .none, in: world)
    #expect(await alice("STORIES").items.count == 1)
  }
}
