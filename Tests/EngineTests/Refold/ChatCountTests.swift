import Domain
import Engine
import Entities
import Journal
import Projections
import Testing

struct ChatCountTests {
  @Test(arguments: [51, 52] as [UInt64])
  func `chats and the lists of their people count the same unread messages`(
    seed: UInt64
  ) async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(2_500)
    await town.close()
    var refold = Refold()
    try refold.run(try JournalReader(directory: directory.path))
    let models = refold.models
    var unread = 0
    var stays = 0
    for chat in refold.entities.chats.values.map(\.state) {
      for user in people.users {
        let person = try #require(models.people.index(of: user))
        let count = chat.unreadCount(of: user)
        #expect(models.chats.unread(in: chat.id, for: person) == count)
        unread += count
        stays += chat.member(user)?.earlier.count ?? 0
      }
    }
    for user in people.users {
      let listed = models.chatsPage(of: user, asOf: models.position, limit: 1_000)
      let own = refold.entities.chats.values.filter { $0.state.isMember(user) }
      #expect(Set(listed.map(\.item.chat)) == Set(own.map(\.state.id)))
    }
    #expect(unread > 20)
    #expect(stays > 0)
  }
}
