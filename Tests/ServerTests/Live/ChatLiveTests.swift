import Domain
import Engine
import Journal
import Testing
import Wire

@testable import Server

/// What `chats` and `chat:<id>` tell whom.
@Suite(.timeLimit(.minutes(1)))
struct ChatLiveTests {
  private let world: TestWorld
  private let alice: TestConnection
  private let bob: TestConnection
  private let carol: TestConnection

  init() async throws {
    world = try await TestWorld(shards: 2)
    alice = await world.person("alice")
    bob = await world.person("bob")
    carol = await world.person("carol")
  }

  /// A connection of somebody that hears one channel.
  private func listen(_ name: String, _ channel: String) async -> TestConnection {
    let listener = await world.connect()
    #expect(await listener("AUTH", name, TestWorld.password) == .ok)
    #expect(await listener("SUBSCRIBE", channel).elements.first?.string == "subscribe")
    return listener
  }

  /// The events that have come, in short: `message hi`, `members added carol`, ….
  private func heard(_ listener: TestConnection) async -> [String] {
    await world.engine.reached(world.journal.enqueued)
    await world.settle()
    return listener.pending().map { message in
      short(message.elements.last?.string ?? "")
    }
  }

  private func short(_ payload: String) -> String {
    func field(_ name: String) -> String? {
      guard let start = payload.firstRange(of: "\"\(name)\":") else { return nil }
      let rest = payload[start.upperBound...]
      let end = rest.first == "[" ? "]" : ",}"
      let value = rest.prefix { !end.contains($0) }
      return String(value.filter { !"\"[".contains($0) })
    }
    let event = field("event") ?? "?"
    let details =
      switch event {
      case "message": [field("text")]
      case "members": [field("change"), field("members"), field("role")]
      case "title": [field("title")]
      case "unsaid", "read": [field("by")]
      default: [field("by")]
      }
    return ([event] + details.compactMap { $0 }).joined(separator: " ")
  }

  @Test func `members hear what happens while they take part, and nothing else`() async throws {
    let ears = await listen("carol", "chats")
    let chat = await alice("CHAT", "NEW", "bob", "TITLE", "T").string ?? ""
    let bobs = await listen("bob", "chat:\(chat)")
    let early = await alice("SAY", chat, "early").string ?? ""
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    #expect(await alice("CHAT", "TITLE", chat, "New") == .ok)
    let message = await bob("SAY", chat, "hello carol").string ?? ""
    #expect(await carol("READ", chat, message) == .ok)
    #expect(await alice("CHAT", "ROLE", chat, "bob", "admin") == .ok)
    #expect(await alice("UNSAY", chat, early) == .ok)
    #expect(await bob("UNSAY", chat, message) == .ok)
    #expect(await alice("CHAT", "REMOVE", chat, "carol") == .ok)
    #expect(await alice("SAY", chat, "among us").code == nil)
    #expect(await alice("CHAT", "TITLE", chat) == .ok)
    #expect(await carol("READ", chat, message) == .ok)
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    #expect(await alice("CHAT", "LEAVE", chat) == .ok)
    #expect(
      await heard(ears) == [
        "members added carol", "title New", "message hello carol", "read carol",
        "members role bob admin", "unsaid bob", "members removed carol", "members added carol",
        "members left alice",
      ])
    #expect(
      await heard(bobs) == [
        "message early", "members added carol", "title New", "message hello carol", "read carol",
        "members role bob admin", "unsaid alice", "unsaid bob", "members removed carol",
        "message among us", "title null", "members added carol", "members left alice",
      ])
  }

  @Test func `who opens a group and who is in it hear so`() async throws {
    let ears = await listen("bob", "chats")
    let inbox = await listen("bob", "inbox")
    let others = await listen("carol", "chats")
    let chat = await alice("CHAT", "NEW", "bob", "TITLE", "T").string ?? ""
    #expect(await heard(ears) == ["chat alice"])
    #expect(await heard(others) == [])
    await world.settle()
    #expect(await bob("CHAT", "LEAVE", chat) == .ok)
    #expect(await heard(ears) == ["members left bob"])
    let payload = await inbox.next().elements.last?.string ?? ""
    #expect(payload.contains(#""kind":"invite""#) && payload.contains("\"chat\":\"\(chat)\""))
    #expect(inbox.pending() == [])
  }

  @Test func `the promotion of who joined first is heard by those who stay`() async throws {
    let chat = await alice("CHAT", "NEW", "bob", "carol").string ?? ""
    let bobs = await listen("bob", "chat:\(chat)")
    let alices = await listen("alice", "chats")
    #expect(await alice("CHAT", "LEAVE", chat) == .ok)
    #expect(await heard(bobs) == ["members left alice", "members role bob admin"])
    #expect(await heard(alices) == ["members left alice"])
  }

  @Test func `a resumed subscription shows messages as history does`() async throws {
    let chat = await alice("CHAT", "NEW", "bob", "TITLE", "T").string ?? ""
    let start = world.journal.durable.raw
    let picture = await alice("MEDIA", "ADD", "image", "https://e.org/secret").string ?? ""
    let first = await alice("SAY", chat, "taken back", "MEDIA", picture).string ?? ""
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    #expect(await alice("SAY", chat, "stays").code == nil)
    #expect(await alice("UNSAY", chat, first) == .ok)
    #expect(await bob("CHAT", "LEAVE", chat) == .ok)
    #expect(await alice("SAY", chat, "later").code == nil)
    let bobs = await listen("bob", "chats@\(start)")
    let carols = await listen("carol", "chats@\(start)")
    #expect(
      await heard(bobs) == [
        "message null", "members added carol", "message stays", "unsaid alice",
        "members left bob",
      ])
    #expect(
      await heard(carols) == [
        "members added carol", "message stays", "members left bob", "message later",
      ])
  }

  @Test func `to subscribe to a chat takes a member`() async throws {
    let chat = await alice("CHAT", "NEW", "bob", "TITLE", "T").string ?? ""
    let refusal = await carol("SUBSCRIBE", "chat:\(chat)")
    #expect(refusal.code == "NOTFOUND")
    #expect(refusal == (await carol("SUBSCRIBE", "chat:12345")))
    #expect(await bob("CHAT", "LEAVE", chat) == .ok)
    #expect(await bob("SUBSCRIBE", "chat:\(chat)").code == "NOTFOUND")
  }

  /// On whichever shard: a listener who comes, goes and comes again hears what history shows.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `what is heard is what history shows`(seed: UInt64) async throws {
    var random = seed
    func roll(_ count: UInt64) -> Int {
      random = mix64(random &+ 0x9E37_79B9_7F4A_7C15)
      return Int(random % count)
    }
    let chat = await alice("CHAT", "NEW", "bob", "TITLE", "T").string ?? ""
    let ears = await listen("carol", "chats")
    for number in 0..<80 {
      switch roll(8) {
      case 0: _ = await alice("CHAT", "ADD", chat, "carol")
      case 1: _ = await alice("CHAT", "REMOVE", chat, "carol")
      case 2: _ = await carol("SAY", chat, "c\(number)")
      default: _ = await (roll(2) == 0 ? alice : bob)("SAY", chat, "m\(number)")
      }
    }
    let messages = await heard(ears).filter { $0.hasPrefix("message") }
    let history = await carol("HISTORY", chat, "COUNT", "200").items
    #expect(messages == history.reversed().map { "message \($0["text"]?.string ?? "")" })
    #expect(!messages.isEmpty)
  }
}
