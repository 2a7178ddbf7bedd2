import Domain
import Glibc
import Testing

@testable import Journal

/// A journal in memory that grows, and a directory for its backup.
private struct Bench {
  let directory = TemporaryDirectory()
  let memory: MemoryJournal
  var path: String { directory.path + "/backup" }

  init(seed: UInt64 = 1, blockBytesMax: Int = 1_000) throws {
    var limits = JournalLimits()
    limits.blockBytesMax = blockBytesMax
    memory = try MemoryJournal(seed: seed, limits: limits)
  }

  func grow(_ count: Int, from first: UInt64 = 1) throws {
    for index in 0..<UInt64(count) {
      _ = try memory.journal.enqueue(.post(first + index, by: index % 2 == 0 ? alice : bob))
      if index % 7 == 6 { _ = try memory.journal.commitQueued() }
    }
    _ = try memory.journal.commitQueued()
    memory.clock.advance(ms: 10)
  }

  func job(
    _ limits: BackupLimits = BackupLimits(), withKeys: Bool = true
  ) throws -> BackupJob {
    try BackupJob(
      of: BackupSource(memory.journal), in: path, withKeys: withKeys, now: memory.clock.now,
      limits: limits)
  }

  @discardableResult
  func backUp(_ limits: BackupLimits = BackupLimits()) throws -> BackupReport {
    let job = try job(limits)
    while try job.step() {}
    return try job.finish()
  }

  var names: [String] { (try? FileSystem.list(path)) ?? [] }
}

struct BackupJobTests {
  @Test func `a backup adds what is new, and nothing when nothing is`() throws {
    let bench = try Bench()
    #expect(try bench.backUp().position == .zero)
    try bench.grow(40)
    let first = try bench.backUp()
    #expect(first.position == Position(40) && first.events == 40 && first.keys == 2)
    let segments = bench.names.filter { $0.hasSuffix(".segment") }
    let content = try segments.map { try readFile(bench.path + "/" + $0) }
    let again = try bench.backUp()
    #expect(again.events == 0 && again.position == Position(40))
    try bench.grow(5, from: 100)
    let second = try bench.backUp()
    #expect(second.events == 5 && second.position == Position(45))
    #expect(try segments.map { try readFile(bench.path + "/" + $0) } == content)
    #expect(bench.names.filter { $0.hasPrefix("keys.") } == ["keys.4"])
    let reader = try BackupReader(directory: bench.path)
    try reader.read(into: nil)
    #expect(reader.position == Position(45))
    #expect(try reader.manifest.tree.root(TreeHasher()) == tree(bench).root(at: Position(45)))
  }

  private func tree(_ bench: Bench) throws -> JournalTree {
    try JournalReader(disk: bench.memory.disk, keys: bench.memory.keys).tree()
  }

  @Test func `a backup of packed blocks is restored up to an event inside of one`() throws {
    let bench = try Bench(blockBytesMax: JournalLimits().blockBytesMax)
    for id in 1...400 as ClosedRange<UInt64> {
      _ = try bench.memory.journal.enqueue(id % 3 == 0 ? .post(id) : .follow(bob, sequence: id))
    }
    #expect(try bench.memory.journal.commitQueued() == 400)
    let block = try #require(try bench.memory.disk.block(atOrBefore: Position(1))).bytes
    let header = try BlockHeader.read(block)
    #expect(header.packed != nil && header.count > 100)
    try bench.backUp()
    for end in [2, 77, 400] as [UInt64] {
      let path = bench.directory.path + "/restored-\(end)"
      try FileSystem.makeDirectory(path)
      let builder = try JournalBuilder(directory: path, created: Instant(ms: 1))
      let reader = try BackupReader(directory: bench.path)
      try reader.read(through: .position(Position(end)), into: builder)
      #expect(try builder.root == tree(bench).root(at: Position(end)))
      try builder.finish()
      let restored = try JournalReader(directory: path)
      #expect(try readAll(restored.cursor(after: .zero)).count == Int(end))
      #expect(try JournalVerifier(restored).verify() == [])
    }
  }

