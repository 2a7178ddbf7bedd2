import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct TypingTests {
  private struct Town {
    let world: TestWorld
    let alice: TestConnection
    let bob: TestConnection
    let chat: String

    init() async throws {
      world = try await TestWorld(shards: 2)
      alice = await world.person("alice")
      bob = await world.person("bob")
      _ = await world.person("cleo")
      chat = await alice("CHAT", "NEW", "bob", "cleo", "TITLE", "three").string ?? ""
      await world.rest()
    }
  }

  @Test func `the other members hear who types, and until when`() async throws {
    let town = try await Town()
    let all = await town.world.listener(as: "cleo", to: "chats")
    let one = await town.world.listener(as: "bob", .three, to: "chat:\(town.chat)")
    let own = await town.world.listener(as: "alice", .line, to: "chats", "chat:\(town.chat)")
    let durable = town.world.journal.durable.raw
    #expect(await town.alice("TYPING", town.chat) == .ok)
    await town.world.rest()
    for (listener, channel) in [(all, "chats"), (one, "chat:\(town.chat)")] {
      let events = listener.events()
      #expect(events.map(\.event) == ["typing"] && events.map(\.channel) == [channel])
      #expect(events.first?["chat"] == town.chat && events.first?["username"] == "alice")
      #expect(events.first?["until"] == "\(town.world.clock.now.ms + 5_000)")
      #expect(events.first?.at == durable)
    }
    #expect(own.events().isEmpty)
    #expect(town.world.journal.durable.raw == durable, "typing is in no journal")
  }

  @Test func `one message a person, chat and second`() async throws {
    let town = try await Town()
    let listener = await town.world.listener(as: "cleo", to: "chats")
    for _ in 0..<5 { #expect(await town.alice("TYPING", town.chat) == .ok) }
    _ = await town.bob("TYPING", town.chat)
    town.world.clock.advance(ms: TypingLimit.intervalMs - 1)
    _ = await town.alice("TYPING", town.chat)
    await town.world.rest()
    #expect(listener.events().compactMap { $0["username"] } == ["alice", "bob"])
    town.world.clock.advance(ms: 1)
    _ = await town.alice("TYPING", town.chat)
    await town.world.rest()
    #expect(listener.events().compactMap { $0["username"] } == ["alice"])
  }

  @Test func `who has left neither types nor hears`() async throws {
    let town = try await Town()
    let left = await town.world.listener(as: "cleo", to: "chats", "chat:\(town.chat)")
    _ = await left("CHAT", "LEAVE", town.chat)
    await town.world.rest()
    _ = left.events()
    #expect(await left("TYPING", town.chat).code == "NOTFOUND")
    #expect(await town.world.person("dora")("TYPING", town.chat).code == "NOTFOUND")
    #expect(await town.alice("TYPING", "4611686018427387904").code == "NOTFOUND")
    _ = await town.alice("TYPING", town.chat)
    await town.world.rest()
    #expect(left.events().isEmpty)
  }

  @Test func `nobody types to whom they are blocked from`() async throws {
    let town = try await Town()
    let direct = await town.alice("CHAT", "NEW", "bob").string ?? ""
    #expect(await town.alice("TYPING", direct) == .ok)
    _ = await town.bob("BLOCK", "alice")
    #expect(await town.alice("TYPING", direct).code == "DENIED")
  }

  @Test func `so many type within a second and no more`() throws {
    let limit = TypingLimit()
    let now = Instant(ms: 5_000)
    for number in 1...TypingLimit.typistsMax {
      #expect(try limit.admit(UserID(UInt64(number)), in: ChatID(1), at: now))
    }
    #expect(throws: Rejection.self) {
      try limit.admit(UserID(UInt64(TypingLimit.typistsMax + 1)), in: ChatID(1), at: now)
    }
    #expect(try !limit.admit(UserID(1), in: ChatID(1), at: now))
    let later = now.adding(ms: TypingLimit.intervalMs)
    #expect(try limit.admit(UserID(1), in: ChatID(1), at: later))
  }

  @Test func `so many are on their way to be told and no more`() {
    var whispers = Whispers()
    func typing(_ number: Int) -> Typing {
      Typing(chat: ChatID(1), user: UserID(UInt64(number)), members: [], until: Instant(ms: 0))
    }
    let added = (1...Whispers.typingMax + 1).map { whispers.add(typing($0)) }
    #expect(added == Array(repeating: true, count: Whispers.typingMax) + [false])
    let taken = whispers.take()
    #expect(taken.typing.count == Whispers.typingMax)
    #expect(whispers.isEmpty)
  }
}
