import Domain
import Journal
import Projections
import Testing

@testable import Engine

struct RebuildTests {
  /// A town with a history, everything of it folded.
  private func makeTown(
    _ directory: TemporaryDirectory, shards: Int = 2, seed: UInt64, steps: Int = 400
  ) async throws -> (Town, Townspeople) {
    let town = try await Town.open(directory.path, shards: shards)
    var people = Townspeople(town, seed: seed)
    await people.live(steps)
    await town.settle()
    return (town, people)
  }

  private func rebuild(_ town: Town, _ targets: ProjectionSet) async throws -> RebuildOutcome {
    try await town.engine.rebuilder.rebuild(targets)
    await town.engine.rebuilder.finished()
    return try #require(town.engine.rebuilder.board.now.outcomes[targets.names[0]])
  }

  /// A closed town whose home projection lacks a ring.
  private func makeSpoiltTown(
    seed: UInt64, steps: Int = 300
  ) async throws -> TemporaryDirectory {
    let directory = TemporaryDirectory()
    let (town, _) = try await makeTown(directory, seed: seed, steps: steps)
    _ = try await town.snapshot()
    await town.close()
    try loseRing(of: directory.path)
    return directory
  }

  @Test(arguments: [1, 2, 4])
  func `every projection can be rebuilt while everybody writes, and is what it was`(
    shards: Int
  ) async throws {
    let directory = TemporaryDirectory()
    let (town, people) = try await makeTown(directory, shards: shards, seed: 71)
    let writer = Task { [people] in
      var people = people
      await people.live(600, from: "writer")
    }
    for targets in ProjectionName.allCases.map({ ProjectionSet([$0]) }) + [.all] {
      let outcome = try await rebuild(town, targets)
      #expect(outcome.failure == nil)
      #expect(outcome.comparisons.map(\.name) == targets.names)
      #expect(outcome.comparisons.allSatisfy { $0.isEqual })
    }
    await writer.value
    await town.settle()
    let digests = try await town.engine.digests()
    await town.close()
    #expect(digests == (try refoldedCopy(directory.path)))
    #expect(!town.log.all.contains { $0.contains("WARNING") })
  }

  @Test func `a rebuild folds only what the projection stands on`() {
    #expect(ProjectionSet([.home]).withFoundations.names == [.people, .graph, .home])
    #expect(ProjectionSet([.tags]).withFoundations.names == [.tags])
    #expect(ProjectionSet([.graph]).withDependents.names == [.graph, .home, .inbox])
    let part = ReadModels(shard: .first, of: 1).part(ProjectionSet([.drafts]))
    #expect(part.digests().map(\.name) == [.people, .drafts])
    for targets in ProjectionName.allCases.map({ ProjectionSet([$0]) }) + [
      .all, ProjectionSet([.home, .inbox]),
    ] {
      #expect(ProjectionSet(targets.description) == targets)
    }
    #expect(ProjectionSet("") == nil && ProjectionSet("home+") == nil && ProjectionSet("x") == nil)
  }

  @Test func `a wrong entry is found and mended, and what was before can be gone back to`()
    async throws
  {
    let directory = try await makeSpoiltTown(seed: 72)
    let town = try await Town.open(directory.path)
    let wrong = try await town.engine.digests()
    let right = try refoldedCopy(directory.path)
    #expect(wrong.differences(from: right) == ["projections.home"])

    let outcome = try await rebuild(town, ProjectionSet([.home]))
    #expect(outcome.failure == nil)
    #expect(outcome.comparisons.map(\.missing) == [1] && outcome.comparisons[0].differing == 1)
    #expect(town.log.all.contains { $0.hasPrefix("WARNING: home was not what the journal says") })
    #expect(try await town.engine.digests() == right)

    // There and back, and after an end of the process too.
    _ = try await town.engine.rebuilder.revert(ProjectionSet([.home]))
    await town.engine.rebuilder.finished()
    #expect(try await town.engine.digests() == wrong)
    _ = try await town.engine.rebuilder.revert(ProjectionSet([.home]))
    await town.engine.rebuilder.finished()
    #expect(try await town.engine.digests() == right)
    await town.close()
    let again = try await Town.open(directory.path, shards: 4)
    #expect(try await again.engine.digests() == right)
    var people = Townspeople(again, seed: 73)
    await people.live(60, from: "later")
    await again.settle()
    _ = try await again.engine.rebuilder.revert(ProjectionSet([.home]))
    await again.engine.rebuilder.finished()
    let later = try await again.engine.digests()
    #expect(later.differences(from: try refoldedCopy(directory.path)) == ["projections.home"])
    await again.close()
  }

