import Domain
import Engine
import Entities
import Journal
import Testing

/// A town that lived, its data closed.
private func town(
  _ directory: TemporaryDirectory, seed: UInt64, steps: Int = 250
) async throws -> StateDigests {
  let town = try await Town.open(directory.file("data"))
  var people = Townspeople(town, seed: seed)
  await people.live(steps)
  await town.settle()
  let digests = try await town.engine.digests()
  await town.close()
  return digests
}

private func export(
  _ directory: TemporaryDirectory, _ name: String = "export",
  _ change: (inout Export.Options) -> Void = { _ in }
) throws -> Export.Report {
  var options = Export.Options(format: .jsonl)
  change(&options)
  return try Export.run(
    try JournalReader(directory: directory.file("data")), to: directory.file(name), options)
}

private func takeIn(
  _ directory: TemporaryDirectory, _ file: String, as name: String = "new"
) throws -> EventImport.Report {
  try EventImport.run(
    directory.file(file), into: directory.file(name),
    clock: SetClock(Instant(ms: 1_500_000_000_000)), random: SeededRandom(seed: 5))
}

struct EventExportTests {
  @Test(arguments: [true, false], [true, false])
  func `what was exported and taken in again has the same digests`(
    isPrivate: Bool, isCompressed: Bool
  ) async throws {
    let directory = TemporaryDirectory()
    let digests = try await town(directory, seed: 11)
    let report = try export(directory) {
      $0.isPrivate = isPrivate
      $0.isCompressed = isCompressed
    }
    #expect(report.position == digests.position)
    let file = "export/events.jsonl" + (isCompressed ? ".gz" : "")
    let imported = try takeIn(directory, file)
    #expect(imported.digests == digests)
    #expect(try refoldDigests(directory.file("new")) == digests)
    let verification = try Verification.verify(directory: directory.file("new"), isQuick: false)
    #expect(verification.problems == [])
    let again = try await Town.open(directory.file("new"))
    #expect(try await again.engine.digests() == digests)
    await again.close()
  }

  @Test func `a private export has every text that there is, and loses nothing on the way`()
    async throws
  {
    let directory = TemporaryDirectory()
    _ = try await town(directory, seed: 12, steps: 400)
    _ = try export(directory) { $0.isPrivate = true }
    _ = try takeIn(directory, "export/events.jsonl")
    let one = try JournalReader(directory: directory.file("data"))
    let other = try JournalReader(directory: directory.file("new"))
    var erased = 0
    for raw in 1...(try one.head().position.raw) {
      let position = Position(raw)
      #expect(try one.record(at: position) == other.record(at: position))
      #expect(try one.secret(at: position) == other.secret(at: position))
      if try one.secret(at: position) == .erased { erased += 1 }
    }
    #expect(erased > 0)
  }

  @Test func `exported again it is the same, line for line`() async throws {
    let directory = TemporaryDirectory()
    _ = try await town(directory, seed: 13)
    _ = try export(directory) { $0.isPrivate = true }
    _ = try takeIn(directory, "export/events.jsonl")
    var options = Export.Options(format: .jsonl)
    options.isPrivate = true
    _ = try Export.run(
      try JournalReader(directory: directory.file("new")), to: directory.file("again"), options)
    let one = readFile(directory.file("export/events.jsonl")).split(separator: 0x0A)
    let other = readFile(directory.file("again/events.jsonl")).split(separator: 0x0A)
    // The first line names the journal, which is another.
    #expect(one[0] != other[0])
    #expect(one.dropFirst().elementsEqual(other.dropFirst()))
    #expect(one.contains { String(decoding: $0, as: UTF8.self).contains("\"answer\"") })
  }

  @Test(arguments: [1, 40, 111])
  func `an export as of a position is what was there then`(raw: UInt64) async throws {
    let directory = TemporaryDirectory()
    _ = try await town(directory, seed: 14)
    let position = Position(raw)
    for isPrivate in [true, false] {
      let name = "export-\(isPrivate)"
      let report = try export(directory, name) {
        $0.limit = .position(position)
        $0.isPrivate = isPrivate
      }
      #expect(report.position == position)
      let imported = try takeIn(directory, name + "/events.jsonl", as: "new-\(isPrivate)")
      let then = try refoldDigests(directory.file("data"), through: .position(position))
      #expect(imported.digests == then)
    }
    let time = try JournalReader(directory: directory.file("data")).record(at: position)?.time
    let moment = try export(directory, "moment") {
      $0.limit = .time(time ?? Instant(ms: 0))
      $0.isPrivate = true
    }
    #expect(moment.position >= position)
  }

