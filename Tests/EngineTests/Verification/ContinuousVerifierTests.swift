import Domain
import Engine
import Entities
import Journal
import Projections
import Testing

/// A town with a verifier beside it, on a thread of its own.
private final class WatchedTown: Sendable {
  let directory = TemporaryDirectory()
  let town: Town
  let verifier: ContinuousVerifier
  let log = LogLines()
  private let thread = ThreadExecutor(name: "verifier")

  init(
    from other: TemporaryDirectory? = nil, versions: PartVersions = .current,
    pace: Rebuilder.Pace = Rebuilder.Pace()
  ) async throws {
    if let other { copyTree(other.path, to: directory.file("data")) }
    town = try await Town.open(directory.file("data"), versions: versions, pace: pace)
    var options = ContinuousVerifier.Options()
    options.percent = 100
    options.passEveryMs = 0
    let log = log
    verifier = ContinuousVerifier(
      engine: town.engine, options, executor: thread, log: { log.add($0) })
  }

  var status: VerificationStatus { verifier.status }

  func close() async {
    await town.close()
    thread.stop()
  }
}

struct ContinuousVerifierTests {
  @Test func `a pass over a sound town agrees, and the next goes on with the tail`() async throws {
    let watched = try await WatchedTown()
    var people = Townspeople(watched.town, seed: 5)
    await people.live(200)
    await watched.town.settle()
    #expect(await watched.verifier.pass())
    let first = watched.status
    #expect(first.passes == 1 && first.mismatches == 0)
    #expect(first.lastPosition == watched.town.journal.durable)
    await people.live(100, from: "later")
    await watched.town.settle()
    #expect(await watched.verifier.pass())
    #expect(watched.status.passes == 2 && watched.status.mismatches == 0)
    #expect(watched.status.position == watched.town.journal.durable)
    #expect(
      watched.log.all == [
        "verification: the first pass agrees with the live state at position \(first.lastPosition)"
      ])
    await watched.close()
  }

  @Test func `passes agree while everybody goes on writing`() async throws {
    let watched = try await WatchedTown()
    var people = Townspeople(watched.town, seed: 6)
    await people.live(100)
    let passes = Task { await watched.verifier.run() }
    for part in 0..<20 { await people.live(60, from: "p\(part)") }
    await watched.town.settle()
    while watched.status.passes < 3 || watched.status.lastPosition < watched.town.journal.durable {
      await Task.yield()
    }
    watched.verifier.end()
    await passes.value
    #expect(watched.status.mismatches == 0)
    #expect(watched.status.differing == [])
    #expect(watched.status.phase == .stopped)
    await watched.close()
  }

  @Test func `an entity that has seen what is not in the journal is named, with where`()
    async throws
  {
    let watched = try await WatchedTown()
    var people = Townspeople(watched.town, seed: 7)
    await people.live(200)
    await watched.town.settle()
    #expect(await watched.verifier.pass())
    let agreed = watched.status.lastPosition
    await people.live(50, from: "later")
    await watched.town.settle()
    let end = watched.town.journal.durable
    let victim = try #require(watched.town.engine.shards[0].directory.users.wakeAll().first).key
    guard case .user(let id) = victim else { return }
    let forged = Record(
      position: end, time: watched.town.clock.now, actor: UserID(4_711),
      entity: .user(UserID(4_711)), sequence: 1, event: .user(.blocked(id)), hasSecret: false)
    await watched.town.engine.shards[0].directory.observe(forged, as: victim)
    #expect(await watched.verifier.pass())
    #expect(watched.status.mismatches == 1)
    #expect(watched.status.differing == [victim.description])
    #expect(
      watched.log.all.last
        == "VERIFICATION FAILED: \(victim) differs at position \(end) from a refold; what made "
        + "them differ is in the positions \(agreed.next) to \(end)")
    // The server goes on, and so do the passes; nothing is told twice.
    await people.live(20, from: "after")
    await watched.town.settle()
    #expect(await watched.verifier.pass())
    #expect(watched.status.passes == 3 && watched.status.mismatches == 1)
    await watched.close()
  }

  @Test func `a projection that differs is named, with where`() async throws {
    let watched = try await WatchedTown()
    var people = Townspeople(watched.town, seed: 8)
    await people.live(200)
    await watched.town.settle()
    let end = watched.town.journal.durable
    let reported = Record(
      position: end.next, time: watched.town.clock.now, actor: people.users[0],
      entity: .user(people.users[0]), sequence: 1_000,
      event: .user(.reported(ReportID(5), people.users[1], nil)), hasSecret: true)
    let isPlanted = await watched.town.engine.partitions[0].read { models in
      (try? models.fold(reported)) != nil
    }
    #expect(isPlanted)
    #expect(await watched.verifier.pass())
    #expect(watched.status.differing == ["projections.reports"])
    #expect(
      watched.log.all == [
        "VERIFICATION FAILED: projections.reports differs at position \(end) from a refold; what "
          + "made them differ is in the positions 1 to \(end)"
      ])
    await watched.close()
  }

  @Test func `an entity that is in the journal and not alive is missed`() async throws {
    let watched = try await WatchedTown()
    var people = Townspeople(watched.town, seed: 9)
    await people.live(50)
    await watched.town.settle()
    // Behind the engine's back: the entry is in the journal, but no actor has decided it.
    let stranger = UserID(99)
    _ = try watched.town.journal.enqueue(
      JournalEntry(
        actor: stranger, entity: .user(stranger), firstSequence: 1,
        drafts: [Draft(.user(.signedUp(username: Username("stranger")!, fields: [])))]))
    await watched.town.settle()
    #expect(await watched.verifier.pass())
    #expect(watched.status.differing == ["entities.users"])
    #expect(watched.log.all[0].contains("1 of the users that the journal has up to position"))
    await watched.close()
  }

  @Test func `a town that started from a snapshot agrees`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 10)
    await people.live(200)
    await town.settle()
    _ = try await town.snapshot()
    await people.live(40, from: "later")
    await town.close()
    let watched = try await WatchedTown(from: directory)
    #expect(await watched.verifier.pass())
    #expect(watched.status.passes == 1 && watched.status.mismatches == 0)
    await watched.close()
  }

  @Test func `what an older fold serves is named, and no failure`() async throws {
    var versions = PartVersions.current
    let home = try #require(versions[.projection(.home)])
    versions[.projection(.home)] = PartVersions.Version(
      fold: home.fold + 1, encoding: home.encoding)
    let watched = try await WatchedTown(
      from: try await makeTownWithoutRing(seed: 11, steps: 200), versions: versions)
    let rebuilder = watched.town.engine.rebuilder
    await rebuilder.finished()
    #expect(await watched.verifier.pass())
    #expect(watched.status.mismatches == 0 && watched.status.outdated == [])
    // Back to the older fold, and what it made.
    _ = try await rebuilder.revert(ProjectionSet([.home]))
    #expect(await watched.verifier.pass())
    #expect(watched.status.mismatches == 0 && watched.status.outdated == ["projections.home"])
    _ = try await rebuilder.revert(ProjectionSet([.home]))
    #expect(await watched.verifier.pass())
    #expect(watched.status.mismatchesInAll == 0 && watched.status.outdated == [])
    #expect(!watched.log.all.contains { $0.contains("FAILED") })
    await watched.close()
  }

  @Test func `what agrees again is no longer shown, and told when it differs anew`() async throws {
    let watched = try await WatchedTown(from: try await makeTownWithoutRing(seed: 12, steps: 200))
    let rebuilder = watched.town.engine.rebuilder
    #expect(await watched.verifier.pass())
    #expect(watched.status.differing == ["projections.home"])
    try await rebuilder.rebuild(ProjectionSet([.home]))
    await rebuilder.finished()
    #expect(await watched.verifier.pass())
    #expect(watched.status.differing == [] && watched.status.mismatches == 0)
    #expect(watched.status.mismatchesInAll == 1)
    let end = watched.town.journal.durable
    #expect(
      watched.log.all.last == "verification: projections.home agrees again at position \(end)")
    _ = try await rebuilder.revert(ProjectionSet([.home]))
    #expect(await watched.verifier.pass())
    #expect(watched.status.mismatches == 1 && watched.status.mismatchesInAll == 2)
    await watched.close()
  }

  @Test func `the end is not waited for`() async throws {
    let watched = try await WatchedTown()
    watched.verifier.end()
    #expect(await watched.verifier.pass() == false)
    await watched.verifier.run()
    #expect(watched.status.passes == 0 && watched.status.phase == .stopped)
    await watched.close()
  }
}
