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
    await people.live(2_500)
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
