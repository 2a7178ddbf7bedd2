import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// Thousands of subscribers to one channel.
@Suite(.timeLimit(.minutes(3)))
struct FanOutTests {
  private static let subscribers = 2_000

  @Test(arguments: [1, 2])
  func `two thousand sessions on one channel hear everything once and in order`(
    _ shards: Int
  ) async throws {
    let world = try await TestWorld(shards: shards)
    let bob = await world.person("bob")
    var readers: [TestConnection] = []
    for number in 0..<Self.subscribers {
      let reader = await world.listener([.two, .three, .line][number % 3], to: "public")
      readers.append(reader)
    }
    #expect(await world.subscriptionsCount == Self.subscribers)
    var posts: [String] = []
    for number in 0..<10 { posts.append(await bob("POST", "\(number)").string ?? "") }
    for reader in readers {
      var seen: [String] = []
      for _ in posts { seen.append(await reader.nextEvent()?["post.id"] ?? "") }
      if seen != posts { Issue.record("\(seen) instead of \(posts)") }
    }
    await world.rest()
    #expect(readers.allSatisfy { $0.pending() == [] })
  }

  @Test func `two thousand sessions of five hundred members hear one chat`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let names = (0..<500).map { "m\(1_000 + $0)" }
    for name in names { _ = await world.person(name) }
    let chat = await bob.call(["CHAT", "NEW"] + names + ["TITLE", "all"]).string ?? ""
    var readers: [TestConnection] = []
    for number in 0..<Self.subscribers {
      readers.append(await world.listener(as: names[number % names.count], to: "chat:\(chat)"))
    }
    var messages: [String] = []
    for number in 0..<5 { messages.append(await bob("SAY", chat, "\(number)").string ?? "") }
    for reader in readers {
      var seen: [String] = []
      for _ in messages { seen.append(await reader.nextEvent()?["message.id"] ?? "") }
      if seen != messages { Issue.record("\(seen) instead of \(messages)") }
    }
    await world.rest()
    #expect(readers.allSatisfy { $0.pending() == [] })
  }

  @Test func `who sees the same shares a message, and who sees another does not`() async throws {
    let world = try await TestWorld()
    let bob = await world.person("bob")
    let cleo = await world.person("cleo")
    _ = await world.person("dora")
    let post = await bob("POST", "hello").string ?? ""
    _ = await cleo("LIKE", post)
    await world.rest()
    let id = try #require(PostID(text: post))
    let author = try world.user("bob")
    let record = try #require(
      (1...world.journal.durable.raw).lazy.compactMap {
        try? world.journal.record(at: Position($0))
      }
      .first { $0.entity == .post(id) })
    let fan = Viewpoint(user: try world.user("cleo"))
    let other = Viewpoint(user: try world.user("dora"))
    let nobody = Viewpoint(user: nil)
    let news = await LivePayload.news(
      of: record, on: .user(author, Username("bob")!),
      for: [nobody, fan, other, nobody, fan, other], world.service)
    let messages = news.messages.map { $0.map { ObjectIdentifier($0) } }
    #expect(Array(messages[..<3]) == Array(messages[3...]))
    #expect(Set(messages).count == 3 && !messages.contains(nil))
  }

  @Test func `others are answered while thousands are told`() async throws {
    let world = try await TestWorld()
    let bob = await world.person("bob")
    var readers: [TestConnection] = []
    for _ in 0..<Self.subscribers { readers.append(await world.listener(to: "public")) }
    for number in 0..<10 { await bob.send("POST", "\(number)") }
    for _ in 0..<10 { _ = await bob.next() }
    // Acknowledged, folded, and so there to be read, whether or not the subscribers have it.
    #expect(await bob("PUBLIC", "COUNT", "10").items.count == 10)
    for reader in readers {
      for _ in 0..<10 { #expect(await reader.nextEvent()?.event == "post") }
    }
  }
}
