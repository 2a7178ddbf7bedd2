import Domain
import Engine
import Journal
import Testing

struct ImportTests {
  private static let edges = """
    1 20 3
    20 31 1
    31 20 2
    31 1 1
    1 20 1

    """
  private static let activity = """
    1 20 1341100972 RT
    31 20 1341100973 RT
    31 20 1341100973 RT
    20 1 1341101181 MT
    1 20 1341101183 RE
    31 1 1341101192 RE
    31 31 1341104800 MT

    """
  private static let texts = "A first text #news\n\nDon't panic\n"

  private func write(
    edges: String = edges, activity: String? = activity, into directory: TemporaryDirectory
  ) -> ImportFiles {
    writeFile(directory.file("edges"), edges)
    writeFile(directory.file("texts"), Self.texts)
    if let activity { writeFile(directory.file("activity"), activity) }
    return ImportFiles(
      follows: directory.file("edges"),
      activity: activity == nil ? nil : directory.file("activity"),
      texts: directory.file("texts"))
  }

  @Test func `the files become people, follows and what they did, at the original times`() throws {
    let directory = TemporaryDirectory()
    let files = write(into: directory)
    let report = try Import.run(files, into: directory.file("data"), seed: 1)
    #expect(report.people == 3)
    #expect(report.follows == 4)
    #expect(report.shares == 2)
    #expect(report.replies == 2)
    #expect(report.mentions == 2)
    #expect(report.firstPosts == 1)
    #expect(report.repetitions == 2)
    #expect(report.events == Position(14))
    #expect(report.from == Instant(ms: 1_341_100_971_000))
    #expect(report.through == Instant(ms: 1_341_104_800_000))
    let reader = try JournalReader(directory: directory.file("data"))
    let replay = try Replay(reader, through: .end)
    let view = try #require(try replay.view(of: .user("u20"))).text
    #expect(view.contains(#""followers":2"#) && view.contains(#""posts":2"#))
    #expect(try replay.view(of: .user("u01")) != nil)
    #expect(replay.refold.digests() == report.digests)
    var texts: [String] = []
    for position in 1...14 {
      guard case .text(let secret) = try reader.secret(at: Position(UInt64(position))) else {
        continue
      }
      texts.append(secret[.text] ?? "")
    }
    #expect(
      texts == [
        "A first text #news #higgs", "@u01 Don't panic #higgs", "A first text #news",
        "Don't panic", "@u31 A first text #news #higgs",
      ])
  }

  @Test func `the same files and seed give the same chain, and another seed another`() throws {
    var hashes: [[UInt8]] = []
    var digests: [StateDigests?] = []
    for seed in [5, 5, 6] as [UInt64] {
      let directory = TemporaryDirectory()
      let files = write(into: directory)
      digests.append(try Import.run(files, into: directory.file("data"), seed: seed).digests)
      hashes.append(try JournalReader(directory: directory.file("data")).head().hash)
    }
    #expect(hashes[0] == hashes[1])
    #expect(hashes[0] != hashes[2])
    #expect(digests[0] == digests[1] && digests[1] == digests[2])
  }

  @Test func `a start after an import goes on from its snapshot`() async throws {
    let directory = TemporaryDirectory()
    let report = try Import.run(
      write(into: directory), into: directory.file("data"), seed: nil)
    let town = try await Town.open(directory.file("data"), shards: 2)
    #expect(town.log.all.contains("starting from the snapshot at position 14"))
    #expect(try await town.engine.digests() == report.digests)
    await town.close()
  }

  @Test func `files compressed with gzip are read like others`() throws {
    let directory = TemporaryDirectory()
    var files = write(into: directory)
    for name in ["edges", "activity", "texts"] {
      writeFile(directory.file(name + ".gz"), gzip(readFile(directory.file(name))))
    }
    let plain = try Import.run(files, into: directory.file("plain"), seed: 2)
    files = ImportFiles(
      follows: files.follows + ".gz", activity: files.activity.map { $0 + ".gz" },
      texts: files.texts.map { $0 + ".gz" })
    #expect(try Import.run(files, into: directory.file("packed"), seed: 2) == plain)
    var bytes = readFile(files.follows)
    bytes.removeLast(9)
    writeFile(files.follows, bytes)
    #expect(throws: JournalError.self) {
      try Import.run(files, into: directory.file("cut"), seed: 2)
    }
  }

  @Test(arguments: [
    ("1 x 1", 1, "whole number"), ("1 2 1\n3 4", 2, "number of shares is missing"),
    ("1 2 1 9", 1, "too many fields"), ("\n1 2 1", 1, "first person is missing"),
    ("99999999999999999999 2 1", 1, "whole number"), ("1 1 1", 1, "nobody can follow"),
  ])
  func `a bad line of the edges is named`(edges: String, line: Int, words: String) throws {
    try expectError("edges", line, words, edges: edges)
  }

  @Test(arguments: [
    ("1 20 1341100972 XX", 1, "one of RT, MT and RE"),
    ("1 20 1341100972 RT\n1 20 1341100971 RT", 2, "before that of the line before"),
    ("1 20 1341100972", 1, "the kind is missing"),
    ("1 20 999999999999999 RT", 1, "too far ahead"), ("1 20 -5 RT", 1, "whole number"),
  ])
  func `a bad line of the activity is named`(
    activity: String, line: Int, words: String
  ) throws {
    try expectError("activity", line, words, activity: activity)
  }

  private func expectError(
    _ file: String, _ line: Int, _ words: String, edges: String = edges,
    activity: String = activity
  ) throws {
    let directory = TemporaryDirectory()
    let files = write(edges: edges, activity: activity, into: directory)
    do {
      _ = try Import.run(files, into: directory.file("data"), seed: 1)
      Issue.record("a bad line was accepted")
    } catch let error as ImportError {
      #expect(error.description.contains("\(file), line \(line): "))
      #expect(error.description.contains(words))
    }
  }

  @Test func `a directory that holds events already is refused, and stays as it was`() throws {
    let directory = TemporaryDirectory()
    let files = write(into: directory)
    _ = try Import.run(files, into: directory.file("data"), seed: 1)
    let head = try JournalReader(directory: directory.file("data")).head()
    #expect(
      throws: ImportError.notEmpty(directory: directory.file("data"), Position(14))
    ) { try Import.run(files, into: directory.file("data"), seed: 1) }
    #expect(try JournalReader(directory: directory.file("data")).head() == head)
  }

  @Test func `a line longer than the bound is refused`() throws {
    let directory = TemporaryDirectory()
    let long = String(repeating: "1", count: LineReader.lineMax + 1)
    let files = write(edges: "1 2 1\n" + long + "\n", into: directory)
    #expect(
      throws: ImportError.badLine(
        path: files.follows, number: 2, "it is longer than \(LineReader.lineMax) bytes")
    ) { try Import.run(files, into: directory.file("data"), seed: 1) }
  }
}
