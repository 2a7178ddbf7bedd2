import Domain
import Entities
import Journal
import Projections
import Testing

@testable import Engine

struct PastEngineTests {
  /// A directory in which something happened, with a snapshot of its middle; and where that is.
  private func makeDirectory(
    seed: UInt64
  ) async throws -> (directory: TemporaryDirectory, middle: Position, end: Position) {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: seed)
    await people.live(150)
    await town.settle()
    let middle = try await town.snapshot().position
    await people.live(150, from: "later")
    await town.close()
    return (directory, middle, town.journal.durable)
  }

  private func withThread<Value>(
    _ body: (ThreadSource) async throws -> Value
  ) async throws -> Value {
    let thread = ThreadExecutor(name: "past")
    defer { thread.stop() }
    return try await body(ThreadSource(thread: thread))
  }

  @Test func `an engine as of then is the fold to then, also within a transaction`() async throws {
    let (directory, _, end) = try await makeDirectory(seed: 61)
    let positions = [1, 2, 3, 17, 18, end.raw / 2, end.raw - 1, end.raw].map { Position($0) }
    let expected = try positions.map {
      try refoldDigests(directory.path, through: .position($0))
    }
    let reader = try JournalReader(directory: directory.path)
    try await withThread { thread in
      let first = try PastMoment(.position(Position(1)), in: reader)
      let past = try await PastEngine.start(reader, at: first, on: thread, usesSnapshots: false)
      for (position, expected) in zip(positions, expected) {
        try await past.advance(to: PastMoment(.position(position), in: reader))
        let digests = try await past.engine.digests()
        #expect(digests.position == position)
        #expect(digests.differences(from: expected) == [])
        #expect(past.engine.clock.now == (try reader.record(at: position))?.time)
      }
    }
  }

  @Test func `it starts from a snapshot that is not beyond then, and from no other`() async throws {
    let (directory, middle, end) = try await makeDirectory(seed: 62)
    for raw in [middle.raw - 1, middle.raw, end.raw] {
      let expected = try refoldDigests(directory.path, through: .position(Position(raw)))
      let reader = try JournalReader(directory: directory.path)
      let log = LogLines()
      let moment = try PastMoment(.position(Position(raw)), in: reader)
      let digests = try await withThread { thread in
        try await PastEngine.start(reader, at: moment, on: thread) { log.add($0) }
          .engine.digests()
      }
      let isUsed = log.all.contains { $0.hasPrefix("starting from the snapshot") }
      #expect(isUsed == (raw >= middle.raw))
      #expect(digests.differences(from: expected) == [])
    }
  }

  @Test func `the past is never answered by another fold than today's`() async throws {
    let directory = TemporaryDirectory()
    var versions = PartVersions.current
    let home = try #require(versions[.projection(.home)])
    versions[.projection(.home)] = PartVersions.Version(
      fold: home.fold + 1, encoding: home.encoding)
    let town = try await Town.open(directory.path, versions: versions)
    var people = Townspeople(town, seed: 65)
    await people.live(200)
    await town.settle()
    _ = try await town.snapshot()
    await town.close()
    // What that fold made of a home.
    try loseRing(of: directory.path)
    let expected = try refoldDigests(directory.path)
    let reader = try JournalReader(directory: directory.path)
    let log = LogLines()
    let digests = try await withThread { thread in
      try await PastEngine.start(reader, at: PastMoment(.end, in: reader), on: thread) {
        log.add($0)
      }.engine.digests()
    }
    #expect(digests.differences(from: expected) == [])
    #expect(log.all.contains { $0.hasPrefix("passing over the snapshot") })
  }

  @Test func `nothing is written, and nothing can be`() async throws {
    let (directory, _, end) = try await makeDirectory(seed: 63)
    removeTree(directory.file("snapshots"))
    let before = readFile(directory.file("journal/data.mdb"))
    let reader = try JournalReader(directory: directory.path)
    try await withThread { thread in
      let past = try await PastEngine.start(
        reader, at: PastMoment(.end, in: reader), on: thread)
      #expect(past.engine.journal.durable == end)
      // Whoever it is: one of the two is a change.
      let someone = try #require(past.engine.shards[0].directory.users.wakeAll().first)
      guard case .user(let id) = someone.key else { return }
      await #expect(throws: Rejection.self) {
        for isPrivate in [true, false] {
          _ = try await someone.perform(
            .changeProfile(isPrivate: isPrivate, messages: nil, secret: nil), by: id)
        }
      }
    }
    #expect(readFile(directory.file("journal/data.mdb")) == before)
    #expect(!FileSizes.exists(directory.file("snapshots")))
  }

  @Test func `a time is the last position written by then, a position past the end the end`()
    async throws
  {
    let planted = try await Planted(seed: 64)
    let records = try planted.records()
    let end = try planted.reader.end()
    for time in Set(records.flatMap { [$0.time.ms - 1, $0.time.ms, $0.time.ms + 1] }) {
      let expected = records.last { $0.time.ms <= time }?.position ?? .zero
      #expect(try planted.reader.position(at: Instant(ms: time)) == expected)
      let moment = try PastMoment(.time(Instant(ms: time)), in: planted.reader)
      #expect(moment == PastMoment(position: expected, clock: Instant(ms: time)))
    }
    #expect(try PastMoment(.position(Position(end.raw + 1)), in: planted.reader).position == end)
    #expect(try PastMoment(.position(.zero), in: planted.reader).position == .zero)
  }
}
