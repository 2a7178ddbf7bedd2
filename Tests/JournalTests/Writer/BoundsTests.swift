import Domain
import Glibc
import Journal
import Testing

private func code(_ body: () throws -> Void) -> Rejection.Code? {
  do { try body() } catch { return (error as? Rejection)?.code }
  return nil
}

@Test func `one event past the bound of the queue is BUSY, and room comes with the commit`() throws
{
  var limits = JournalLimits()
  limits.queuedEventsMax = 10
  let journal = try MemoryJournal(limits: limits).journal
  for id: UInt64 in 1...10 { _ = try journal.enqueue(.follow(bob, sequence: id)) }
  #expect(code { _ = try journal.enqueue(.follow(bob)) } == .busy)
  #expect(journal.enqueued == Position(10))
  #expect(try journal.commitQueued() == 10)
  #expect(try journal.enqueue(.follow(bob))[0].position == Position(11))
}

@Test func `bytes past the bound of the queue are BUSY`() throws {
  var limits = JournalLimits()
  limits.queuedBytesMax = 10_000
  let journal = try MemoryJournal(limits: limits).journal
  _ = try journal.enqueue(.post(1, text: String(repeating: "x", count: 9_000)))
  #expect(
    code { _ = try journal.enqueue(.post(2, text: String(repeating: "x", count: 900))) } == .busy)
  _ = try journal.enqueue(.post(2, text: "x"))
}

@Test func `a record of the greatest size is written, and one byte more is INVALID`() throws {
  var limits = JournalLimits()
  limits.recordBytesMax = 100_000
  let memory = try MemoryJournal(limits: limits)
  let journal = memory.journal
  // What a record counts beside its text.
  var room = 100_000
  while code({ _ = try journal.enqueue(.post(1, text: String(repeating: "x", count: room))) })
    != nil
  {
    room -= 1
  }
  #expect(room > 99_000)
  #expect(
    code { _ = try journal.enqueue(.post(1, text: String(repeating: "x", count: room + 1))) }
      == .invalid)
  _ = try journal.commitQueued()
  let block = try #require(
    try JournalReader(disk: memory.disk, keys: memory.keys).rawBlock(atOrBefore: Position(1)))
  #expect(block.bytes.count <= 100_000)
  #expect(
    try journal.secret(at: Position(1))
      == .text(Secret([.text: String(repeating: "x", count: room)])))
}

@Test func `more drafts than a transaction holds are INVALID, and entries are never torn`() throws {
  var limits = JournalLimits()
  limits.transactionEventsMax = 5
  let journal = try MemoryJournal(limits: limits).journal
  func entry(_ count: Int) -> JournalEntry {
    JournalEntry(
      actor: alice, entity: .user(alice), firstSequence: 1,
      drafts: (0..<count).map { _ in Draft(.user(.followed(bob))) })
  }
  #expect(code { _ = try journal.enqueue(entry(6)) } == .invalid)
  for _ in 0..<3 { _ = try journal.enqueue(entry(3)) }
  _ = try journal.enqueue(entry(2))
  #expect(try journal.commitQueued() == 3)
  #expect(try journal.commitQueued() == 3)
  #expect(try journal.commitQueued() == 5)
  #expect(try journal.commitQueued() == 0)
}

@Test func `an idempotency key past its bound is INVALID`() throws {
  let journal = try MemoryJournal().journal
  func tag(_ count: Int) -> RequestTag {
    RequestTag(
      key: Array(repeating: 7, count: count), argumentsDigest: blake2b256([]), outcome: .ok)
  }
  _ = try journal.enqueue(.follow(bob, request: tag(128)))
  #expect(code { _ = try journal.enqueue(.follow(bob, request: tag(129))) } == .invalid)
}

@Test func `estimated sizes are never below the real ones`() throws {
  var limits = JournalLimits()
  limits.blockBytesMax = 1
  let memory = try MemoryJournal(limits: limits)
  var maker = EventMaker(seed: 21)
  for number: UInt64 in 0..<2_000 {
    let type = maker.anyType()
    let actor = maker.user()
    let entry = JournalEntry(
      actor: actor, entity: maker.entity(for: type), firstSequence: .max >> 1,
      drafts: [Draft(maker.event(of: type, by: actor), secret: maker.secret())],
      request: RequestTag(
        key: Array("\(number)".utf8), argumentsDigest: blake2b256([]), outcome: .ok))
    let record = try memory.journal.enqueue(entry)[0]
    _ = try memory.journal.commitQueued()
    let block = try #require(try memory.disk.block(atOrBefore: record.position))
    let body = try BlockHeader.read(block.bytes).body.count
    #expect(
      body <= JournalLimits.recordBytes(of: entry.drafts[0], ownedBy: entry.entity), "\(type)")
  }
}

@Test func `time never goes back, whatever the clock and imports say`() throws {
  let memory = try MemoryJournal(clock: ManualClock(ms: 1_000))
  func time(_ entry: JournalEntry) throws -> Int64 {
    let time = try memory.journal.enqueue(entry)[0].time.ms
    _ = try memory.journal.commitQueued()
    return time
  }
  var imported = JournalEntry.follow(bob)
  imported.time = Instant(ms: 400)
  #expect(try time(imported) == 400)
  #expect(try time(.follow(bob)) == 1_000)
  memory.clock.set(ms: 500)
  #expect(try time(.follow(bob)) == 1_000)
  imported.time = Instant(ms: 999)
  #expect(try time(imported) == 1_000)
  let again = try MemoryJournal(disk: memory.disk, clock: ManualClock(ms: 3)).journal
  #expect(try again.enqueue(.follow(bob))[0].time.ms == 1_000)
}

@Test func `the directory and its files are for their owner alone`() throws {
  let directory = TemporaryDirectory()
  let path = directory.path + "/data"
  let journal = try Journal.open(
    directory: path, clock: ManualClock(ms: 1), random: SeededRandom(seed: 1))
  for name in ["", "/journal", "/keys"] { #expect(fileMode(path + name) == 0o700) }
  for name in ["/roost.lock", "/journal/data.mdb", "/journal/lock.mdb", "/keys/data.mdb"] {
    #expect(fileMode(path + name) == 0o600, "\(name)")
  }
  journal.drainAndStop()
}

@Test func `a creation that was interrupted is done again`() throws {
  let directory = TemporaryDirectory()
  run("/bin/mkdir", [directory.path + "/journal.creating"])
  try writeFile(directory.path + "/journal.creating/data.mdb", [1, 2, 3])
  let journal = try openJournal(directory)
  #expect(!fileExists(directory.path + "/journal.creating"))
  #expect(journal.head.position == .zero)
  journal.drainAndStop()
  #expect(code { _ = try journal.enqueue(.follow(bob)) } == .busy)
}
