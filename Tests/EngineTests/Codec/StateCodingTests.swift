import Domain
import Engine
import Entities
import Journal
import Testing

struct StateCodingTests {
  /// A state as bytes and back: the same state, and the same bytes again.
  private func roundTrip<State: StateCoding>(_ entity: Frozen<State>) throws {
    var encoder = CBOREncoder()
    entity.state.encode(into: &encoder)
    var decoder = CBORDecoder(encoder.bytes)
    let copy = try State(key: entity.key, from: &decoder)
    #expect(copy == entity.state)
    #expect(decoder.isAtEnd)
    var again = CBOREncoder()
    copy.encode(into: &again)
    #expect(again.bytes == encoder.bytes)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `states of every kind survive being written and read`(seed: UInt64) async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(3_500)
    await town.close()
    var refold = Refold()
    try refold.run(try JournalReader(directory: directory.path))
    for type in EventType.allCases {
      #expect(refold.counts[type] > 0, "the town never had \(type.name)")
    }
    for user in refold.entities.users.values { try roundTrip(user) }
    for post in refold.entities.posts.values { try roundTrip(post) }
    for chat in refold.entities.chats.values { try roundTrip(chat) }
    for tag in refold.entities.tags.values { try roundTrip(tag) }
    #expect(refold.entities.users.count > 50 && refold.entities.posts.count > 100)
  }

  @Test func `a chat survives with all that it can hold`() throws {
    let key = EntityKey.chat(ChatID(9))
    let people = (1...4 as ClosedRange<UInt64>).map { UserID($0) }
    let media = [
      MediaReference(id: MediaID(1), kind: .image, position: Position(1)),
      MediaReference(id: MediaID(2), kind: .video, position: Position(2)),
    ]
    var chat = ChatState(key: key)
    for (event, actor) in [
      (.opened(isDirect: false, members: people), 0),
      (.said(MessageID(10), reply: nil, media: media), 1),
      (.left, 1), (.removed(people[2]), 0), (.added([people[1]]), 0),
      (.said(MessageID(11), reply: MessageID(10), media: []), 1),
      (.read(through: MessageID(10)), 3), (.titled, 0), (.unsaid(MessageID(10)), 1),
      (.left, 0), (.roleChanged(people[3], isAdmin: true), 0),
    ] as [(ChatEvent, Int)] {
      chat.apply(
        Record(
          position: Position(100 + chat.sequence), time: Instant(ms: 5), actor: people[actor],
          entity: key, sequence: chat.sequence + 1, event: .chat(event),
          hasSecret: chat.sequence == 0))
    }
    #expect(chat.formers.count == 2 && chat.members.count == 2)
    #expect(chat.members.contains { !$0.earlier.isEmpty && $0.said == [0, 1] })
    #expect(chat.members.map(\.isAdmin) == [true, false])
    #expect(chat.titles.map(\.isNone) == [false, true])
    #expect(chat.unsaid.count == 1 && chat.messages[0].media == media)
    try roundTrip(
      Frozen(key: key, state: chat, ownPosition: Position(110), observedPosition: .zero))
  }

  @Test func `an entity cut off anywhere does not read`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 4)
    await people.live(300)
    await town.close()
    var refold = Refold()
    try refold.run(try JournalReader(directory: directory.path))
    for chat in refold.entities.chats.values.prefix(3) {
      var encoder = CBOREncoder()
      chat.state.encode(into: &encoder)
      for length in 0..<encoder.bytes.count {
        var decoder = CBORDecoder(encoder.bytes[..<length])
        #expect(throws: CBORError.self) { try ChatState(key: chat.key, from: &decoder) }
      }
    }
  }
}
