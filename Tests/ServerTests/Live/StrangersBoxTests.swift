import Domain
import Journal
import Testing
import Wire

@testable import Server

/// What is pushed to who has not logged in: little waits, and who misses some is told of a gap.
@Suite(.timeLimit(.minutes(1)))
struct StrangersBoxTests {
  private let max = PushBox.strangerBytesMax

  private func message(
    _ position: UInt64, bytes: Int, on channel: String = "public"
  ) -> LiveMessage {
    LiveMessage(
      channel: channel, payload: String(repeating: "x", count: bytes), at: Position(position))
  }

  private func gap(_ item: PushBox.Item) -> String {
    String(decoding: item.message.bytes(.line, .two), as: UTF8.self)
  }

  @Test func `the box takes exactly its bound and one byte past it is a gap`() {
    let box = PushBox()
    #expect(box.put(message(7, bytes: max / 2), after: .zero) == .added(isFirst: true))
    #expect(box.put(message(8, bytes: max / 2), after: .zero) == .added(isFirst: false))
    #expect(box.put(message(9, bytes: 1), after: Position(9)) == .missed(isDue: false))
    #expect(box.put(message(12, bytes: 1), after: Position(12)) == .missed(isDue: false))
    let items = box.take()
    #expect(items.count == 3)
    #expect(items.last?.position == Position(12))
    #expect(
      items.last.map(gap)
        == #"{"message":{"channel":"public","event":{"event":"gap","at":12,"after":8}}}"# + "\n")
  }

  @Test func `what waits behind the box counts, and a gap is told when half of it is gone`() {
    let box = PushBox()
    #expect(!box.noteBehind(max - 10))
    #expect(box.put(message(1, bytes: 10), after: .zero) == .added(isFirst: true))
    #expect(box.take().count == 1)
    #expect(!box.noteBehind(max))
    #expect(box.put(message(2, bytes: 1), after: .zero) == .missed(isDue: false))
    #expect(!box.noteBehind(max / 2 + 1))
    #expect(box.noteBehind(max / 2))
    // Once: the session is about to look.
    #expect(!box.noteBehind(0))
    // Nothing on this channel before the gap is told; on others there is room.
    #expect(box.put(message(3, bytes: 1), after: .zero) == .missed(isDue: false))
    #expect(box.put(message(3, bytes: 1, on: "tag:a"), after: .zero) == .added(isFirst: false))
    #expect(box.take().map(gap).last?.contains(#""at":3,"after":1"#) == true)
    #expect(box.put(message(4, bytes: 1), after: .zero) == .added(isFirst: true))
  }

  @Test func `a message that never fits is a gap at once`() {
    let box = PushBox()
    #expect(box.put(message(5, bytes: max), after: .zero) == .added(isFirst: true))
    #expect(box.take().count == 1)
    #expect(!box.noteBehind(0))
    #expect(box.put(message(6, bytes: max + 1), after: .zero) == .missed(isDue: true))
    #expect(box.take().map(gap).first?.contains(#""at":6,"after":5"#) == true)
  }

  @Test func `who logs in has a member's box, and who logs out a stranger's`() {
    let box = PushBox()
    box.noteLogIn(true)
    #expect(box.put(message(1, bytes: max + 1), after: .zero) == .added(isFirst: true))
    #expect(box.take().count == 1)
    box.noteLogIn(false)
    #expect(box.put(message(2, bytes: 1), after: .zero) == .missed(isDue: false))
  }

  @Test func `a stranger who reads on after a pause is told what lies between`() async throws {
    let world = try await TestWorld()
    let bob = await world.person("bob")
    let reader = await world.connect()
    _ = await reader("SUBSCRIBE", "public")
    let text = String(repeating: "x", count: 1_000)
    for number in 0..<100 { _ = await bob("POST", "\(number) \(text)") }
    await world.settle()
    #expect(reader.mailbox.waitingBytes <= max + max / 4)
    #expect(!reader.mailbox.isFinished)
    let before = reader.pending().map { $0.elements.last?.string ?? "" }
    #expect(before.count < 30 && before.allSatisfy { $0.contains(#""event":"post""#) })
    await reader.session.drained()
    let told = await reader.next().elements.last?.string ?? ""
    #expect(told.contains(#""event":"gap""#) && told.contains(#""at":\#(world.journal.durable)"#))
    // And what comes from now on.
    _ = await bob("POST", "news")
    #expect(await reader.next().elements.last?.string?.contains("news") == true)
  }

  @Test(arguments: [(32, nil), (33, "LIMIT")] as [(Int, String?)])
  func `before logging in a connection follows 32 channels`(_ count: Int, _ code: String?)
    async throws
  {
    let world = try await TestWorld()
    let reader = await world.connect(.three)
    let first = (0..<15).map { "tag:a\($0)" }
    let second = (15..<30).map { "tag:a\($0)" }
    for channels in [first, second] { await reader.send(["SUBSCRIBE"] + channels) }
    for _ in 0..<30 { _ = await reader.next() }
    let rest = (30..<count).map { "tag:a\($0)" }
    let answer = await reader.call(["SUBSCRIBE"] + rest)
    #expect(answer.code == code)
    // With a name, more.
    for _ in 1..<rest.count where code == nil { _ = await reader.next() }
    _ = await reader("SIGNUP", "alice", TestWorld.password)
    #expect(await reader("SUBSCRIBE", "tag:b").code == nil)
  }
}
