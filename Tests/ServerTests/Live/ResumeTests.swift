import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// Resuming by position: nothing twice, nothing missing, whatever happens meanwhile.
@Suite(.timeLimit(.minutes(3)))
struct ResumeTests {
  static let channels = ["home", "inbox", "chats", "chat", "post", "user:bob", "tag:sea", "public"]

  private static let cutsMax = 1_000

  @Test(arguments: channels, [1, 2])
  func `whoever is cut off again and again hears the same as who is not`(
    _ kind: String, _ shards: Int
  ) async throws {
    let world = try await TestWorld(shards: shards)
    let town = try await ResumeTown(world)
    let channel = town.channel(kind)
    let start = world.journal.durable.raw
    let steady = await world.listener(as: "alice", to: channel)
    async let written: Void = town.write(rounds: 25)
    var dice = Dice(seed: UInt64(kind.utf8.count * 7 + shards))
    var seen: [LiveEvent] = []
    var cuts = 0
    // While the writer goes on; then until the end that the other one has seen.
    for _ in 0..<12 {
      seen += await cutOff(world, channel, after: seen.last?.at ?? start, &dice)
      cuts += 1
    }
    await written
    await world.rest()
    let expected = steady.events()
    let end = try #require(expected.last?.at)
    while seen.last?.at ?? start < end, cuts < Self.cutsMax {
      seen += await cutOff(world, channel, after: seen.last?.at ?? start, &dice)
      cuts += 1
    }
    #expect(seen.map(\.at) == expected.map(\.at), "after \(cuts) cuts")
    #expect(seen.map(\.summary) == expected.map(\.summary))
    #expect(Set(seen.map(\.at)).count == seen.count)
    #expect(seen.allSatisfy { $0.event != "gap" })
  }

  /// Resumes, reads some events and goes away without a word.
  private func cutOff(
    _ world: TestWorld, _ channel: String, after position: UInt64, _ dice: inout Dice
  ) async -> [LiveEvent] {
    let reader = await world.connect()
    _ = await reader("AUTH", "alice", TestWorld.password)
    await reader.send("SUBSCRIBE", "\(channel)@\(position)")
    var events: [LiveEvent] = []
    let count = 1 + dice.below(30)
    for _ in 0..<4 where events.count < count {
      await world.settle()
      events += reader.events()
    }
    await reader.session.close()
    return Array(events.prefix(count))
  }

  @Test func `a resumed subscription is judged by the present`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let alice = await world.person("alice")
    _ = await alice("FOLLOW", "bob")
    let start = world.journal.durable.raw
    let gone = await bob("POST", "gone").string ?? ""
    let kept = await bob("POST", "first").string ?? ""
    _ = await bob("DELETE", gone)
    _ = await bob("EDIT", kept, "second")
    await world.rest()
    _ = await alice("SUBSCRIBE", "home@\(start)")
    await world.rest()
    let events = alice.events()
    #expect(events.map(\.summary) == ["post \(kept)", "delete \(gone)", "edit \(kept)"])
    #expect(events[0]["post.text"] == "second")
    _ = await alice("UNFOLLOW", "bob")
    let stranger = await world.listener(as: "alice", to: "home@\(start)")
    await world.rest()
    #expect(stranger.events().map(\.summary) == [])
  }

  @Test func `a position beyond the journal, or of presence, is refused`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let durable = world.journal.durable.raw
    #expect(await alice("SUBSCRIBE", "home@\(durable + 1)").code == "INVALID")
    #expect(await alice("SUBSCRIBE", "home@x").code == "INVALID")
    #expect(await alice("SUBSCRIBE", "presence@0").code == "INVALID")
    #expect(await alice("SUBSCRIBE", "presence@").code == "INVALID")
    #expect(await alice("SUBSCRIBE", "home@\(durable)").code == nil)
  }

  @Test(arguments: [(LiveHub.resumedEventsMax, false), (LiveHub.resumedEventsMax + 1, true)])
  func `who is further behind than the bound is told of a gap`(
    _ behind: UInt64, _ isGap: Bool
  ) async throws {
    #expect(LiveHub.isTooFarBehind(Position(7), Position(7 + behind)) == isGap)
    let gap = LivePayload.gap(on: "home", after: Position(7), to: Position(9))
    let event = try #require(LiveEvent(channel: "home", json: gap.payload))
    #expect(event.event == "gap" && event.at == 9 && event["after"] == "7")
  }
}

struct Dice {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func below(_ count: Int) -> Int {
    state &+= 1
    return Int(mix64(state) % UInt64(count))
  }
}

/// People who keep every channel of alice's busy with what stays as it is.
private struct ResumeTown: Sendable {
  let world: TestWorld
  let bob: TestConnection
  let cleo: TestConnection
  let post: String
  let chat: String

  init(_ world: TestWorld) async throws {
    self.world = world
    bob = await world.person("bob")
    cleo = await world.person("cleo")
    let alice = await world.person("alice")
    _ = await alice("FOLLOW", "bob")
    post = try #require(await alice("POST", "hers").string)
    chat = try #require(await bob("CHAT", "NEW", "alice", "cleo", "TITLE", "three").string)
    await world.rest()
  }

  func channel(_ kind: String) -> String {
    switch kind {
    case "chat": "chat:\(chat)"
    case "post": "post:\(post)"
    default: kind
    }
  }

  func write(rounds: Int) async {
    for round in 0..<rounds {
      let fan = await world.person("fan\(round)")
      let own = await bob("POST", "the #sea for @alice, \(round)").string ?? ""
      _ = await fan("LIKE", post)
      _ = await bob("SAY", chat, "number \(round)")
      let hers = await cleo("POST", "#sea \(round)").string ?? ""
      _ = await bob("EDIT", own, "the #sea for @alice, again \(round)")
      _ = await bob("SHARE", hers)
      _ = await fan("REPLY", post, "yes")
      _ = await fan("FOLLOW", "alice")
      _ = await cleo("POST", "nothing that concerns her", "VISIBILITY", "private")
    }
  }
}
