import Domain
import Engine
import Glibc
import Journal
import Projections
import Testing

/// What the golden data must lead to for ever, a line each, as `expected.json` holds it.
private func facts(_ directory: String) throws -> [String] {
  let reader = try JournalReader(directory: directory)
  let head = try reader.head()
  var refold = Refold()
  try refold.run(reader)
  let snapshots = try SnapshotStore(directory: directory).list()
  return lines(
    [
      ("position", .uint(head.position.raw)), ("hash", .string(hexadecimal(head.hash))),
      ("time", .int(head.time.ms)), ("snapshot", .uint(snapshots.first?.position.raw ?? 0)),
    ] + refold.counts.present.map { ($0.type.name, .uint($0.count)) })
}

/// The digests of what is folded from it; those of the newest version are in its `expected.json`.
private func digests(_ directory: String) throws -> [String] {
  var refold = Refold()
  try refold.run(try JournalReader(directory: directory))
  return lines(refold.digests().all.map { ($0.name, .string($0.digest.description)) })
}

private func lines(_ members: [(String, JSON)]) -> [String] {
  members.map { "  " + JSON.object([$0]).text.dropFirst().dropLast() }
}

/// What landed, the newest last. `v3` tells the story of `v2` in the newest versions of its events,
/// `v4` that of `v3` in packed blocks where these are smaller.
private let versions = ["v1", "v2", "v3", "v4"]
private let newest = "v4"
/// Those with events in versions that are written no more.
private let olderEvents = ["v1", "v2"]

/// The frames of packed blocks, and so the chain, are those of one zstd.
private let compressor = lines([("zstd", .string(zstdVersion))])

private func golden(_ version: String) -> String { packagePath() + "/Snapshots/" + version }

/// Whether what an older version is folded into still is what its snapshot says; else that is
/// passed over, and the journal refolded.
private func hasUsableSnapshot(_ version: String) throws -> Bool {
  let newest = try SnapshotStore(directory: golden(version) + "/data").list().first
  let path = try #require(newest).path
  return try SnapshotReader(path).header.fingerprint
    == SnapshotFingerprint.bytes(ProjectionLimits())
}

/// Those whose snapshot has something that is written as today: what is not is folded first.
private let partlyUsable: Set = ["v2", "v3", "v4"]

private func expected(_ version: String) -> Set<String> {
  Set(
    text(golden(version) + "/expected.json").split(separator: "\n")
      .map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) })
}

private func text(_ path: String) -> String { String(decoding: readFile(path), as: UTF8.self) }

/// A copy of the golden data, for what opens it to write.
private func copyOfGolden(_ version: String) -> TemporaryDirectory {
  let directory = TemporaryDirectory()
  copyTree(golden(version) + "/data", to: directory.file("data"))
  return directory
}

private func formatVersion(_ directory: String) throws -> UInt64 {
  let reader = try JournalReader(directory: directory)
  return try reader.head().formatVersion
}

private func opened(_ directory: String) throws -> Journal {
  try Journal.open(
    directory: directory, clock: SetClock(GoldenTown.opening), random: SeededRandom(seed: 1))
}

@Suite struct GoldenTests {
  /// tools/make_golden runs this with the directory to fill.
  @Test(.enabled(if: environment("ROOST_MAKE_GOLDEN") != nil, "only for tools/make_golden"))
  func `make the golden data`() throws {
    let directory = try #require(environment("ROOST_MAKE_GOLDEN"))
    let data = directory + "/data"
    try GoldenTown.make(in: data, version: newest)
    let members = try facts(data) + compressor + digests(data)
    writeFile(directory + "/expected.json", "{\n" + members.joined(separator: ",\n") + "\n}\n")
  }

