import Domain
import Engine
import Entities
import Projections
import Testing

@testable import Journal

/// A town with a backup of it, and what was made of that.
struct BackupBench {
  let directory = TemporaryDirectory()
  var data: String { directory.file("data") }
  var backup: String { directory.file("backup") }
  var restored: String { directory.file("restored") }
  let clock = SetClock(Instant(ms: 1_400_000_000_000))

  /// Made beside whoever writes, as `roost backup` does it.
  @discardableResult
  func backUp(_ directory: String, to path: String) throws -> BackupReport {
    let reader = try JournalReader(directory: directory)
    return try withExtendedLifetime(reader) {
      let job = try BackupJob(of: BackupSource(reader), in: path, now: clock.now)
      while try job.step() {}
      return try job.finish()
    }
  }

  /// As `BACKUP` does it.
  func backUp(_ town: Town, to path: String? = nil) async throws -> BackupReport {
    try await town.engine.backups.backup(to: path ?? backup, withKeys: true)
  }

  /// As `roost backup` does it.
  func backUpClosed() throws {
    let reader = try JournalReader(directory: data)
    let job = try BackupJob(of: BackupSource(reader), in: backup, now: clock.now)
    while try job.step() {}
    _ = try withExtendedLifetime(reader) { try job.finish() }
  }

  func options(_ limit: BackupReader.Limit = .end, from path: String? = nil) -> Restore.Options {
    var options = Restore.Options(backup: path ?? backup)
    options.limit = limit
    return options
  }

  @discardableResult
  func restore(_ options: Restore.Options) throws -> Restore.Report {
    removeTree(restored)
    return try Restore.run(
      options, into: restored, clock: clock, random: SeededRandom(seed: 77))
  }

  func verifies(_ path: String? = nil, extending checkpoint: Checkpoint? = nil) throws {
    var options = Verification.Options()
    options.checkpoint = checkpoint
    let verification = try Verification.verify(directory: path ?? restored, options)
    #expect(verification.problems == [])
  }
}

