import Domain
import Engine
import Entities
import Journal
import Synchronization
import Testing

struct ResidencyTests {
  private func usage(_ town: Town) -> IndexUsage { town.engine.residency.status.usage }

  private func settledTown(
    _ directory: TemporaryDirectory, seed: UInt64, steps: Int
  ) async throws -> (Town, [UserID]) {
    let town = try await Town.open(directory.path, shards: 1)
    var people = Townspeople(town, seed: seed)
    await people.live(steps)
    await town.settle()
    return (town, people.users)
  }

  /// Everybody who can sleep does.
  private func putAllToSleep(_ town: Town) async {
    for _ in 0..<4 { await town.engine.residency.keep(within: 0) }
  }

  @Test(arguments: [1, 2])
  func `after a start from a snapshot everybody sleeps until they are asked for`(
    shards: Int
  ) async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path, shards: shards)
    var people = Townspeople(town, seed: 21)
    await people.live(400)
    await town.settle()
    _ = try await town.snapshot()
    let digests = try await town.engine.digests()
    let known = people.users
    let all = usage(town)
    #expect(all.asleep == 0)
    await town.close()

    town = try await Town.open(directory.path, shards: shards)
    // Hashtags that are known and nothing else are in no snapshot.
    #expect(usage(town).awake == 0 && usage(town).asleep > known.count)
    #expect(try await town.engine.digests() == digests)
    #expect(usage(town).awake == 0, "digests wake nobody")
    let first = known[0]
    let users = town.engine.shard(of: .user(first)).directory.users
    let name = await users[first]?.read { $0.own.username }.value
    #expect(name != nil && name == town.engine.names.name(of: first))
    #expect(usage(town).awake == 1 && usage(town).wakes == 1)
    #expect(users[UserID(12_345)] == nil)
    await town.close()
  }

  @Test(arguments: [1, 2])
  func `whoever sleeps and wakes in between is what the journal says`(shards: Int) async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path, shards: shards)
    var people = Townspeople(town, seed: UInt64(30 + shards))
    await people.live(200)
    for round in 0..<6 {
      _ = try await town.snapshot()
      await people.live(30, from: "between\(round)")
      await town.settle()
      await putAllToSleep(town)
      #expect(usage(town).asleep > 0)
      await people.live(60, from: "after\(round)")
    }
    await town.settle()
    let live = try await town.engine.digests()
    #expect(usage(town).wakes > 0)
    await town.close()
    #expect(live == (try refoldDigests(directory.path)))

    let again = try await Town.open(directory.path, shards: shards)
    #expect(try await again.engine.digests() == live)
    await again.close()
  }

  @Test func `while people live, others are put to sleep and snapshots are taken`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path, shards: 2)
    let end = End()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var people = Townspeople(town, seed: 44)
        await people.live(1_500)
        end.isOver.store(true, ordering: .releasing)
      }
      group.addTask {
        while !end.isOver.load(ordering: .acquiring) {
          await town.engine.residency.keep(within: 0)
          await Task.yield()
        }
      }
      group.addTask {
        while !end.isOver.load(ordering: .acquiring) { _ = try await town.snapshot() }
      }
      try await group.waitForAll()
    }
    await town.settle()
    let live = try await town.engine.digests()
    let wakes = usage(town).wakes
    await town.close()
    #expect(live == (try refoldDigests(directory.path)))
    #expect(wakes > 100, "nobody slept")
  }

  @Test func `who has changed since the snapshot stays awake, and nobody goes within the budget`()
    async throws
  {
    let directory = TemporaryDirectory()
    let (town, users) = try await settledTown(directory, seed: 5, steps: 200)
    await putAllToSleep(town)
    #expect(usage(town).asleep == 0, "without a snapshot there is nowhere to sleep")

    _ = try await town.snapshot()
    let awake = town.engine.residency.status.awakeBytes
    #expect(await town.engine.residency.keep(within: awake) == 0)
    let one = users[0]
    let user = try #require(town.engine.shards[0].directory.users[one])
    _ = try await user.perform(.readInbox(through: Position(1)), by: one)
    await town.settle()
    await putAllToSleep(town)
    #expect(usage(town).awake <= 2, "the one who has changed, and whoever that concerned")
    #expect(town.engine.shards[0].directory.users[one] === user)
    #expect(town.engine.residency.status.awakeBytes < awake)
    await town.close()
  }

  @Test func `nobody is looked at again and again where nobody can go`() async throws {
    let directory = TemporaryDirectory()
    let (town, _) = try await settledTown(directory, seed: 8, steps: 100)
    await putAllToSleep(town)
    let residency = town.engine.residency
    let looks = residency.status.looks
    #expect(looks > 0 && usage(town).asleep == 0)
    await putAllToSleep(town)
    #expect(residency.status.looks == looks, "nothing has changed")

    _ = try await town.snapshot()
    await putAllToSleep(town)
    #expect(residency.status.looks > looks && usage(town).asleep > 0)
    await town.close()
  }

  @Test func `who sleeps comes back although the snapshot's file has been removed`() async throws {
    let directory = TemporaryDirectory()
    let (town, users) = try await settledTown(directory, seed: 6, steps: 200)
    _ = try await town.snapshot()
    let digests = try await town.engine.digests()
    await putAllToSleep(town)
    for item in try town.store.list() { try town.store.remove(item) }
    #expect(try await town.engine.digests() == digests)
    #expect(town.engine.shards[0].directory.users.wakeAll().count >= users.count)
    await town.close()
  }

  @Test func `a held entity that has gone to sleep refuses commands, and nothing has happened`()
    async throws
  {
    let directory = TemporaryDirectory()
    let (town, people) = try await settledTown(directory, seed: 7, steps: 60)
    let one = people[0]
    let users = town.engine.shards[0].directory.users
    let held = try #require(users[one])
    _ = try await town.snapshot()
    await putAllToSleep(town)
    let head = town.journal.enqueued
    await #expect(throws: Rejection(.busy, "this was about to come or go, try again")) {
      try await held.perform(.readInbox(through: Position(2)), by: one)
    }
    #expect(town.journal.enqueued == head)
    let woken = try #require(users[one])
    #expect(woken !== held)
    _ = try await woken.perform(.readInbox(through: Position(2)), by: one)
    await town.close()
  }
}

private final class End: Sendable {
  let isOver = Atomic<Bool>(false)
}
