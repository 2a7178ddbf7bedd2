import Domain
import Journal
import Projections
import Synchronization
import Testing

@testable import Engine

/// Starts with a snapshot that a program with other folds has written.
struct OtherVersionTests {
  /// A town with a snapshot and something after it.
  private func makeDirectory(seed: UInt64) async throws -> TemporaryDirectory {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(300)
    _ = try await town.snapshot()
    await people.live(60, from: "second")
    await town.close()
    return directory
  }

  /// This program, had a part another fold, and also another encoding if told so.
  private func versions(_ part: SnapshotPart, isReadable: Bool) throws -> PartVersions {
    var versions = PartVersions.current
    let version = try #require(versions[part])
    versions[part] = PartVersions.Version(
      fold: version.fold + 1, encoding: version.encoding + (isReadable ? 0 : 1))
    return versions
  }

  @Test(arguments: ProjectionName.allCases)
  func `a projection of another fold serves until it has been built anew by itself`(
    name: ProjectionName
  ) async throws {
    let directory = try await makeDirectory(seed: 81)
    let versions = try versions(.projection(name), isReadable: true)
    let town = try await Town.open(directory.path, versions: versions)
    #expect(town.log.all.contains { $0.contains("serving as it is until it has been built anew") })
    #expect(!town.log.all.contains { $0.contains("folding anew before serving") })
    let digests = try await town.engine.digests()
    #expect(digests == (try refoldedCopy(directory.path)))
    await town.engine.rebuilder.finished()
    let board = town.engine.rebuilder.board.now
    #expect(board.outcomes[name]?.targets == ProjectionSet([name]).withDependents)
    #expect(board.outcomes[name]?.failure == nil)
    #expect(board.folds[name] == ReadModels.foldVersion(of: name) + 1)
    #expect(try await town.engine.digests() == digests)
    await town.close()
    // The next start of the same program finds nothing to do.
    let next = try await Town.open(directory.path, versions: versions)
    #expect(next.log.all.count == 1 && next.log.all[0].hasPrefix("starting from the snapshot"))
    #expect(next.engine.rebuilder.board.now.running == nil)
    await next.close()
  }

  @Test func `a snapshot that is taken before version 2 has taken over says so`() async throws {
    let directory = try await makeDirectory(seed: 82)
    let versions = try versions(.projection(.graph), isReadable: true)
    var pace = everyStep
    // It gets no further than one step until the process ends.
    let running = Running()
    pace.beforeStep = { while await running.rebuilder?.ending == nil { await Task.yield() } }
    let town = try await Town.open(directory.path, versions: versions, pace: pace)
    running.rebuilder = town.engine.rebuilder
    let board = town.engine.rebuilder.board.now
    #expect(board.folds[.graph] == ReadModels.foldVersion(of: .graph))
    // The fold of the home is of today, but not what it stood on.
    #expect(board.folds[.home] == FoldVersions.mixed)
    #expect(board.running?.targets == ProjectionSet([.graph, .home, .inbox]))
    _ = try await town.snapshot()
    await town.close()
    let next = try await Town.open(directory.path, versions: versions)
    #expect(next.log.all.contains { $0.hasPrefix("going on with the rebuild of graph+home+inbox") })
    await next.engine.rebuilder.finished()
    #expect(next.engine.rebuilder.board.now.folds[.home] == ReadModels.foldVersion(of: .home))
    #expect(try await next.engine.digests() == (try refoldedCopy(directory.path)))
    await next.close()
  }

  @Test(arguments: SnapshotPart.all.filter { $0 != .journal })
  func `a part that another version wrote is folded before anything is served`(
    part: SnapshotPart
  ) async throws {
    let directory = try await makeDirectory(seed: 83)
    let versions = try versions(part, isReadable: false)
    let town = try await Town.open(directory.path, shards: 4, versions: versions)
    #expect(
      town.log.all.contains {
        $0.contains("folding anew before serving: ") && $0.contains(part.name)
      })
    let digests = try await town.engine.digests()
    #expect(digests == (try refoldedCopy(directory.path)))
    await town.engine.rebuilder.finished()
    #expect(try await town.engine.digests() == digests)
    await town.close()
  }

  @Test func `an entry that does not read after all is no reason to fold everything`() async throws
  {
    let directory = try await makeDirectory(seed: 84)
    try doctorSnapshot(directory.path) { section, key, value in
      (key, section == "projections.drafts" ? [0xFF] : value)
    }
    let versions = try versions(.projection(.drafts), isReadable: true)
    let town = try await Town.open(directory.path, versions: versions)
    #expect(town.log.all.contains { $0.hasPrefix("drafts in the snapshot at position") })
    #expect(town.log.all.contains { $0.hasPrefix("starting from the snapshot") })
    #expect(try await town.engine.digests() == (try refoldedCopy(directory.path)))
    await town.close()
  }

  @Test func `an outdated home is wrong until it has been built anew`() async throws {
    let directory = try await makeDirectory(seed: 85)
    try loseRing(of: directory.path)
    let versions = try versions(.projection(.home), isReadable: true)
    let town = try await Town.open(
      directory.path, versions: versions, pace: everyStep)
    let right = try refoldedCopy(directory.path)
    #expect(try await town.engine.digests().differences(from: right) == ["projections.home"])
    await town.engine.rebuilder.finished()
    #expect(try await town.engine.digests() == right)
    await town.close()
  }
}

/// Who rebuilds, once that is known.
private final class Running: Sendable {
  private let known = Mutex<Rebuilder?>(nil)
  var rebuilder: Rebuilder? {
    get { known.withLock { $0 } }
    set { known.withLock { $0 = newValue } }
  }
}