struct BackupTests {
  @Test func `what is added beside a running engine comes back whole`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 3)
    var events: UInt64 = 0
    for part in 0..<4 {
      await people.live(120, from: "part\(part)")
      let report = try await bench.backUp(town)
      events += report.events
      #expect(report.position == Position(events))
    }
    await town.settle()
    let last = try await bench.backUp(town)
    let digests = try await town.engine.digests()
    await town.close()
    #expect(last.position == digests.position)
    let report = try bench.restore(bench.options())
    #expect(report.digests == digests)
    #expect(report.appended == 0)
    #expect(report.position == digests.position)
    try bench.verifies()
    #expect(try refoldDigests(bench.restored) == digests)

    let again = try await Town.open(bench.restored, shards: 1)
    #expect(again.log.all.contains { $0.hasPrefix("starting from the snapshot") })
    #expect(try await again.engine.digests() == digests)
    // It goes on, and so does its backup.
    var others = Townspeople(again, seed: 8)
    await others.live(60, from: "later")
    await again.settle()
    let more = try await bench.backUp(again)
    #expect(more.position == again.journal.durable && more.events > 0)
    await again.close()
  }

  @Test func `every text is there, and every tree root`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 4)
    await people.live(150)
    await town.settle()
    _ = try await bench.backUp(town)
    await town.close()
    try bench.restore(bench.options())
    let (one, other) = (
      try JournalReader(directory: bench.data), try JournalReader(directory: bench.restored)
    )
    let end = try one.head().position
    let (tree, same) = (try one.tree(), try other.tree())
    for raw in 1...end.raw {
      let position = Position(raw)
      #expect(try one.record(at: position) == other.record(at: position))
      #expect(try one.secret(at: position) == other.secret(at: position))
      if raw % 9 == 0 { #expect(try tree.root(at: position) == same.root(at: position)) }
    }
    #expect(try one.head().hash == other.head().hash)
  }

  @Test func `restored to any position it is what it was then`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 5)
    await people.live(250)
    await town.settle()
    _ = try await bench.backUp(town)
    await town.close()
    let key = SigningKey(name: nil, random: SeededRandom(seed: 1))
    let reader = try JournalReader(directory: bench.data)
    let tree = try reader.tree()
    let end = tree.end.raw
    for raw in [1, 2, end - 1, end] + (1...5).map({ end * $0 / 6 + 1 }) {
      let position = Position(raw)
      let report = try bench.restore(bench.options(.position(position)))
      #expect(report.position == position)
      #expect(report.root == (try tree.root(at: position)))
      var refold = Refold()
      try refold.run(reader, through: .position(position))
      #expect(try refoldDigests(bench.restored, through: .position(position)) == refold.digests())
      let checkpoint = Checkpoint(
        size: position, root: try tree.root(at: position), time: bench.clock.now, key: key)
      try bench.verifies(extending: checkpoint)
    }
    #expect(throws: BackupError.beyondEnd(Position(end + 1), end: Position(end))) {
      try bench.restore(bench.options(.position(Position(end + 1))))
    }
    #expect(try bench.restore(bench.options(.position(.zero))).position == .zero)
  }

  @Test func `a moment never parts what one command did`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 6)
    await people.live(120)
    await town.settle()
    _ = try await bench.backUp(town)
    await town.close()
    let reader = try JournalReader(directory: bench.data)
    let end = try reader.head().position
    for raw in stride(from: UInt64(3), to: end.raw, by: 23) {
      let time = try #require(try reader.record(at: Position(raw))).time
      for (moment, isIncluded) in [(time, true), (time.adding(ms: -1), false)] {
        let report = try bench.restore(bench.options(.time(moment)))
        #expect((report.position.raw >= raw) == isIncluded)
        var refold = Refold()
        try refold.run(reader, through: .time(moment))
        #expect(refold.position == report.position)
        let next = try reader.record(at: report.position.next)
        #expect(next.map { $0.time > moment } ?? true)
      }
    }
  }

  @Test func `the last copy of a key is never replaced`() async throws {
    let bench = BackupBench()
    var town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 31)
    await people.live(40)
    await town.settle()
    _ = try await bench.backUp(town)
    let alone = bench.directory.file("keys-of-before")
    await town.close()
    // Keys of another time come to stand where these did.
    copyTree(bench.data + "/keys", to: alone)
    let other = TemporaryDirectory()
    town = try await Town.open(other.path)
    await town.close()
    removeTree(bench.data + "/keys")
    copyTree(other.path + "/keys", to: bench.data + "/keys")
    let before = try BackupReader(directory: bench.backup).manifest
    #expect {
      try bench.backUpClosed()
    } throws: {
      "\($0)".contains("nothing was replaced")
    }
    #expect(try BackupReader(directory: bench.backup).manifest == before)
    try bench.restore(bench.options())
    removeTree(bench.data + "/keys")
    copyTree(alone, to: bench.data + "/keys")
    town = try await Town.open(bench.data)
    _ = try await bench.backUp(town)
    await town.close()
  }

  @Test func `a backup with a file that is gone or cut is not gone on with`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 32)
    await people.live(40)
    await town.settle()
    _ = try await bench.backUp(town)
    let path = bench.backup + "/00000000000000000001.segment"
    let whole = readFile(path)
    writeFile(path, Array(whole.dropLast()))
    let broken = Rejection(.invalid, "\(BackupError.brokenSegment(path: path))")
    await #expect(throws: broken) { try await bench.backUp(town) }
    removeTree(path)
    await #expect(throws: broken) { try await bench.backUp(town) }
    writeFile(path, whole)
    _ = try await bench.backUp(town)
    await town.close()
  }

  @Test func `what is damaged leaves no directory behind`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 7)
    await people.live(60)
    await town.settle()
    _ = try await bench.backUp(town)
    await town.close()
    let path = bench.backup + "/00000000000000000001.segment"
    let whole = readFile(path)
    var changed = whole
    changed[whole.count / 2] ^= 1
    writeFile(path, changed)
    let error = #expect(throws: JournalError.self) { try bench.restore(bench.options()) }
    #expect(error?.description.contains("is damaged at position 1") == true)
    #expect(!FileSizes.exists(bench.restored))
    #expect(!FileSizes.exists(bench.restored + ".unfinished"))
    writeFile(path, whole)
    // What a killed restore left is removed; what is somebody's is not.
    copyTree(bench.backup, to: bench.restored + ".unfinished")
    #expect(throws: BackupError.notEmpty(path: bench.restored + ".unfinished")) {
      try bench.restore(bench.options())
    }
    writeFile(bench.restored + ".unfinished/unfinished", "")
    try bench.restore(bench.options())
    try bench.verifies()
    let here = bench.restored
    #expect(throws: BackupError.notEmpty(path: here)) {
      try Restore.run(
        bench.options(), into: here, clock: bench.clock, random: SeededRandom(seed: 1))
    }
  }

  @Test func `a quick restore leaves out the snapshot and is the same`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    var people = Townspeople(town, seed: 8)
    await people.live(80)
    await town.settle()
    let digests = try await town.engine.digests()
    _ = try await bench.backUp(town)
    await town.close()
    var options = bench.options()
    options.isQuick = true
    #expect(try bench.restore(options).digests == nil)
    #expect(!FileSizes.exists(bench.restored + "/snapshots"))
    try bench.verifies()
    #expect(try refoldDigests(bench.restored) == digests)
    #expect(try Restore.check(bench.options()) == digests.position)
  }
}
