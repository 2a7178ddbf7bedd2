import Domain
import Engine
import Glibc
import Journal
import Projections
import Testing

/// What the golden data must lead to, as `expected.json` holds it.
private func expectation(_ directory: String) throws -> String {
  let reader = try JournalReader(directory: directory)
  let head = try reader.head()
  var refold = Refold()
  try refold.run(reader)
  let digests = refold.digests()
  let snapshots = try SnapshotStore(directory: directory).list()
  let members: [(String, JSON)] =
    [
      ("position", .uint(head.position.raw)), ("hash", .string(hexadecimal(head.hash))),
      ("time", .int(head.time.ms)), ("snapshot", .uint(snapshots.first?.position.raw ?? 0)),
    ]
    + digests.all.map { ($0.name, .string($0.digest.description)) }
    + refold.counts.present.map { ($0.type.name, .uint($0.count)) }
  let lines = members.map { "  " + JSON.object([$0]).text.dropFirst().dropLast() }
  return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
}

private let golden = packagePath() + "/Snapshots/v1"

private func text(_ path: String) -> String { String(decoding: readFile(path), as: UTF8.self) }

/// A copy of the golden data, for what opens it to write.
private func copyOfGolden() -> TemporaryDirectory {
  let directory = TemporaryDirectory()
  copyTree(golden + "/data", to: directory.file("data"))
  return directory
}

@Suite struct GoldenTests {
  /// tools/make_golden runs this with the directory to fill.
  @Test(.enabled(if: environment("ROOST_MAKE_GOLDEN") != nil, "only for tools/make_golden"))
  func `make the golden data`() throws {
    let directory = try #require(environment("ROOST_MAKE_GOLDEN"))
    try GoldenTown.make(in: directory + "/data")
    writeFile(directory + "/expected.json", try expectation(directory + "/data"))
  }

  @Test func `the golden data verifies and refolds to its expected digests`() throws {
    let directory = copyOfGolden()
    let verification = try Verification.verify(
      directory: directory.file("data"), isQuick: false)
    #expect(verification.problems == [])
    #expect(verification.notes == [])
    #expect(try expectation(directory.file("data")) == text(golden + "/expected.json"))
  }

  @Test func `making the golden data anew gives the same chain and digests`() throws {
    let directory = TemporaryDirectory()
    try GoldenTown.make(in: directory.file("data"))
    #expect(try expectation(directory.file("data")) == text(golden + "/expected.json"))
  }

  @Test func `every kind of event occurs in the golden data`() throws {
    let directory = copyOfGolden()
    var refold = Refold()
    try refold.run(try JournalReader(directory: directory.file("data")))
    for type in EventType.allCases {
      #expect(refold.counts[type] > 0, "there is no \(type.name)")
    }
  }

  @Test(arguments: [1, 2, 4], [true, false])
  func `a start on the golden data gives the expected digests on any number of shards`(
    shards: Int, usingSnapshots: Bool
  ) async throws {
    let directory = copyOfGolden()
    let town = try await Town.open(
      directory.file("data"), shards: shards, usingSnapshots: usingSnapshots)
    let digests = try await town.engine.digests()
    let log = town.log.all
    await town.close()
    let expected = text(golden + "/expected.json")
    for named in digests.all {
      #expect(expected.contains("\"\(named.name)\":\"\(named.digest)\""))
    }
    #expect(digests.all.count == 13)
    #expect(log.contains { $0.hasPrefix("starting from the snapshot") } == usingSnapshots)
  }

  @Test func `the text of the erased person is gone and that of the others is there`() throws {
    let directory = copyOfGolden()
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

  @Test(.enabled(if: FileSizes.exists(python), "SKIPPED: needs tools/requirements.txt in .venv"))
  func `the independent reader prints the golden journal like our own`() throws {
    let directory = copyOfGolden()
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

private let python = packagePath() + "/.venv/bin/python"

private func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}
