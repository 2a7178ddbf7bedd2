import Domain
import Journal
import Projections
import Testing

@testable import Engine

struct OfflineRebuildTests {
  private let home = ProjectionSet([.home])

  /// A closed town whose newest snapshot lacks somebody's ring; with what the journal says of it.
  private func makeDirectory(seed: UInt64) async throws -> (TemporaryDirectory, StateDigests) {
    let directory = try await makeTownWithoutRing(seed: seed, steps: 300)
    return (directory, try refoldDigests(directory.path))
  }

  private func offline(_ directory: TemporaryDirectory) -> OfflineRebuild {
    OfflineRebuild(directory: directory.path, clock: SetClock(Town.opening), saveEveryMs: 0)
  }

  private func digests(_ directory: TemporaryDirectory) async throws -> StateDigests {
    let town = try await Town.open(directory.path)
    let digests = try await town.engine.digests()
    await town.close()
    return digests
  }

  @Test func `a wrong entry in the snapshot is found, mended, and can be had back`() async throws {
    let (directory, right) = try await makeDirectory(seed: 91)
    let random = SeededRandom(seed: 1)
    #expect(try offline(directory).check(ProjectionSet([.inbox])).isEqual)
    let check = try offline(directory).check(home)
    #expect(check.comparisons.map(\.missing) == [1] && check.snapshot == nil)
    #expect(try await digests(directory) != right)

    let report = try offline(directory).replace(home, random: random)
    #expect(report.comparisons.map(\.differing) == [1] && report.records == right.position.raw)
    #expect(try offline(directory).check(home).isEqual)
    #expect(try await digests(directory) == right)
    #expect(try Verification.verify(directory: directory.path, isQuick: false).problems == [])

    let clock = SetClock(Town.opening)
    #expect(
      try KeptSnapshot.putBack(directory: directory.path, clock: clock, random: random)
        == report.position)
    #expect(try await digests(directory).differences(from: right) == ["projections.home"])
    #expect(
      try KeptSnapshot.putBack(directory: directory.path, clock: clock, random: random)
        == report.position)
    #expect(try await digests(directory) == right)
  }

  @Test func `an offline rebuild goes on from what a server has saved`() async throws {
    let (directory, right) = try await makeDirectory(seed: 92)
    let town = try await Town.open(directory.path)
    let rebuilder = town.engine.rebuilder
    var pace = everyStep
    // It gets no further than that until the server ends.
    pace.beforeStep = {
      while let running = rebuilder.board.now.running, running.position.raw >= 100,
        await rebuilder.ending == nil
      { await Task.yield() }
    }
    await rebuilder.setPace(pace)
    try await rebuilder.rebuild(home)
    while let running = rebuilder.board.now.running, running.position.raw < 100 {
      await Task.yield()
    }
    await town.close()
    #expect(try RebuildStore(directory: directory.path).names() == ["building-home"])
    let report = try offline(directory).replace(home, random: SeededRandom(seed: 1))
    #expect(report.resumedAt > .zero)
    #expect(report.comparisons.map(\.differing) == [1])
    #expect(!RebuildStore(directory: directory.path).contains("building-home"))
    #expect(try await digests(directory) == right)
  }

  @Test func `a rebuild of everything goes on from where it was killed`() async throws {
    let (directory, right) = try await makeDirectory(seed: 93)
    let left = TemporaryDirectory()
    var steps = 0
    func run(_ report: ProgressReport?) throws -> Rebuild.Report {
      try Rebuild.run(
        directory: directory.path, clock: SetClock(Town.opening), random: SeededRandom(seed: 1),
        saveEveryMs: 0, stepRecords: 100, report: report)
    }
    let whole = try run { _ in
      steps += 1
      // Before this step is saved: what the one before has left.
      if steps == 2 { copyTree(directory.file("rebuilds"), to: left.file("rebuilds")) }
    }
    #expect(whole.resumedAt == .zero && whole.digests == right)
    #expect(whole.comparisons.filter { !$0.isEqual }.map(\.name) == [.home])
    removeTree(directory.file("rebuilds"))
    copyTree(left.file("rebuilds"), to: directory.file("rebuilds"))
    let resumed = try run(nil)
    #expect(resumed.resumedAt == Position(100) && resumed.digests == right)
    #expect(resumed.comparisons.allSatisfy { $0.isEqual })
  }

  @Test func `without a snapshot there is nothing to put one projection into`() async throws {
    let (directory, _) = try await makeDirectory(seed: 94)
    removeTree(directory.file("snapshots"))
    #expect(throws: OfflineRebuild.Refusal.self) {
      try offline(directory).replace(home, random: SeededRandom(seed: 1))
    }
    let check = try offline(directory).check(home)
    #expect(check.comparisons == [] && check.records > 0)
  }
}
