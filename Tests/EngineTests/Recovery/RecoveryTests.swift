import Domain
import Engine
import Entities
import Journal
import Projections
import Testing

struct RecoveryTests {
  @Test(arguments: [1, 2, 4])
  func `a live engine and a refold have the same digests`(shards: Int) async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path, shards: shards)
    var people = Townspeople(town, seed: UInt64(shards))
    await people.live(800)
    await town.settle()
    let live = try await town.engine.digests()
    await town.close()
    #expect(live == (try refoldDigests(directory.path)))
    #expect(live.position > Position(400))
  }

  @Test(arguments: [(1, 4), (2, 1), (4, 2)])
  func `a restart gives the same digests, with a snapshot and without, on more shards or fewer`(
    before: Int, after: Int
  ) async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path, shards: before)
    var people = Townspeople(town, seed: 9)
    await people.live(500)
    _ = try await town.snapshot()
    await people.live(200, from: "later")
    await town.settle()
    let digests = try await town.engine.digests()
    let names = town.engine.names.count
    await town.close()

    town = try await Town.open(directory.path, shards: after)
    #expect(try await town.engine.digests() == digests)
    #expect(town.engine.names.count == names)
    #expect(town.log.all.contains { $0.hasPrefix("starting from the snapshot") })
    await town.close()

    town = try await Town.open(directory.path, shards: after, usingSnapshots: false)
    #expect(try await town.engine.digests() == digests)
    #expect(town.engine.names.count == names)
    await town.close()
  }

  @Test func `tokens are known after a start from a snapshot, and revoked ones are not`()
    async throws
  {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path)
    let id = UserID(town.engine.shards[0].ids.next())
    let user = town.engine.shard(of: .user(id)).directory.users.findOrMake(id)
    let name = try #require(Username("token_holder"))
    _ = try await user.perform(.signUp(username: name, secret: nil), by: id)
    let kept = blake2b256([1])
    let revoked = blake2b256([2])
    for (number, hash) in [(UInt64(7), kept), (8, revoked)] {
      _ = try await user.perform(
        .issueToken(
          TokenID(number), scope: .write, expires: nil, hash: hash, secret: nil,
          granted: .write), by: id)
    }
    await town.settle()
    _ = try await town.snapshot()
    _ = try await user.perform(.revokeToken(TokenID(8)), by: id)
    await town.close()

    town = try await Town.open(directory.path)
    #expect(town.engine.tokens.holder(of: kept, at: town.clock.now)?.user == id)
    #expect(town.engine.tokens.holder(of: revoked, at: town.clock.now) == nil)
    await town.close()
  }

  @Test func `identifiers go on ascending when the clock was set back`() async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 3)
    await people.live(100)
    await town.settle()
    let newest = try #require(people.posts.map(\.id.raw).max())
    await town.close()
    let earlier = Town.opening.adding(ms: -86_400_000)
    town = try await Town.open(directory.path, at: earlier)
    for shard in town.engine.shards { #expect(shard.ids.next() > newest) }
    await town.close()
  }

  @Test func `digests are refused while something is on its way`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path, shards: 1)
    var people = Townspeople(town, seed: 5)
    await people.live(200)
    await town.settle()
    let writer = Task { [people] in
      var people = people
      await people.live(3_000, from: "busy")
    }
    var refused = 0
    var exact: [StateDigests] = []
    for _ in 0..<20 {
      do {
        exact.append(try await town.engine.digests())
      } catch let rejection as Rejection {
        #expect(rejection.code == .busy)
        refused += 1
      }
    }
    await writer.value
    await town.close()
    #expect(refused + exact.count == 20)
    for digests in exact {
      #expect(
        digests == (try refoldDigests(directory.path, through: .position(digests.position))))
    }
  }
}
