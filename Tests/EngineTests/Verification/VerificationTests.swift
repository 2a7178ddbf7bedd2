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
    let (digests, snapshot) = try Rebuild.run(
      directory: directory.path, clock: SetClock(Town.opening), random: SeededRandom(seed: 1))
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
