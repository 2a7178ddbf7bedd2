import Domain
import Journal
import Projections
import Synchronization
import Testing

@testable import Engine

/// What was before a rebuild, through ends of the process at the wrong moment.
struct KeptTests {
  private static let home = ProjectionSet([.home])

  /// What a process that dies now leaves.
  private func left(_ directory: TemporaryDirectory) -> TemporaryDirectory {
    let left = TemporaryDirectory()
    for name in ["journal", "keys", "snapshots", "rebuilds"] {
      copyTree(directory.file(name), to: left.file(name))
    }
    return left
  }

  /// A town that was rebuilt after its home had lost a ring, and what that was.
  private func makeRebuilt(
    seed: UInt64
  ) async throws -> (directory: TemporaryDirectory, town: Town, wrong: StateDigests) {
    let directory = try await makeTownWithoutRing(seed: seed, steps: 300)
    let town = try await Town.open(directory.path)
    let wrong = try await town.engine.digests()
    try await town.engine.rebuilder.rebuild(Self.home)
    await town.engine.rebuilder.finished()
    return (directory, town, wrong)
  }

  /// Goes back, as the clock goes on, and copies the directory before or after the snapshot.
  private func revert(
    _ town: Town, copying directory: TemporaryDirectory, afterSnapshot isAfter: Bool
  ) async throws -> TemporaryDirectory {
    let copies = Copies()
    await town.engine.rebuilder.whenExchanged {
      if !isAfter { copies.add(self.left(directory)) }
      town.clock.set(Instant(ms: town.engine.clock.now.ms + 1))
      _ = try await town.snapshot()
      if isAfter { copies.add(self.left(directory)) }
    }
    _ = try await town.engine.rebuilder.revert(Self.home)
    return try #require(copies.all.first)
  }

  @Test(arguments: [false, true])
  func `what was gone back to is never lost, whenever the process dies`(
    isAfter: Bool
  ) async throws {
    let (directory, town, wrong) = try await makeRebuilt(seed: 91)
    let right = try refoldedCopy(directory.path)
    let dead = try await revert(town, copying: directory, afterSnapshot: isAfter)
    await town.close()

    // Not answered yet: either is fine, and the other is there to go to.
    let next = try await Town.open(dead.path)
    #expect(try await next.engine.digests() == (isAfter ? wrong : right))
    #expect(next.engine.rebuilder.board.now.kept(of: .home) != nil)
    let names = try RebuildStore(directory: dead.path).names()
    #expect(names.count == 1 && names[0].hasPrefix("kept-home-"))
    _ = try await next.engine.rebuilder.revert(Self.home)
    #expect(try await next.engine.digests() == (isAfter ? right : wrong))
    await next.close()
  }

  @Test func `what REVERT has answered is what the next start has`() async throws {
    let (directory, town, wrong) = try await makeRebuilt(seed: 92)
    _ = try await town.engine.rebuilder.revert(Self.home)
    let dead = left(directory)
    await town.close()
    let next = try await Town.open(dead.path)
    #expect(try await next.engine.digests() == wrong)
    await next.close()
  }

  @Test func `where no snapshot can be written, REVERT says so and nothing is let go`() async throws
  {
    let (directory, town, wrong) = try await makeRebuilt(seed: 93)
    let right = try refoldedCopy(directory.path)
    let kept = town.engine.rebuilder.board.now.kept
    await town.engine.rebuilder.whenExchanged {
      throw RebuildError.unreadable("the disk is full")
    }
    await #expect(
      throws: Rejection(
        .error,
        "home serves as it was, until the next start: no snapshot: the disk is full")
    ) {
      try await town.engine.rebuilder.revert(Self.home)
    }
    #expect(try await town.engine.digests() == wrong)
    await town.close()
    let next = try await Town.open(directory.path)
    #expect(try await next.engine.digests() == right)
    #expect(next.engine.rebuilder.board.now.kept == kept)
    _ = try await next.engine.rebuilder.revert(Self.home)
    #expect(try await next.engine.digests() == wrong)
    await next.close()
  }

  @Test func `a rebuild that dies after its snapshot is not begun again`() async throws {
    let (directory, town, wrong) = try await makeRebuilt(seed: 94)
    _ = try await town.engine.rebuilder.revert(Self.home)
    let copies = Copies()
    await town.engine.rebuilder.whenExchanged {
      town.clock.set(Instant(ms: town.engine.clock.now.ms + 1))
      _ = try await town.snapshot()
      copies.add(self.left(directory))
    }
    try await town.engine.rebuilder.rebuild(Self.home)
    await town.engine.rebuilder.finished()
    await town.close()
    let next = try await Town.open(try #require(copies.all.first).path)
    #expect(next.engine.rebuilder.board.now.running == nil)
    _ = try await next.engine.rebuilder.revert(Self.home)
    #expect(try await next.engine.digests() == wrong)
    await next.close()
  }
}

/// Directories as they were at some moment.
private final class Copies: Sendable {
  private let copies = Mutex<[TemporaryDirectory]>([])
  var all: [TemporaryDirectory] { copies.withLock { $0 } }
  func add(_ copy: TemporaryDirectory) { copies.withLock { $0.append(copy) } }
}