  @Test(arguments: versions)
  func `the golden data verifies and refolds to what is expected`(version: String) throws {
    let directory = copyOfGolden(version)
    let verification = try Verification.verify(
      directory: directory.file("data"), isQuick: false)
    #expect(verification.problems == [])
    #expect(verification.notes.isEmpty == (try hasUsableSnapshot(version)))
    #expect(version != newest || verification.notes.isEmpty)
    let expected = expected(version)
    for line in try facts(directory.file("data")) { #expect(expected.contains(line)) }
    guard version == newest else { return }
    for line in try digests(directory.file("data")) { #expect(expected.contains(line)) }
  }

  @Test func `making the golden data anew gives the same chain`() throws {
    let directory = TemporaryDirectory()
    try GoldenTown.make(in: directory.file("data"), version: newest)
    let expected = expected(newest)
    let isComparable = expected.isSuperset(of: compressor)
    for line in try facts(directory.file("data")) where isComparable || !line.contains(hash) {
      #expect(expected.contains(line))
    }
    let told = copyOfGolden(newest)
    func root(_ data: String) throws -> TreeHash {
      let tree = try JournalReader(directory: data).tree()
      return try tree.root(at: tree.end)
    }
    #expect(try root(directory.file("data")) == root(told.file("data")))
  }

  @Test func `the newest golden data has plain blocks and packed ones, the older plain ones alone`()
    throws
  {
    for version in versions {
      let directory = copyOfGolden(version)
      let reader = try JournalReader(directory: directory.file("data"))
      let end = try reader.head().position
      var (plain, packed) = (0, 0)
      var position = Position.zero
      while position < end {
        let block = try #require(try reader.rawBlock(atOrBefore: position.next))
        let header = try BlockHeader.read(block.bytes)
        if header.packed == nil { plain += 1 } else { packed += 1 }
        position = header.last
      }
      #expect(plain > 0)
      #expect((packed > 0) == (version == newest))
    }
  }

  /// What is upcast, against what the same commands write today.
  @Test(arguments: versions)
  func `the golden story told anew in today's versions leads to the same state`(
    version: String
  ) throws {
    let told = copyOfGolden(version)
    let directory = TemporaryDirectory()
    try GoldenTown.make(in: directory.file("data"), version: version)
    let (anew, before) = (try digests(directory.file("data")), try digests(told.file("data")))
    #expect(anew == before)
    let now = try facts(directory.file("data")).filter { !$0.contains(hash) }
    let then = try facts(told.file("data")).filter { !$0.contains(hash) }
    #expect(now == then)
  }

  @Test(arguments: versions)
  func `every older event of the golden data can be upcast`(version: String) throws {
    let directory = copyOfGolden(version)
    let check = try UpcastCheck(try JournalReader(directory: directory.file("data")))
    #expect(check.failure == nil)
    let older = check.counts.filter(\.isOlder)
    #expect(older.isEmpty == !olderEvents.contains(version))
    if olderEvents.contains(version) {
      #expect(Set(older.map(\.type)) == [.postPublished, .postShared])
      #expect(older.allSatisfy { $0.newestBytes < $0.storedBytes })
    }
  }

  @Test func `an older journal is of its format until something is written`() throws {
    let directory = copyOfGolden("v1")
    let data = directory.file("data")
    #expect(try formatVersion(data) == 1)
    try opened(data).drainAndStop()
    #expect(try formatVersion(data) == 1)
    let journal = try opened(data)
    _ = try journal.enqueue(
      JournalEntry(
        actor: .system, entity: .user(.system), firstSequence: 1,
        drafts: [Draft(.user(.requestAnswered))]))
    _ = try journal.commitQueued()
    #expect(journal.head.formatVersion == JournalFormat.version)
    journal.drainAndStop()
    #expect(try formatVersion(data) == JournalFormat.version)
  }

  @Test func `every kind of event occurs in the golden data`() throws {
    let directory = copyOfGolden(newest)
    var refold = Refold()
    try refold.run(try JournalReader(directory: directory.file("data")))
    for type in EventType.allCases {
      #expect(refold.counts[type] > 0, "there is no \(type.name)")
    }
  }

  @Test(arguments: versions, [(1, true), (2, true), (4, true), (1, false), (4, false)])
  func `a start on the golden data gives the same digests on any number of shards`(
    version: String, start: (shards: Int, usesSnapshots: Bool)
  ) async throws {
    let directory = copyOfGolden(version)
    let refolded = Set(try digests(directory.file("data")))
    let town = try await Town.open(
      directory.file("data"), shards: start.shards, usingSnapshots: start.usesSnapshots)
    let live = try await town.engine.digests()
    let log = town.log.all
    await town.close()
    let started = lines(live.all.map { ($0.name, .string($0.digest.description)) })
    #expect(Set(started) == refolded)
    #expect(
      log.contains { $0.hasPrefix("starting from the snapshot") }
        == (start.usesSnapshots && partlyUsable.contains(version)))
  }

  @Test(arguments: versions)
  func `the text of the erased person is gone and that of the others is there`(
    version: String
  ) throws {
    let directory = copyOfGolden(version)
    let reader = try JournalReader(directory: directory.file("data"))
    var cursor = reader.cursor(after: .zero)
    var erased = 0
    var texts: [String] = []
    while case let records = try cursor.next(), !records.isEmpty {
      for record in records where record.hasSecret {
        switch try reader.secret(at: record.position) {
        case .text(let secret): texts += secret.fields.map(\.value)
        case .erased: erased += 1
        case .none: Issue.record("position \(record.position) should hold text")
        }
      }
    }
    #expect(erased == 3)
    #expect(texts.contains("Guten Morgen 👋 \"Alice\"\n#town"))
    #expect(!texts.contains("I was here. #town"))
  }

  @Test(
    .enabled(if: FileSizes.exists(python), "SKIPPED: needs tools/requirements.txt in .venv"),
    arguments: versions)
  func `the independent reader prints the golden journal like our own`(version: String) throws {
    let directory = copyOfGolden(version)
    let out = directory.file("out")
    let command = "\(python) \(packagePath())/tools/journal.py \(directory.file("data")) > \(out)"
    #expect(unsafe system(command) == 0)
    let reader = try JournalReader(directory: directory.file("data"))
    var lines = ""
    var cursor = reader.cursor(after: .zero)
    while case let records = try cursor.next(), !records.isEmpty {
      for record in records {
        lines += RecordJSON.line(record, secret: try reader.secret(at: record.position)) + "\n"
      }
    }
    #expect(text(out) == lines)
  }
}

private let hash = #""hash""#

private let python = packagePath() + "/.venv/bin/python"

private func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}
