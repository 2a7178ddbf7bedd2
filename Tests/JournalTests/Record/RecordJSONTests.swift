import Domain
import Glibc
import Journal
import Testing

private let root = String(
  #filePath.dropLast("/Tests/JournalTests/Record/RecordJSONTests.swift".count))
private let python = root + "/.venv/bin/python"

private let needsPython: Comment = """
  SKIPPED: needs python3 -m venv .venv && .venv/bin/pip install -r tools/requirements.txt
  """

/// All kinds of events, text that needs escapes, an erased person.
private func makeJournal(in directory: TemporaryDirectory) throws -> (
  records: [Record], erased: UserID
) {
  let journal = try openJournal(directory)
  var maker = EventMaker(seed: 11)
  var records: [Record] = []
  let erased = UserID(66)
  for (index, type) in (0..<3).flatMap({ _ in EventType.allCases }).enumerated() {
    let secret = Secret([.text: "a \"q\" \\ \n\t\u{1}\u{7F} ü水👋\(index)", .label: "/"])
    let actor = index % 5 == 0 ? erased : maker.user()
    let entry = JournalEntry(
      actor: actor, entity: maker.entity(for: type),
      firstSequence: 1,
      drafts: [
        Draft(maker.event(of: type, by: actor), secret: index % 2 == 0 ? secret : maker.secret()),
        Draft(maker.event(of: type, by: actor)),
      ],
      request: index % 3 == 0
        ? RequestTag(key: [UInt8(index)], argumentsDigest: blake2b256([]), outcome: .ok) : nil)
    records += try journal.enqueue(entry)
    if index % 10 == 0 { _ = try journal.commitQueued() }
  }
  _ = try journal.commitQueued()
  try journal.destroyKey(of: erased)
  journal.drainAndStop()
  return (records, erased)
}

private func tool(
  _ directory: TemporaryDirectory, _ arguments: String
) throws -> (status: Int32, output: [String], errors: String) {
  let out = directory.path + "/out"
  let errors = directory.path + "/errors"
  let command = "\(python) \(root)/tools/journal.py \(directory.path) \(arguments)"
  let status = run("/bin/sh", ["-c", "\(command) > \(out) 2> \(errors)"])
  let lines = try readFile(out).split(
    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
  return (
    status, lines.map { String(decoding: $0, as: UTF8.self) },
    String(decoding: try readFile(errors), as: UTF8.self)
  )
}

@Test(.enabled(if: fileExists(python), needsPython))
func `the independent reader prints the same lines`() throws {
  let directory = TemporaryDirectory()
  let (written, _) = try makeJournal(in: directory)
  let reader = try JournalReader(directory: directory.path)
  let records = try readAll(reader.cursor(after: .zero))
  #expect(records == written)
  let lines = try records.map {
    RecordJSON.line($0, secret: try reader.secret(at: $0.position))
  }
  let (status, output, errors) = try tool(directory, "")
  #expect(status == 0 && errors == "")
  #expect(output.count == lines.count)
  for (ours, theirs) in zip(lines, output) { #expect(ours == theirs) }
  #expect(lines.contains { $0.contains("\"text\":\"erased\"") })

  let open = try tool(directory, "--open-only --from 20")
  #expect(open.output == records.dropFirst(19).map { RecordJSON.line($0, secret: nil) })
}

@Test(.enabled(if: fileExists(python), needsPython))
func `the independent reader names a changed byte`() throws {
  let directory = TemporaryDirectory()
  _ = try makeJournal(in: directory)
  let path = directory.path + "/journal/data.mdb"
  var bytes = try readFile(path)
  let block = try #require(
    try JournalReader(directory: directory.path).rawBlock(atOrBefore: Position(30))
  ).bytes
  // Freed pages may hold copies of it.
  let copies = bytes.indices.filter { bytes[$0] == block[0] && bytes[$0...].starts(with: block) }
  try #require(!copies.isEmpty)
  for copy in copies { bytes[copy + block.count / 2] ^= 1 }
  try writeFile(path, bytes)
  let (status, _, errors) = try tool(directory, "")
  #expect(status == 1)
  #expect(errors.contains("the hash of its block does not fit"))
}

@Test func `a line of JSON is compact, sorted and escaped as little as possible`() {
  let record = Record(
    position: Position(9), time: Instant(ms: 1_341_100_972_000), actor: UserID(17),
    entity: .post(PostID(42)), sequence: 3,
    event: .post(
      .published(
        PostFacts(
          author: UserID(17), visibility: .followers,
          reply: ReplyReference(parent: PostID(1), parentAuthor: UserID(2), root: PostID(3)),
          tags: [Tag(folded: "higgs")]))), hasSecret: true)
  let line = RecordJSON.line(record, secret: .text(Secret([.text: "\"ü\"\n\u{2}", .warning: "w"])))
  let expected =
    #"{"actor":"user:17","entity":"post:42","fields":{"author":"17","reply":{"parent":"1","#
    + #""parent_author":"2","root":"3"},"tags":["higgs"],"visibility":"followers"},"position":9,"#
    + #""sequence":3,"text":{"text":"\"ü\"\n\u0002","warning":"w"},"time":1341100972000,"#
    + #""type":"post.published","version":3}"#
  #expect(line == expected)
}

@Test(arguments: EventType.allCases)
func `the page on the format has every kind of event with its fields`(type: EventType) throws {
  let page = String(decoding: try readFile(root + "/docs/format.md"), as: UTF8.self)
  let fields = type.schema.fields.map { "\($0.number) \($0.name): \($0.kind.rawValue)" }
    .joined(separator: " · ")
  let row = "| \(type.rawValue) | `\(type.name)` | \(fields.isEmpty ? "" : fields + " ")|"
  #expect(page.contains(row), "\(row)")
}

@Test func `hashes of passwords and tokens are left out where that is asked for`() throws {
  let issued = Record(
    position: Position(1), time: Instant(ms: 2), actor: UserID(3), entity: .user(UserID(3)),
    sequence: 1,
    event: .user(.tokenIssued(TokenID(4), scope: .read, expires: nil, hash: [0xAB, 0xCD])),
    hasSecret: true)
  let label = SecretReading.text(Secret([.label: "phone"]))
  #expect(RecordJSON.line(issued, secret: label).contains(#""hash":"abcd""#))
  let line = RecordJSON.line(issued, secret: label, hashes: false)
  #expect(line.contains(#""fields":{"scope":"read","token":"4"}"#))
  #expect(line.contains(#""text":{"label":"phone"}"#))
  var changed = issued
  changed.event = .user(.passwordChanged)
  let hash = SecretReading.text(Secret([.passwordHash: "$argon2id$"]))
  #expect(RecordJSON.line(changed, secret: hash).contains("argon2id"))
  #expect(RecordJSON.line(changed, secret: hash, hashes: false).contains(#""text":{}"#))
}
