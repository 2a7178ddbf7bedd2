import Domain
import Engine
import Journal
import Projections
import Testing

struct SnapshotTests {
  /// A directory with two snapshots and something after the newer one; its digests.
  private func makeDirectory(seed: UInt64) async throws -> (TemporaryDirectory, StateDigests) {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(200)
    _ = try await town.snapshot()
    await people.live(100, from: "second")
    _ = try await town.snapshot()
    await people.live(50, from: "third")
    await town.settle()
    let digests = try await town.engine.digests()
    await town.close()
    return (directory, digests)
  }

  private func reopen(
    _ directory: TemporaryDirectory, limits: ProjectionLimits = ProjectionLimits()
  ) async throws -> (digests: StateDigests, log: [String]) {
    let town = try await Town.open(directory.path, limits: limits)
    let digests = try await town.engine.digests()
    await town.close()
    return (digests, town.log.all)
  }

  @Test(arguments: [1, 2, 4])
  func `a snapshot taken under concurrent writes leads to what a refold gives`(
    shards: Int
  ) async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path, shards: shards)
    var people = Townspeople(town, seed: 11)
    await people.live(400)
    let writers = (0..<3).map { number in
      Task { [people] in
        var people = people
        await people.live(400, from: "writer\(number)")
      }
    }
    var positions: [Position] = []
    for _ in 0..<4 { positions.append(try await town.snapshot().position) }
    for writer in writers { await writer.value }
    await town.close()
    #expect(positions.first! < positions.last!)
    #expect(try town.store.list().count == min(SnapshotStore.keptMax, Set(positions).count))
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    #expect(verification.problems == [])
    #expect(verification.position == town.journal.durable)
  }

  @Test func `a damaged snapshot is passed over for the next older one, and a log line says so`()
    async throws
  {
    let (directory, digests) = try await makeDirectory(seed: 21)
    let newest = try SnapshotStore(directory: directory.path).list()[0]
    var bytes = readFile(newest.path)
    bytes[bytes.count / 2] ^= 0x10
    writeFile(newest.path, bytes)
    let (reopened, log) = try await reopen(directory)
    #expect(reopened == digests)
    #expect(log.contains { $0.contains("passing over") && $0.contains("\(newest.position)") })
    #expect(log.contains { $0.hasPrefix("starting from the snapshot") })
  }

  @Test(arguments: [0, 1, 40, 1_000])
  func `snapshots that were cut off are passed over and everything is folded anew`(
    length: Int
  ) async throws {
    let (directory, digests) = try await makeDirectory(seed: 22)
    for item in try SnapshotStore(directory: directory.path).list() {
      writeFile(item.path, Array(readFile(item.path).prefix(length)))
    }
    let (reopened, log) = try await reopen(directory)
    #expect(reopened == digests)
    #expect(log.count { $0.contains("passing over") } == 2)
    #expect(log.contains { $0.contains("folding the whole journal") })
  }

  @Test func `a snapshot of other limits is not used`() async throws {
    let (directory, _) = try await makeDirectory(seed: 23)
    let limits = ProjectionLimits(ringMax: 16)
    let (reopened, log) = try await reopen(directory, limits: limits)
    #expect(reopened == (try refoldDigests(directory.path, limits: limits)))
    #expect(log.count { $0.contains("another version") } == 2)
    #expect(log.contains { $0.contains("folding the whole journal") })
  }

  @Test func `a snapshot of another journal is not used`() async throws {
    let (directory, digests) = try await makeDirectory(seed: 24)
    let (other, _) = try await makeDirectory(seed: 25)
    removeTree(directory.file("snapshots"))
    copyTree(other.file("snapshots"), to: directory.file("snapshots"))
    let (reopened, log) = try await reopen(directory)
    #expect(reopened == digests)
    #expect(log.count { $0.contains("another journal") || $0.contains("beyond") } == 2)
  }

  @Test func `without snapshots everything is folded anew, and a log line says so`() async throws {
    let (directory, digests) = try await makeDirectory(seed: 26)
    removeTree(directory.file("snapshots"))
    let (reopened, log) = try await reopen(directory)
    #expect(reopened == digests)
    #expect(log.contains { $0.contains("there is no snapshot") })
  }

  @Test func `only one snapshot is taken at a time`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 27)
    await people.live(400)
    let tasks = (0..<4).map { _ in Task { try await town.snapshot() } }
    var taken = 0
    for task in tasks {
      do {
        _ = try await task.value
        taken += 1
      } catch let rejection as Rejection {
        #expect(rejection.code == .busy)
      }
    }
    #expect(taken >= 1)
    await town.close()
  }
}