  @Test func `without private, nothing is told that not anybody may read`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.file("data"))
    let ids = town.engine.shards[0].ids
    let user = UserID(ids.next())
    let name = try #require(Username("writer"))
    let secret = Secret([
      .name: "shown name", .email: "hidden@email.example", .passwordHash: "hidden hash",
    ])
    _ = try await town.engine.shard(of: .user(user)).directory.users.findOrMake(user)
      .perform(.signUp(username: name, secret: secret), by: user)
    func post(_ visibility: Visibility, _ text: String) async throws -> PostID {
      let id = PostID(ids.next())
      let facts = PostFacts(author: user, visibility: visibility)
      _ = try await town.engine.shard(of: .post(id)).directory.posts.findOrMake(id)
        .perform(.publish(facts, secret: Secret([.text: text])), by: user)
      return id
    }
    _ = try await post(.public, "shown post")
    for visibility in [Visibility.followers, .friends, .private] {
      _ = try await post(visibility, "hidden post")
    }
    let deleted = try await post(.public, "hidden post that was deleted")
    _ = try await town.engine.shard(of: .post(deleted)).directory.posts.findOrMake(deleted)
      .perform(.delete, by: user)
    let chat = ChatID(ids.next())
    let group = town.engine.shard(of: .chat(chat)).directory.chats.findOrMake(chat)
    _ = try await group.perform(
      .open(isDirect: false, members: [user], secret: Secret([.title: "hidden title"])), by: user)
    _ = try await group.perform(
      .say(MessageID(ids.next()), reply: nil, secret: Secret([.text: "hidden message"])),
      by: user)
    await town.settle()
    await town.close()
    _ = try export(directory)
    let text = String(decoding: readFile(directory.file("export/events.jsonl")), as: UTF8.self)
    #expect(text.contains("shown name") && text.contains("shown post"))
    #expect(!text.contains("hidden"))
    _ = try export(directory, "tables") { $0 = Export.Options(format: .csv) }
    let tables = fileNames(directory.file("tables"))
      .map { String(decoding: readFile(directory.file("tables/" + $0)), as: UTF8.self) }.joined()
    #expect(tables.contains("shown name") && tables.contains("shown post"))
    #expect(!tables.contains("hidden"))
    _ = try export(directory, "private") { $0.isPrivate = true }
    let all = String(decoding: readFile(directory.file("private/events.jsonl")), as: UTF8.self)
    #expect(all.contains("hidden@email.example"))
    for word in ["hash", "post", "title", "message"] {
      #expect(all.contains("hidden " + word))
    }
    _ = try export(directory, "private-tables") {
      $0 = Export.Options(format: .csv)
      $0.isPrivate = true
    }
    let hidden = fileNames(directory.file("private-tables"))
      .map { String(decoding: readFile(directory.file("private-tables/" + $0)), as: UTF8.self) }
      .joined()
    #expect(hidden.contains("hidden@email.example") && hidden.contains("hidden message"))
    #expect(!hidden.contains("hidden hash"))
  }
}

struct EventImportTests {
  @Test(
    arguments: [
      (1, "", "it is not the first line"),
      (1, #"{"roost":"events","format":2,"position":9}"#, "version 2"),
      (3, "", "it ends too early"), (3, "{}", "type"), (4, nil, "is due"),
      (5, #"{"actor":"user:1"}"#, "type"),
    ] as [(Int, String?, String)])
  func `a bad line is named, and nothing half-made remains`(
    number: Int, change: String?, sentence: String
  ) async throws {
    let directory = TemporaryDirectory()
    _ = try await town(directory, seed: 15, steps: 30)
    _ = try export(directory) { $0.isPrivate = true }
    let whole = String(decoding: readFile(directory.file("export/events.jsonl")), as: UTF8.self)
    var lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let change { lines[number - 1] = change } else { lines.remove(at: number - 1) }
    writeFile(directory.file("bad"), lines.joined(separator: "\n"))
    let error = #expect(throws: ImportError.self) { try takeIn(directory, "bad") }
    let description = error?.description ?? ""
    #expect(
      description.contains("line \(number): ") && description.contains(sentence), "\(description)")
    #expect(!FileSizes.exists(directory.file("new")))
    #expect(!FileSizes.exists(directory.file("new.unfinished")))
  }

  @Test func `a file that was cut off is refused`() async throws {
    let directory = TemporaryDirectory()
    _ = try await town(directory, seed: 16, steps: 30)
    _ = try export(directory)
    let whole = String(decoding: readFile(directory.file("export/events.jsonl")), as: UTF8.self)
    let lines = whole.split(separator: "\n").dropLast(2)
    writeFile(directory.file("short"), lines.joined(separator: "\n") + "\n")
    let error = #expect(throws: ImportError.self) { try takeIn(directory, "short") }
    #expect(error?.description.contains("but its first line says") == true)
    writeFile(directory.file("none"), "")
    #expect(throws: ImportError.self) { try takeIn(directory, "none") }
    #expect(!FileSizes.exists(directory.file("new")))
  }

  @Test func `an entity's events must be dense`() async throws {
    let directory = TemporaryDirectory()
    let line =
      #"{"actor":"user:7","entity":"user:7","fields":{"username":"abc"},"position":1,"#
      + #""sequence":2,"time":5,"type":"user.signed_up","version":1}"#
    writeFile(
      directory.file("gap"), #"{"roost":"events","format":1,"position":1}"# + "\n" + line + "\n")
    let error = #expect(throws: ImportError.self) { try takeIn(directory, "gap") }
    #expect(error?.description.contains("line 2: position 1 is event 2 of user:7") == true)
  }
}