  @Test func `what is kept is there until it is dropped`() async throws {
    let directory = try await makeSpoiltTown(seed: 74)
    let town = try await Town.open(directory.path)
    let rebuilder = town.engine.rebuilder
    await #expect(throws: Rejection.self) { try await rebuilder.revert(.all) }
    await #expect(throws: Rejection.self) { try await rebuilder.drop(.all) }
    _ = try await rebuild(town, ProjectionSet([.home]))
    #expect(rebuilder.board.now.kept(of: .home)?.position == town.journal.durable)
    #expect(rebuilder.board.now.kept(of: .inbox) == nil)
    await #expect(throws: Rejection.self) { try await rebuilder.drop(ProjectionSet([.inbox])) }
    try await rebuilder.drop(ProjectionSet([.home]))
    #expect(rebuilder.board.now.kept == [])
    await #expect(throws: Rejection.self) {
      try await rebuilder.revert(ProjectionSet([.home]))
    }
    await town.close()
  }

  @Test func `one of what was rebuilt together can be gone back to alone`() async throws {
    let directory = try await makeSpoiltTown(seed: 75)
    let town = try await Town.open(directory.path)
    let wrong = try await town.engine.digests()
    _ = try await rebuild(town, .all)
    _ = try await town.engine.rebuilder.revert(ProjectionSet([.home]))
    await town.engine.rebuilder.finished()
    #expect(try await town.engine.digests() == wrong)
    await town.close()
  }

  @Test func `a rebuild that is cancelled leaves what serves as it is`() async throws {
    let directory = try await makeSpoiltTown(seed: 76)
    let town = try await Town.open(directory.path)
    let wrong = try await town.engine.digests()
    let rebuilder = town.engine.rebuilder
    var pace = everyStep
    // It gets no further until somebody ends it.
    pace.beforeStep = { while await rebuilder.ending == nil { await Task.yield() } }
    await rebuilder.setPace(pace)
    try await rebuilder.cancel(.all)
    try await rebuilder.rebuild(ProjectionSet([.home]))
    await #expect(throws: Rejection(.busy, "home is being rebuilt")) {
      try await rebuilder.rebuild(ProjectionSet([.inbox]))
    }
    try await rebuilder.cancel(ProjectionSet([.inbox]))
    #expect(rebuilder.board.now.running != nil)
    try await rebuilder.cancel(ProjectionSet([.home]))
    #expect(rebuilder.board.now.running == nil)
    #expect(rebuilder.board.now.outcomes[.home]?.failure == "it was cancelled")
    #expect(try await town.engine.digests() == wrong)
    #expect(try RebuildStore(directory: directory.path).names() == [])
    await town.close()
  }

  @Test(arguments: [1, 40, 120])
  func `a rebuild whose process dies goes on from where it was saved`(
    point: UInt64
  ) async throws {
    let directory = try await makeSpoiltTown(seed: 77, steps: 500)
    let town = try await Town.open(directory.path)
    let rebuilder = town.engine.rebuilder
    var pace = everyStep
    // It gets no further than that until the process ends.
    pace.beforeStep = {
      while let running = rebuilder.board.now.running, running.position.raw >= point,
        await rebuilder.ending == nil
      { await Task.yield() }
    }
    await rebuilder.setPace(pace)
    try await rebuilder.rebuild(ProjectionSet([.home]))
    while let running = town.engine.rebuilder.board.now.running, running.position.raw < point {
      await Task.yield()
    }
    // What a process that dies here leaves: files, and nothing in memory.
    let left = TemporaryDirectory()
    for name in ["journal", "keys", "snapshots", "rebuilds"] {
      copyTree(directory.file(name), to: left.file(name))
    }
    await town.close()

    let next = try await Town.open(left.path, shards: 1)
    await next.engine.rebuilder.finished()
    let goneOn = next.log.all.first { $0.hasPrefix("going on with the rebuild of home at") }
    #expect(goneOn != nil)
    #expect(try await next.engine.digests() == (try refoldedCopy(left.path)))
    #expect(try RebuildStore(directory: left.path).names().allSatisfy { $0.hasPrefix("kept-") })
    await next.close()
    let last = try await Town.open(left.path)
    #expect(last.engine.rebuilder.board.now.running == nil)
    #expect(try await last.engine.digests() == (try refoldedCopy(left.path)))
    await last.close()
  }

  @Test func `what was saved and is damaged is not trusted`() async throws {
    let directory = try await makeSpoiltTown(seed: 78)
    let town = try await Town.open(
      directory.path, pace: everyStep)
    try await town.engine.rebuilder.rebuild(ProjectionSet([.home]))
    await town.close()
    let saved = RebuildStore(directory: directory.path).path("building-home")
    var bytes = readFile(saved)
    try #require(bytes.count > 0)
    bytes[bytes.count / 2] ^= 4
    writeFile(saved, bytes)
    let next = try await Town.open(directory.path)
    await next.engine.rebuilder.finished()
    #expect(next.log.all.contains { $0.hasPrefix("the rebuild of home begins again") })
    #expect(try await next.engine.digests() == (try refoldedCopy(directory.path)))
    await next.close()
  }

  @Test func `a rebuild stops where the journal is damaged, and what serves goes on`()
    async throws
  {
    let directory = try await makeSpoiltTown(seed: 80)
    let raw = try JournalReader(directory: directory.path).rawBlock(atOrBefore: Position(100))
    let block = try #require(raw)
    let town = try await Town.open(directory.path, pace: everyStep)
    // Under the open journal, which has checked it all. Pages that LMDB has replaced hold copies.
    let path = directory.file("journal/data.mdb")
    let bytes = readFile(path)
    let needle = Array(block.bytes[(block.bytes.count / 2)...].prefix(32))
    for start in 0...(bytes.count - needle.count)
    where bytes[start] == needle[0] && bytes[start..<(start + needle.count)].elementsEqual(needle) {
      patchFile(path, at: start, bytes[start] ^ 1)
    }
    let before = try await town.engine.digests()
    let outcome = try await rebuild(town, ProjectionSet([.inbox]))
    #expect(outcome.failure?.contains("the journal is damaged at position ") == true)
    #expect(outcome.position.raw < block.first)
    #expect(try await town.engine.digests() == before)
    #expect(town.engine.rebuilder.board.now.kept == [])
    await town.close()
  }

  @Test func `version 2 takes over where it lacks no more than may be caught up with`()
    async throws
  {
    let directory = TemporaryDirectory()
    let (town, _) = try await makeTown(directory, seed: 80)
    let (position, live) = await town.engine.inspector.freezeModels()
    var part = ReadModels(shard: .first, of: 2).part(ProjectionSet([.tags]))
    var cursor = town.journal.cursor(after: .zero)
    try part.fold(contentsOf: try cursor.next(max: 10))
    let behind = position.raw - part.position.raw
    for models in live {
      #expect(models.numbersPeople(as: part), "who folds nobody numbers nobody otherwise")
    }
    var other = ReadModels(shard: ShardIndex(1), of: 2).part(ProjectionSet([.tags]))
    cursor = town.journal.cursor(after: .zero)
    try other.fold(contentsOf: try cursor.next(max: 10))
    await #expect(throws: RebuildError.self) {
      try await town.engine.inspector.exchange(
        ProjectionSet([.tags]), for: [part, other], tailMax: behind - 1)
    }
    let (reached, old) = try await town.engine.inspector.exchange(
      ProjectionSet([.tags]), for: [part, other], tailMax: behind)
    #expect(reached == position && old.count == 2)
    await town.close()
    #expect(old.digests().first { $0.name == "projections.tags" } != nil)
  }

  @Test func `no shard takes over where another cannot`() async throws {
    let directory = TemporaryDirectory()
    let (town, _) = try await makeTown(directory, seed: 86)
    let before = try await town.engine.digests()
    let end = town.journal.durable
    var cursor = town.journal.cursor(after: Position(end.raw - 1))
    let last = try #require(try cursor.next(max: 1).last)
    // One has seen nothing but the end, the other not even that.
    var first = ReadModels(shard: .first, of: 2).part(ProjectionSet([.tags]))
    try first.fold(selected: last)
    let behind = ReadModels(shard: ShardIndex(1), of: 2).part(ProjectionSet([.tags]))
    await #expect(throws: RebuildError.self) {
      try await town.engine.inspector.exchange(
        ProjectionSet([.tags]), for: [first, behind], tailMax: 10)
    }
    #expect(try await town.engine.digests() == before)
    let (_, live) = await town.engine.inspector.freezeModels()
    #expect(live[0].digest(of: .tags) != first.digest(of: .tags), "what would have been seen")
    await town.close()
  }

  @Test func `where people are numbered otherwise, everything is rebuilt together`() async throws {
    let directory = TemporaryDirectory()
    let (town, _) = try await makeTown(directory, seed: 79)
    _ = try await town.snapshot()
    await town.close()
    var values: [[UInt8]] = []
    try doctorSnapshot(directory.path) { section, key, value in
      if section == "projections.people" { values.append(value) }
      return (key, value)
    }
    let swapped = [values[1]: values[2], values[2]: values[1]]
    try doctorSnapshot(directory.path) { section, key, value in
      (key, section == "projections.people" ? swapped[value] ?? value : value)
    }
    let next = try await Town.open(directory.path)
    let right = try refoldedCopy(directory.path)
    #expect(try await next.engine.digests() != right)
    try await next.engine.rebuilder.rebuild(ProjectionSet([.home]))
    await next.engine.rebuilder.finished()
    #expect(next.log.all.contains { $0.hasPrefix("people are numbered otherwise") })
    #expect(next.engine.rebuilder.board.now.outcomes[.people]?.failure == nil)
    #expect(try await next.engine.digests() == right)
    await next.close()
  }
}
