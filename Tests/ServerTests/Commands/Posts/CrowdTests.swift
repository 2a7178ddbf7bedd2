import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// Posts with which very many people have done something.
@Suite(.timeLimit(.minutes(1)))
struct CrowdTests {
  /// People who exist for the post alone: ids below those that are made.
  private func crowd(_ count: Int) -> [UserID] { (0..<count).map { UserID(UInt64(1_000 + $0)) } }

  @Test func `home and list show the earliest share of thousands`() async throws {
    let world = try await TestWorld(shards: 2)
    let author = await world.person("author")
    let text = try #require(await author("POST", "seen by all").string)
    let id = try #require(PostID(text: text))
    let post = try world.service.post(id)
    let viewer = await world.person("viewer")
    let list = await viewer("LIST", "NEW", "some").string ?? ""
    func share(_ user: UserID) async throws {
      let share = ShareID(world.engine.shards[0].ids.next())
      let answer = try await post.perform(.share(share, authorIsPrivate: false), by: user)
      await world.engine.reached(answer.position)
    }
    for user in crowd(1_100) { try await share(user) }
    for name in ["muted", "first", "second"] {
      let person = await world.person(name)
      #expect(await viewer("FOLLOW", name).code == nil)
      #expect(await viewer("LIST", "ADD", list, name).code == nil)
      #expect(await person("SHARE", text).code == nil)
    }
    #expect(await viewer("MUTE", "muted") == .ok)
    for words in [["HOME"], ["TIMELINE", "LIST", list]] {
      let items = await viewer.call(words).items
      #expect(items.map { $0["id"]?.string } == [text])
      #expect(items.map { $0["shared_by"]?.string } == ["first"])
    }
  }

  @Test(arguments: [1, 100])
  func `by whose share a home has a post rests on shares that are not durable yet`(
    _ count: Int
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let author = await world.connect()
    await author.send("SIGNUP", "author", TestWorld.password)
    await author.send("POST", "seen by all")
    await world.settle()
    try world.commit()
    _ = await author.next()
    let text = try #require(await author.next().string)
    let id = try #require(PostID(text: text))
    for user in crowd(count) {
      let share = ShareID(world.engine.shards[0].ids.next())
      _ = try await world.service.post(id).perform(
        .share(share, authorIsPrivate: false), by: user)
    }
    let name = try #require(Username("author"))
    let viewer = try #require(world.engine.names.id(of: name))
    let found = await world.service.earliestSharers(of: id, for: [viewer])
    #expect(found.value == [nil])
    #expect(found.position == world.journal.enqueued)
    #expect(found.position > world.journal.durable)
  }

  @Test func `of very many emojis the most frequent are shown`() async throws {
    let world = try await TestWorld()
    let author = await world.person("author")
    let text = try #require(await author("POST", "react!").string)
    let id = try #require(PostID(text: text))
    let post = try world.service.post(id)
    let emojis = (0..<40).map { String(Character(UnicodeScalar(0x1F400 + $0)!)) }
    var wanted: [String: Int] = [:]
    for (number, user) in crowd(200).enumerated() {
      let emoji = emojis[number % 7 == 0 ? 39 : number % 40]
      wanted[emoji, default: 0] += 1
      _ = try await post.perform(.react(emoji), by: user)
    }
    let expected = wanted.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
      .prefix(PostReading.emojisShownMax)
    let reading = try #require(await world.service.readPost(id, viewer: nil))
    #expect(reading.reactions.map(\.emoji) == expected.map(\.key))
    #expect(reading.reactions.map(\.count) == expected.map(\.value))
  }
}