  @Test func `a manifest of before is read, and one of a newer format is refused in words`() throws
  {
    let bench = try Bench()
    try bench.grow(10)
    try bench.backUp()
    let path = bench.path + "/manifest"
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let line = String(text.prefix { $0 != "\n" })
    let newest = "\"format\":\(BackupFormat.version)"
    #expect(line.contains(newest))
    for format in [1, BackupFormat.version, BackupFormat.version + 1] {
      let changed = line.replacing(newest, with: "\"format\":\(format)")
      let hash = hexadecimal(blake2b256(Array(changed.utf8)))
      try writeFile(path, Array("\(changed)\n\(hash)\n".utf8))
      if format <= BackupFormat.version {
        #expect(try BackupReader(directory: bench.path).position == .zero)
        #expect(try BackupReader(directory: bench.path).manifest.position == Position(10))
      } else {
        #expect(
          throws: JournalError.unsupportedVersion(what: "the backup \(bench.path)", found: format)
        ) { try BackupReader(directory: bench.path) }
      }
    }
  }

  @Test func `segments end where they are full, and their number is bounded`() throws {
    let bench = try Bench()
    try bench.grow(30)
    let blocks = Int(bench.memory.journal.head.blocks)
    var limits = BackupLimits()
    // Every block reaches it.
    limits.segmentBytesMax = 1
    limits.segmentsMax = blocks
    try bench.backUp(limits)
    let manifest = try BackupReader(directory: bench.path).manifest
    #expect(blocks > 3 && manifest.segments.count == blocks)
    try bench.backUp(limits)
    try bench.grow(1, from: 40)
    #expect(throws: BackupError.tooManySegments(path: bench.path, max: blocks)) {
      try bench.backUp(limits)
    }
    let reader = try BackupReader(directory: bench.path)
    try reader.read(into: nil)
    #expect(reader.position == Position(30))
  }

  @Test func `one that was interrupted leaves the one before, and the next clears up`() throws {
    let bench = try Bench()
    try bench.grow(30)
    try bench.backUp()
    let manifest = try readFile(bench.path + "/manifest")
    let kept = bench.names
    try bench.grow(30, from: 100)
    do {
      let job = try bench.job()
      while try job.step() {}
      // Ended before `finish`.
    }
    #expect(try readFile(bench.path + "/manifest") == manifest)
    #expect(bench.names.count == kept.count + 1)
    try writeFile(bench.path + "/manifest.writing", [1, 2, 3])
    let reader = try BackupReader(directory: bench.path)
    try reader.read(into: nil)
    #expect(reader.position == Position(30))
    #expect(try readFile(bench.path + "/manifest") == manifest)
  }

  @Test func `after an interruption it goes on`() throws {
    let bench = try Bench()
    try bench.grow(30)
    do { _ = try bench.job() }
    #expect(bench.names == ["lock", "manifest"])
    do {
      let job = try bench.job()
      while try job.step() {}
    }
    try writeFile(bench.path + "/keys.9", [1])
    try bench.backUp()
    #expect(!bench.names.contains("keys.9"))
    let reader = try BackupReader(directory: bench.path)
    try reader.read(into: nil)
    #expect(reader.position == Position(30))
  }

  @Test func `a directory where the very first manifest was not finished is taken`() throws {
    let bench = try Bench()
    try FileSystem.makeDirectory(bench.path)
    try writeFile(bench.path + "/manifest.writing", [1])
    try writeFile(bench.path + "/lock", [])
    try bench.grow(3)
    #expect(try bench.backUp().position == Position(3))
  }

  @Test func `nobody else writes or reads at the same time`() throws {
    let bench = try Bench()
    try bench.grow(3)
    do {
      let job = try bench.job()
      #expect(throws: BackupError.inUse(path: bench.path)) { try bench.job() }
      #expect(throws: BackupError.inUse(path: bench.path)) {
        try BackupReader(directory: bench.path)
      }
      while try job.step() {}
      _ = try job.finish()
    }
    let readers = try (0..<2).map { _ in try BackupReader(directory: bench.path) }
    #expect(readers.count == 2)
    #expect(throws: BackupError.inUse(path: bench.path)) { try bench.job() }
  }
}

