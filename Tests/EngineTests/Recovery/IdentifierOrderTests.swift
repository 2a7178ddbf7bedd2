import Domain
import Entities
import Testing

@testable import Engine

struct IdentifierOrderTests {
  @Test func `what one shard makes after another also sorts after it`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path, shards: 3)
    var newest: UInt64 = 0
    for step in 0..<10_000 {
      let next = town.engine.shards[step % 3].ids.next()
      #expect(next > newest)
      newest = next
    }
    await town.close()
  }
}
