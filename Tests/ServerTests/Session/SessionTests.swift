import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct SessionTests {
  @Test(arguments: Dialect.allCases)
  func `pipelined writes wait for the disk together and are answered in order`(
    _ dialect: Dialect
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect(dialect)
    if dialect == .three { #expect(await alice("PING").string == "PONG") }
    await alice.send("SIGNUP", "alice", TestWorld.password)
    for number in 0..<20 { await alice.send("POST", "post \(number)") }
    await alice.send("PING", "end")
    await world.settle()
    #expect(alice.pending() == [])
    try world.commit()
    var replies: [Reply] = []
    for _ in 0..<22 { replies.append(await alice.next()) }
    #expect(replies.last?.string?.contains("end") == true)
    let ids = replies[1...20].compactMap(\.string)
    #expect(ids.count == 20)
    #expect(ids == ids.sorted())
  }

  @Test func `what was sent before a half-close is answered, however much it is`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let count = Session.heldRepliesMax * 2 + 7
    var bytes: [UInt8] = []
    for _ in 0..<count { bytes += Request.encoded(["FOLLOW", "alice"]) }
    for _ in 0..<count { bytes += Request.encoded(["PROFILE", "SET", "name", "Alice"]) }
    await alice.session.receive(bytes)
    await alice.session.finish()
    var replies = 0
    while await alice.next() != .null { replies += 1 }
    #expect(replies == 2 * count)
    #expect(alice.mailbox.isFinished)
  }

  @Test func `a stranger may be found without a question so often, and once more ends it`()
    async throws
  {
    var settings = Settings()
    settings.strangerLooksMax = 3
    let world = try await TestWorld(settings: settings)
    let stranger = await world.connect(.two)
    for _ in 0..<3 { await stranger.session.endIfForgotten() }
    #expect(!stranger.mailbox.isFinished)
    // A question begins the count anew; half a question does not.
    #expect(await stranger("PING").string == "PONG")
    await stranger.session.receive(Array("*1\r\n$4\r\nPI".utf8))
    for _ in 0..<3 { await stranger.session.endIfForgotten() }
    #expect(!stranger.mailbox.isFinished)
    await stranger.session.endIfForgotten()
    #expect(stranger.mailbox.isFinished)
  }

  @Test func `who has logged in, or listens, may be silent`() async throws {
    var settings = Settings()
    settings.strangerLooksMax = 0
    let world = try await TestWorld(settings: settings)
    let alice = await world.person("alice")
    let listener = await world.connect(.three)
    await listener("SUBSCRIBE", "public")
    for _ in 0..<10 {
      await alice.session.endIfForgotten()
      await listener.session.endIfForgotten()
    }
    #expect(!alice.mailbox.isFinished && !listener.mailbox.isFinished)
    await alice("LOGOUT")
    await listener("UNSUBSCRIBE", "public")
    await alice.session.endIfForgotten()
    await listener.session.endIfForgotten()
    #expect(alice.mailbox.isFinished && listener.mailbox.isFinished)
  }

  @Test func `a wrong frame is refused after what came before, and ends the connection`()
    async throws
  {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    await alice.session.receive(Request.encoded(["POST", "hello"]) + Array("*x\r\n".utf8))
    #expect(await alice.next().string != nil)
    #expect(
      await alice.next() == .error(code: "ERR", message: "Protocol error: invalid multibulk length")
    )
    #expect(await alice.next() == .null)
  }

  @Test func `a plain line gets one line, whatever it subscribes to`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice", .line)
    await alice.send("SUBSCRIBE", "home", "inbox", "tag:swift")
    await alice.send("PING")
    #expect(
      await alice.next().string
        == #"[["subscribe","home",1],["subscribe","inbox",2],["subscribe","tag:swift",3]]"#)
    #expect(await alice.next().string == #""PONG""#)
    #expect(await alice("UNSUBSCRIBE", "inbox").string == #"["unsubscribe","inbox",2]"#)
    #expect(
      await alice("UNSUBSCRIBE").string
        == #"[["unsubscribe","home",1],["unsubscribe","tag:swift",0]]"#)
    #expect(await alice("UNSUBSCRIBE").string == #"["unsubscribe",null,0]"#)
  }

  @Test func `a connection that closes while it subscribes leaves nothing behind`() async throws {
    let world = try await TestWorld(shards: 2)
    for _ in 0..<300 {
      let reader = await world.connect()
      await reader.send("SUBSCRIBE", "tag:a", "tag:b", "tag:c", "tag:d")
      await reader.session.close()
    }
    await world.settle()
    #expect(await world.subscriptionsCount == 0)
    #expect(world.service.sessions.openCount == 0)
  }

  @Test func `requests wait while the output is full and go on when it is drained`() async throws {
    let world = try await TestWorld()
    let reader = await world.connect()
    reader.mailbox.setFull(true)
    await reader.send("PING")
    await world.settle()
    #expect(reader.pending() == [])
    reader.mailbox.setFull(false)
    await reader.session.drained()
    #expect(await reader.next() == .simple("PONG"))
  }

  @Test func `a connection may end itself and is told so`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    let id = try #require(await admin("CLIENT", "ID").int)
    #expect(await admin("CLIENT", "KILL", "ID", "\(id)") == .integer(1))
    #expect(await admin.next() == .null)
  }

  @Test func `a killed connection hears nothing more`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    let alice = await world.person("alice")
    await alice("SUBSCRIBE", "home")
    let id = try #require(await alice("CLIENT", "ID").int)
    #expect(await admin("CLIENT", "KILL", "ID", "\(id)") == .integer(1))
    #expect(await alice.next() == .null)
    #expect(await admin("CLIENT", "KILL", "ID", "999999").code == "NOTFOUND")
  }

  @Test func `replies that always wait keep no more room than they need`() {
    var held = HeldReplies()
    held.append(.ok, framing: .resp, version: .two, after: Position(1))
    for number in 2...50_000 {
      held.append(.ok, framing: .resp, version: .two, after: Position(UInt64(number)))
      #expect(held.take(through: Position(UInt64(number - 1))) == Array("+OK\r\n".utf8))
      if held.roomUsed > 64 { Issue.record("\(held.roomUsed) kept"); return }
    }
    #expect(held.byteCount == 5)
    #expect(held.take(through: Position(49_999)) == nil)
    #expect(held.take(through: Position(50_000)) == Array("+OK\r\n".utf8))
    #expect(held.isEmpty)
  }

  @Test func `a reply goes out after all before it`() {
    var held = HeldReplies()
    held.append(.integer(1), framing: .resp, version: .two, after: Position(7))
    held.append(.integer(2), framing: .resp, version: .two, after: .zero)
    held.append(.integer(3), framing: .resp, version: .two, after: Position(8))
    #expect(held.runCount == 2)
    #expect(held.take(through: Position(6)) == nil)
    #expect(held.take(through: Position(7)) == Array(":1\r\n:2\r\n".utf8))
    #expect(held.take(through: Position(9)) == Array(":3\r\n".utf8))
  }
}