struct BackupPathTests {
  @Test func `what is no backup is refused and not touched`() throws {
    let bench = try Bench()
    try bench.grow(3)
    try FileSystem.makeDirectory(bench.path)
    try writeFile(bench.path + "/keys.1", [7])
    #expect(throws: BackupError.noBackup(path: bench.path)) { try bench.backUp() }
    #expect(bench.names == ["keys.1"])
    #expect(try readFile(bench.path + "/keys.1") == [7])
    let file = bench.directory.path + "/file"
    try writeFile(file, [8])
    #expect(throws: BackupError.noBackup(path: file)) {
      try BackupJob(of: BackupSource(bench.memory.journal), in: file, now: Instant(ms: 0))
    }
    #expect(try readFile(file) == [8])
    let deep = bench.directory.path + "/not/there"
    #expect(throws: JournalError.self) {
      try BackupJob(of: BackupSource(bench.memory.journal), in: deep, now: Instant(ms: 0))
    }
    #expect(!fileExists(bench.directory.path + "/not"))
  }

  @Test func `a backup in its own data directory is refused, however it is named`() throws {
    let directory = TemporaryDirectory()
    let journal = try openJournal(directory)
    defer { journal.drainAndStop() }
    let link = TemporaryDirectory()
    #expect(unsafe symlink(directory.path, link.path + "/link") == 0)
    for path in [
      directory.path + "/b", directory.path + "/keys/../b", directory.path + "/keys/b/",
      link.path + "/link/b", "//" + directory.path + "//./b",
    ] {
      #expect(
        throws: BackupError.badPath(
          "a backup does not lie in the data directory "
            + directory.path)
      ) {
        try BackupJob(of: BackupSource(journal), in: path, now: Instant(ms: 0))
      }
      #expect(!fileExists(path))
    }
    // Beside it is another thing, also where it is named by way of it.
    let beside = directory.path + "/../" + "roost-beside-\(getpid())"
    do {
      let job = try BackupJob(of: BackupSource(journal), in: beside, now: Instant(ms: 0))
      #expect(try job.finish().position == .zero)
    }
    try FileSystem.removeDirectory(beside)
  }

  @Test func `a damaged manifest is refused and not replaced`() throws {
    let bench = try Bench()
    try bench.grow(3)
    try bench.backUp()
    let path = bench.path + "/manifest"
    let whole = try readFile(path)
    var changed = whole
    changed[40] ^= 1
    for bytes in [[], Array(whole.dropLast(3)), changed, whole + [0]] {
      try writeFile(path, bytes)
      #expect(throws: JournalError.self) { try bench.backUp() }
      #expect(try readFile(path) == bytes)
      #expect(bench.names.count == 4)
    }
  }

  @Test func `links inside a backup are not followed`() throws {
    let bench = try Bench()
    try bench.grow(3)
    try bench.backUp()
    let victim = bench.directory.path + "/victim"
    try writeFile(victim, [1, 2, 3])
    try bench.grow(3, from: 50)
    for name in ["manifest.writing", "keys.2", "00000000000000000004.segment"] {
      #expect(unsafe symlink(victim, bench.path + "/" + name) == 0)
    }
    #expect(try bench.backUp().position == Position(6))
    #expect(try readFile(victim) == [1, 2, 3])
    try FileSystem.removeFile(bench.path + "/lock")
    #expect(unsafe symlink(victim, bench.path + "/lock") == 0)
    #expect(throws: JournalError.self) { try bench.backUp() }
    #expect(try readFile(victim) == [1, 2, 3])
  }

  @Test func `a path has at most so many bytes and no control characters`() {
    let longest = String(repeating: "x", count: BackupFormat.pathBytesMax)
    #expect(throws: Never.self) { try BackupDirectory.check(longest) }
    for path in [longest + "x", "", "a\0b", "a\nb", "a\u{7F}"] {
      #expect(throws: BackupError.self) { try BackupDirectory.check(path) }
    }
  }

  @Test func `a manifest has at most so many bytes`() throws {
    let bench = try Bench()
    try bench.grow(3)
    try bench.backUp()
    let count = try readFile(bench.path + "/manifest").count
    #expect(throws: Never.self) { try BackupManifest.read(bench.path, bytesMax: count) }
    let error = #expect(throws: JournalError.self) {
      try BackupManifest.read(bench.path, bytesMax: count - 1)
    }
    #expect(error?.description.contains("more than \(count - 1) bytes") == true)
  }
}

struct BackupContinuityTests {
  @Test func `the backup of another journal is not gone on with`() throws {
    let bench = try Bench()
    try bench.grow(10)
    try bench.backUp()
    let other = try Bench(seed: 2)
    try other.grow(20)
    #expect(throws: BackupError.otherJournal(path: bench.path)) {
      try BackupJob(
        of: BackupSource(other.memory.journal), in: bench.path, now: Instant(ms: 0))
    }
  }

  @Test(arguments: [1, 7, 8, 20, 29])
  func `a journal that was set back is named, and from where on it is another`(
    kept: Int
  ) throws {
    // The same seed: up to there the two are the same, to the byte.
    let bench = try Bench()
    try bench.grow(kept)
    let twin = try Bench()
    try twin.grow(kept)
    try bench.grow(40 - kept, from: 100)
    try bench.backUp()
    let setBack = #expect(throws: BackupError.self) {
      try BackupJob(of: BackupSource(twin.memory.journal), in: bench.path, now: Instant(ms: 0))
    }
    #expect(setBack == .setBack(journal: Position(UInt64(kept)), backup: Position(40)))
    for count in [1, 60] {
      try twin.grow(count, from: 500)
      let rewritten = #expect(throws: BackupError.self) {
        try BackupJob(of: BackupSource(twin.memory.journal), in: bench.path, now: Instant(ms: 0))
      }
      #expect(
        rewritten == .rewritten(from: Position(UInt64(kept + 1)), backup: Position(40)))
    }
  }

  @Test func `a damaged block does not come into a backup`() throws {
    let bench = try Bench()
    try bench.grow(30)
    bench.memory.disk.damageBlock(1) { $0[$0.count / 2] ^= 1 }
    let error = #expect(throws: JournalError.self) { try bench.backUp() }
    #expect(error?.description.contains("the hash of its block does not fit") == true)
    #expect(try BackupReader(directory: bench.path).manifest.position == .zero)
  }
}
