import Domain
import Engine
import Journal
import Testing
import Wire

@testable import Server

/// What a poll shows, to whom and when.
@Suite(.timeLimit(.minutes(1)))
struct PollTests {
  /// Votes shown of each option; nil where they are not told.
  static func votes(_ post: Reply) -> [Int64?] {
    post["poll"]?["options"]?.elements.map { $0["votes"]?.int } ?? []
  }

  @Test(arguments: [Dialect.two, .three])
  func `results are hidden until one has voted or the poll is closed`(
    _ dialect: Dialect
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice", dialect)
    let bob = await world.person("bob", dialect)
    let carol = await world.person("carol", dialect)
    let stranger = await world.connect(dialect)
    let words = ["POST", "Which?", "POLL", "3", "yes", "no", "perhaps", "CLOSES", "60"]
    let post = await alice.call(words).string ?? ""
    #expect(await bob("VOTE", post, "2") == .ok)

    let shown = await bob("GET", post)
    #expect(Self.votes(shown) == [0, 0, 1])
    #expect(shown["poll"]?["voted"]?.elements == [.integer(2)])
    #expect(shown["poll"]?["voters"] == .integer(1))
    #expect(shown["poll"]?["multiple"] == .integer(0))
    #expect(shown["poll"]?["closed"] == .integer(0))
    #expect(shown["poll"]?["closes_at"] == .integer(world.clock.now.ms + 60_000))
    let words3 = shown["poll"]?["options"]?.elements.map { $0["text"]?.string }
    #expect(words3 == ["yes", "no", "perhaps"])
    #expect(Self.votes(await alice("GET", post)) == [0, 0, 1])
    #expect(Self.votes(await carol("GET", post)) == [nil, nil, nil])
    #expect(await carol("GET", post)["poll"]?["voted"]?.elements == [])
    let anonymous = await stranger("GET", post)
    #expect(Self.votes(anonymous) == [nil, nil, nil])
    #expect(anonymous["poll"]?["voters"] == .integer(1))
    #expect(anonymous["poll"]?["voted"] == nil)

    world.clock.advance(ms: 59_999)
    #expect(Self.votes(await carol("GET", post)) == [nil, nil, nil])
    world.clock.advance(ms: 1)
    for person in [carol, stranger] {
      let closed = await person("GET", post)
      #expect(Self.votes(closed) == [0, 0, 1])
      #expect(closed["poll"]?["closed"] == .integer(1))
    }
    #expect(await carol("VOTE", post, "0").code == "DENIED")
    #expect(await bob("VOTE", post, "2") == .ok)
  }

  @Test func `lists hide results as GET does`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let post = await alice("POST", "Which?", "POLL", "2", "yes", "no").string ?? ""
    #expect(await bob("VOTE", post, "1") == .ok)
    let stranger = await world.connect()
    let listed = try #require(await stranger("PUBLIC").items.first)
    #expect(Self.votes(listed) == [nil, nil])
    #expect(Self.votes(try #require(await bob("PUBLIC").items.first)) == [0, 1])
  }

  @Test func `a poll of several options counts voters and votes`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let post =
      await alice("POST", "Which?", "POLL", "3", "a", "b", "c", "MULTIPLE").string ?? ""
    #expect(await bob("VOTE", post, "2", "0") == .ok)
    #expect(await carol("VOTE", post, "2") == .ok)
    let shown = await alice("GET", post)
    #expect(Self.votes(shown) == [1, 0, 2])
    #expect(shown["poll"]?["voters"] == .integer(2))
    #expect(shown["poll"]?["multiple"] == .integer(1))
    #expect(shown["poll"]?["closes_at"] == .null)
    #expect(await bob("GET", post)["poll"]?["voted"]?.elements == [.integer(0), .integer(2)])
  }

  @Test func `author and voters are told of the end, once, whoever they are`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let words = ["POST", "Which?", "POLL", "2", "yes", "no", "CLOSES", "60"]
    let post = await alice.call(words).string ?? ""
    #expect(await bob("VOTE", post, "1") == .ok)
    #expect(await bob("MUTE", "alice") == .ok)
    world.clock.advance(ms: 60_000)
    #expect(await world.engine.performDue() == 1)
    #expect(await world.engine.performDue() == 0)
    await world.engine.reached(world.journal.enqueued)
    for person in [alice, bob] {
      let item = try #require(await person("INBOX").items.first)
      #expect(item["kind"]?.string == "poll")
      #expect(item["post"]?.string == post)
      #expect(item["actors"]?.elements == [])
      #expect(await person("UNREAD") == .integer(1))
    }
    #expect(await carol("INBOX").items.isEmpty)
    #expect(await alice("DELETE", post) == .ok)
    for person in [alice, bob] { #expect(await person("UNREAD") == .integer(0)) }
  }

  @Test func `reactions are counted by emoji, the most frequent first`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice", .three)
    let post = await alice("POST", "A boson!").string ?? ""
    for (number, emoji) in ["👍", "🎉", "🎉", "😢", "😢"].enumerated() {
      let person = await world.person("person\(number)")
      #expect(await person("REACT", post, emoji) == .integer(Int64(number) + 1))
    }
    let shown = await alice("GET", post)
    #expect(shown["reacted"] == .null)
    guard case .map(let reactions)? = shown["reactions"] else {
      Issue.record("no map: \(shown)")
      return
    }
    #expect(reactions["🎉"] == .integer(2) && reactions["👍"] == .integer(1))
    #expect(await alice("REACT", post, "👍") == .integer(6))
    #expect(await alice("GET", post)["reacted"]?.string == "👍")
    let item = try #require(await alice("INBOX").items.first)
    #expect(item["kind"]?.string == "reaction")
    #expect(item["count"] == .integer(5))
    let stranger = await world.connect(.three)
    #expect(await stranger("GET", post)["reacted"] == nil)
  }

  @Test func `no more than twenty emojis are shown`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice", .two)
    let post = await alice("POST", "A boson!").string ?? ""
    let faces = (0...PostReading.emojisShownMax).map { number in
      String(Character(Unicode.Scalar(0x1F600 + UInt32(number))!))
    }
    for (number, face) in faces.enumerated() {
      let person = await world.person("person\(number)")
      #expect(await person("REACT", post, face).code == nil)
    }
    let last = await world.person("last")
    #expect(await last("REACT", post, faces.last ?? "") == .integer(22))
    let shown = await alice("GET", post)["reactions"]?.elements ?? []
    let emojis = stride(from: 0, to: shown.count, by: 2).compactMap { shown[$0].string }
    // The last one has two; of equals the one with the lowest code point comes first.
    #expect(emojis == faces.suffix(1) + faces.prefix(PostReading.emojisShownMax - 1))
  }
}
