import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// Messages on a slow connection: bounded, and nobody else's concern.
@Suite(.timeLimit(.minutes(1)))
struct SlowSubscriberTests {
  private func message(bytes: Int) -> LiveMessage {
    LiveMessage(channel: "home", payload: String(repeating: "x", count: bytes), at: nil)
  }

  @Test func `the box takes exactly its bound and closes one byte past it`() {
    let half = PushBox.bytesMax / 2
    let box = PushBox()
    box.noteLogIn(true)
    #expect(box.put(message(bytes: half), after: .zero) == .added(isFirst: true))
    #expect(box.put(message(bytes: half), after: .zero) == .added(isFirst: false))
    #expect(box.take().count == 2)
    #expect(box.put(message(bytes: half), after: .zero) == .added(isFirst: true))
    #expect(box.put(message(bytes: half + 1), after: .zero) == .full)
    #expect(box.put(message(bytes: 1), after: .zero) == .closed)
    #expect(box.take().isEmpty)
  }

  @Test func `who does not read is ended at the bound of what is held`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await world.settle()
    try world.commit()
    _ = await alice.next()
    // Held by a write that is not durable, messages pile up to the bound.
    await alice.send("POST", "mine")
    await world.settle()
    let size = 1 << 20
    var count = 0
    while alice.session.push(message(bytes: size), after: .zero) {
      count += 1
      // In the session's own turn, after it has fetched the message.
      _ = await alice.session.describe()
    }
    #expect(count == Session.heldBytesInAllMax / size + 1)
    await world.settle()
    #expect(alice.mailbox.isFinished)
    try world.commit()
  }

  @Test func `a message goes out when what it shows is durable, and not before`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await world.settle()
    try world.commit()
    _ = await alice.next()
    let next = world.journal.durable.next
    #expect(alice.session.push(message(bytes: 3), after: next))
    #expect(alice.session.push(message(bytes: 5), after: .zero))
    await world.settle()
    #expect(alice.pending() == [])
    await alice.send("POST", "mine")
    await world.settle()
    #expect(alice.pending() == [])
    try world.commit()
    #expect(await alice.next().elements.last == .text("xxx"))
    #expect(await alice.next().elements.last == .text("xxxxx"))
  }

  @Test func `nobody waits for a subscriber whose connection stands still`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let slow = await world.connect()
    let quick = await world.connect()
    for reader in [slow, quick] { _ = await reader("SUBSCRIBE", "public") }
    slow.mailbox.setFull(true)
    for number in 0..<200 {
      let post = await bob("POST", "\(number)").string ?? "none"
      let payload = await quick.next().elements.last?.string ?? ""
      #expect(payload.contains("\"id\":\"\(post)\""))
    }
  }

  @Test func `a resumed subscription waits for its reader and then goes on`() async throws {
    let world = try await TestWorld()
    let bob = await world.person("bob")
    let start = world.journal.durable.raw
    let text = String(repeating: "x", count: 2_000)
    for number in 0..<300 { _ = await bob("POST", "\(number) \(text)") }
    let reader = await world.connect()
    let room = 20_000
    reader.mailbox.setFull(at: room)
    _ = await reader("SUBSCRIBE", "public@\(start)")
    var seen = 0
    while seen < 300 {
      await world.settle()
      #expect(reader.mailbox.waitingBytes < room + 4_000)
      let replies = reader.pending()
      #expect(!replies.isEmpty)
      if replies.isEmpty { return }
      for reply in replies {
        #expect(reply.elements.last?.string?.contains("\"\(seen) xxx") == true)
        seen += 1
      }
      await reader.session.drained()
    }
    await world.settle()
    #expect(reader.pending() == [])
  }
}
