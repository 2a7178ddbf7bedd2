import Domain
import Engine
import Journal
import Projections
import Testing

struct VerificationTests {
  private func makeDirectory() async throws -> TemporaryDirectory {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 31)
    await people.live(250)
    await town.settle()
    _ = try await town.snapshot()
    await people.live(50, from: "later")
    await town.close()
    return directory
  }

  @Test func `a sound directory has no problems`() async throws {
    let directory = try await makeDirectory()
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    #expect(verification.problems == [])
    #expect(verification.notes == [])
    #expect(verification.digests == (try refoldDigests(directory.path)))
    #expect(try Verification.verify(directory: directory.path, isQuick: true).problems == [])
    #expect(try Verification.check(directory: directory.path).problems == [])
  }

  @Test(arguments: [1, 2, 8])
  func `any number of threads finds the same`(threads: Int) async throws {
    let directory = try await makeDirectory()
    var options = Verification.Options()
    options.threads = threads
    let sound = try Verification.verify(directory: directory.path, options)
    #expect(sound.problems == [])
    #expect(sound.digests == (try refoldDigests(directory.path)))
    try forge(directory, section: "projections.graph") { _ in nil }
    let forged = try Verification.verify(directory: directory.path, options)
    #expect(forged.problems.contains { Self.blames($0.sentence, "projections.graph") })
    let position = try #require(try SnapshotStore(directory: directory.path).list().first).position
    #expect(
      forged.problems.contains {
        $0.affected?.sentence
          == "affected: projections.graph of a start from the snapshot at position \(position)"
      })
  }

  @Test func `progress ends with everything done`() async throws {
    let directory = try await makeDirectory()
    var last: Progress?
    _ = try Verification.verify(directory: directory.path, isQuick: false) { last = $0 }
    #expect(last?.done == last?.total && last?.title == "verifying")
  }

  @Test func `an event that was changed is told from the others of its block`() async throws {
    let directory = try await makeDirectory()
    let block = try block(in: directory)
    let path = directory.file("journal/data.mdb")
    var bytes = readFile(path)
    let copies = Self.all(block.bytes, in: bytes)
    #expect(!copies.isEmpty)
    for start in copies { bytes[start + block.bytes.count / 2] ^= 1 }
    writeFile(path, bytes)
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    let affected = try #require(verification.problems.first?.affected)
    #expect(affected.positions?.lowerBound == Position(block.first))
    #expect(affected.unreadable.count == 1 && affected.entities == [])
    #expect(verification.digests == nil)
  }

  @Test func `where every event can be read, people and posts are named`() async throws {
    let directory = try await makeDirectory()
    let block = try block(in: directory)
    let path = directory.file("journal/data.mdb")
    var bytes = readFile(path)
    for start in Self.all(block.bytes, in: bytes) { bytes[start + block.bytes.count - 1] ^= 1 }
    writeFile(path, bytes)
    let verification = try Verification.verify(directory: directory.path, isQuick: true)
    let affected = try #require(verification.problems.first?.affected)
    let reader = try JournalReader(directory: directory.path)
    let named = try #require(try reader.record(at: Position(block.first)))
    #expect(affected.unreadable == [])
    #expect(affected.entities.contains(.user(named.actor)))
    #expect(affected.entityCount >= affected.entities.count)
    #expect(affected.entities.count <= Affected.namedMax)
  }

  @Test func `a damaged record is named with its position`() async throws {
    let directory = try await makeDirectory()
    let block = try block(in: directory)
    let path = directory.file("journal/data.mdb")
    var bytes = readFile(path)
    // Pages that LMDB has replaced hold copies.
    let copies = Self.all(Array(block.bytes.suffix(32)), in: bytes)
    #expect(!copies.isEmpty)
    for start in copies { bytes[start] ^= 1 }
    writeFile(path, bytes)
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    #expect(verification.firstBad == Position(block.first))
  }

  private func block(
    in directory: TemporaryDirectory
  ) throws -> (first: UInt64, bytes: [UInt8]) {
    let reader = try JournalReader(directory: directory.path)
    return try #require(try reader.rawBlock(atOrBefore: Position(100)))
  }

  private static func all(_ needle: [UInt8], in bytes: [UInt8]) -> [Int] {
    (0...(bytes.count - needle.count)).filter { start in
      bytes[start] == needle[0] && bytes[start..<(start + needle.count)].elementsEqual(needle)
    }
  }

  /// Writes a snapshot again, whole, with one entry of one section changed by `change`.
  private func forge(
    _ directory: TemporaryDirectory, section name: String,
    _ change: ([UInt8]) -> [UInt8]?
  ) throws {
    let store = try SnapshotStore(directory: directory.path)
    let item = try store.list()[0]
    let reader = try SnapshotReader(item.path)
    let writer = try store.begin(reader.header)
    var isChanged = false
    while let section = try reader.nextSection() {
      try writer.beginSection(section)
      while let (key, value) = try reader.nextEntry() {
        if section.name == name, !isChanged {
          isChanged = true
          if let forged = change(value) { try writer.entry(key, forged) }
        } else {
          try writer.entry(key, value)
        }
      }
    }
    try writer.finish()
    #expect(isChanged)
  }

  @Test(arguments: ["projections.graph", "projections.home", "entities.users", "entities.posts"])
  func `a snapshot that lacks an entry differs from a refold`(section: String) async throws {
    let directory = try await makeDirectory()
    try forge(directory, section: section) { _ in nil }
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    #expect(verification.problems.contains { Self.blames($0.sentence, section) })
    let check = try Verification.check(directory: directory.path)
    #expect(check.problems.contains { Self.blames($0.sentence, section) })
    #expect(try Verification.verify(directory: directory.path, isQuick: true).problems == [])
  }

  /// An entity that is missing may already keep the journal's tail from being folded.
  private static func blames(_ sentence: String, _ section: String) -> Bool {
    sentence.contains(section) || sentence.contains("cannot be used")
  }

  @Test func `only the projection that is asked for is compared`() async throws {
    let directory = try await makeDirectory()
    try forge(directory, section: "projections.graph") { _ in nil }
    let home = try Verification.check(directory: directory.path, projection: .tags)
    #expect(home.problems == [])
    let graph = try Verification.check(directory: directory.path, projection: .graph)
    #expect(!graph.problems.isEmpty)
  }

  @Test func `a snapshot with an entry that does not read is named`() async throws {
    let directory = try await makeDirectory()
    try forge(directory, section: "entities.chats") { _ in [0xFF] }
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    #expect(verification.problems.contains { $0.sentence.contains("cannot be used") })
  }

  @Test func `a damaged snapshot file is a problem even when looked at quickly`() async throws {
    let directory = try await makeDirectory()
    let path = try SnapshotStore(directory: directory.path).list()[0].path
    var bytes = readFile(path)
    bytes[200] ^= 1
    writeFile(path, bytes)
    let verification = try Verification.verify(directory: directory.path, isQuick: true)
    #expect(verification.problems.count == 1)
  }

  @Test func `rebuilding writes a snapshot from which the next start goes on`() async throws {
    let directory = try await makeDirectory()
    removeTree(directory.file("snapshots"))
    let report = try Rebuild.run(
      directory: directory.path, clock: SetClock(Town.opening), random: SeededRandom(seed: 1))
    let (digests, snapshot) = (report.digests, report.snapshot)
    #expect(digests == (try refoldDigests(directory.path)))
    let town = try await Town.open(directory.path)
    #expect(town.log.all == ["starting from the snapshot at position \(snapshot.position)"])
    #expect(try await town.engine.digests() == digests)
    await town.close()
  }

  @Test func `a directory without a journal is an error, not a finding`() throws {
    let directory = TemporaryDirectory()
    #expect(throws: JournalError.self) {
      try Verification.verify(directory: directory.path, isQuick: true)
    }
    #expect(throws: JournalError.self) {
      try Rebuild.run(
        directory: directory.path, clock: SetClock(Town.opening),
        random: SeededRandom(seed: 1))
    }
  }
}
