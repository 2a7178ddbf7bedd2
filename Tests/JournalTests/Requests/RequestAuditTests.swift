import Domain
import Testing

@testable import Journal

private let dayMs: Int64 = 86_400_000
private let noon: Int64 = 20_000 * dayMs + dayMs / 2

private func tag(_ number: UInt64) -> RequestTag {
  RequestTag(
    key: Array("k\(number)".utf8), argumentsDigest: blake2b256([]), outcome: .id(number))
}

/// Posts 1 to `count` of alice, each with a key, in one transaction; nothing is ever purged.
private func posts(_ count: UInt64) throws -> MemoryJournal {
  var limits = JournalLimits()
  limits.requestsPurgedMax = 0
  let memory = try MemoryJournal(clock: ManualClock(ms: noon), limits: limits)
  for number in 1...count {
    _ = try memory.journal.enqueue(.post(number, request: tag(number)))
  }
  _ = try memory.journal.commitQueued()
  return memory
}

private func findings(_ memory: MemoryJournal) throws -> [String] {
  try JournalVerifier(memory.journal).verify().map(\.description)
}

/// Removes the entries with the lowest keys.
private func drop(_ count: Int, _ memory: MemoryJournal) throws {
  var batch = DiskBatch()
  batch.purgeRequestsBefore = [0xFF]
  batch.purgeRequestsMax = count
  try memory.disk.commit(batch)
}

/// Stores an entry under the key of a request, checksum and all.
private func forge(
  _ number: UInt64, user: UserID = alice, ms: Int64 = noon, _ memory: MemoryJournal,
  _ change: (inout StoredRequest) -> Void
) throws {
  var entry = StoredRequest(
    position: Position(number), argumentsDigest: blake2b256([]), outcome: .id(number),
    time: Instant(ms: noon))
  change(&entry)
  let key = RequestCodec.key(
    day: RequestCodec.day(of: Instant(ms: ms)), user: user,
    digest: RequestCodec.digest(of: tag(number).key))
  var batch = DiskBatch()
  batch.requests = [(key, RequestCodec.encode(entry, key: key))]
  try memory.disk.commit(batch)
}

@Suite struct RequestAuditTests {
  @Test func `what was written is in order`() throws {
    let memory = try posts(3)
    #expect(try findings(memory) == [])
    try forge(1, memory) { _ in }
    #expect(try findings(memory) == [])
  }

  @Test func `a request whose entry is gone is named`() throws {
    let memory = try posts(1)
    try drop(1, memory)
    #expect(
      try findings(memory) == [
        "the idempotency index is damaged at position 1: it lacks the key of the request of "
          + "user:101 that ends there"
      ])
  }

  @Test(arguments: [(2, true), (3, false)] as [(Int64, Bool)])
  func `an entry must be there for two days, and may be gone on the third`(
    days: Int64, isMissed: Bool
  ) throws {
    let memory = try posts(1)
    try drop(1, memory)
    memory.clock.set(ms: noon + days * dayMs)
    _ = try memory.journal.enqueue(.follow(bob))
    _ = try memory.journal.commitQueued()
    #expect(try findings(memory).isEmpty == !isMissed)
  }

  @Test func `an entry that names an event of somebody else is named`() throws {
    let memory = try posts(1)
    try forge(1, user: bob, memory) { _ in }
    #expect(
      try findings(memory) == [
        "the idempotency index is damaged at position 1: the entry of a key of user:102 names an "
          + "event of user:101"
      ])
  }

  @Test func `an entry that names an event of another request, or none, is named`() throws {
    let memory = try posts(2)
    try forge(1, memory) { $0.position = Position(2) }
    let moved = try findings(memory)
    #expect(moved.count == 2)
    #expect(moved[0].hasSuffix("user:101 ends there, but its entry says position 2"))
    #expect(moved[1].hasSuffix("names an event of another request"))
    try forge(1, memory) { $0.position = Position(3) }
    #expect(try findings(memory)[1].hasSuffix("ends there, where there is no event"))
  }

  @Test func `an answer that the event cannot have led to is named`() throws {
    let memory = try posts(1)
    try forge(1, memory) { $0.outcome = .id(2) }
    #expect(
      try findings(memory) == [
        "the idempotency index is damaged at position 1: the entry of a key of user:101 keeps an "
          + "answer that the event cannot have led to"
      ])
    try forge(1, memory) { $0.outcome = .ok }
    #expect(try findings(memory) == [])
  }

  @Test func `an entry of another day or time than its event is named`() throws {
    let memory = try posts(1)
    try forge(1, ms: noon + dayMs, memory) { _ in }
    #expect(try findings(memory).first?.hasSuffix("has another time than its event") == true)
    let other = try posts(1)
    try forge(1, other) { $0.time = Instant(ms: noon + 1) }
    #expect(try findings(other).count == 2)
  }

  @Test(arguments: [(16, 16), (17, 16)] as [(UInt64, Int)])
  func `so many findings are looked for and no more`(missing: UInt64, found: Int) throws {
    #expect(RequestAudit.findingsMax == 16)
    let memory = try posts(missing)
    try drop(Int(missing), memory)
    #expect(try findings(memory).count == found)
  }

  @Test(arguments: [1_023, 1_024, 1_025, 2_048] as [UInt64])
  func `entries are read in batches, to the last one`(count: UInt64) throws {
    #expect(RequestAudit.batchMax == 1_024)
    let memory = try posts(count)
    #expect(try findings(memory) == [])
    var last = [UInt8]()
    try memory.disk.forEachRequest { key, _ in last = key }
    var batch = DiskBatch()
    batch.requests = [(last, [1, 2, 3, 4, 5])]
    try memory.disk.commit(batch)
    #expect(
      try findings(memory) == ["the journal is damaged: a stored request's checksum does not fit"])
  }
}
