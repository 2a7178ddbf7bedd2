import Domain
import Journal
import Testing

private let dayMs: Int64 = 86_400_000

private func tag(_ name: String, outcome: Outcome = .id(7)) -> RequestTag {
  RequestTag(
    key: Array(name.utf8), argumentsDigest: blake2b256(Array(name.utf8)), outcome: outcome)
}

@Test(arguments: [Outcome.ok, .word("following"), .id(1 << 62), .count(0), .count(-3)])
func `a request is found while queued, when durable, and after opening again`(
  outcome: Outcome
) throws {
  let memory = try MemoryJournal()
  let tag = tag("k", outcome: outcome)
  let journal = memory.journal
  #expect(try journal.request(of: alice, key: tag.key) == nil)
  _ = try journal.enqueue(.post(1, request: tag))
  let queued = try #require(try journal.request(of: alice, key: tag.key))
  #expect(queued.position == Position(1))
  #expect(queued.outcome == outcome && queued.argumentsDigest == tag.argumentsDigest)
  _ = try journal.commitQueued()
  #expect(try journal.request(of: alice, key: tag.key) == queued)
  #expect(try journal.request(of: bob, key: tag.key) == nil)
  let again = try MemoryJournal(disk: memory.disk, keys: memory.keys).journal
  #expect(try again.request(of: alice, key: tag.key) == queued)
}

@Test func `a second entry under the same key is turned away, queued or stored`() throws {
  let memory = try MemoryJournal()
  _ = try memory.journal.enqueue(.post(1, request: tag("k")))
  for _ in 0..<2 {
    let error = #expect(throws: Rejection.self) {
      try memory.journal.enqueue(.post(2, request: tag("k")))
    }
    #expect(error?.code == .busy)
    _ = try memory.journal.commitQueued()
  }
  _ = try memory.journal.enqueue(.post(2, by: bob, request: tag("k")))
  #expect(memory.journal.enqueued == Position(2))
}

@Test func `requests are kept for two days, and then removed in slices`() throws {
  var limits = JournalLimits()
  limits.requestsPurgedMax = 10
  let start: Int64 = 20_000 * dayMs + 12 * 3_600_000
  let memory = try MemoryJournal(clock: ManualClock(ms: start), limits: limits)
  let journal = memory.journal
  for number in 0..<25 {
    _ = try journal.enqueue(.post(UInt64(number + 1), request: tag("k\(number)")))
  }
  _ = try journal.commitQueued()
  func stored() throws -> Int {
    var count = 0
    try memory.disk.forEachRequest { _, _ in count += 1 }
    return count
  }
  memory.clock.set(ms: start + 2 * dayMs)
  _ = try journal.enqueue(.post(100))
  _ = try journal.commitQueued()
  #expect(try stored() == 25)
  #expect(try journal.request(of: alice, key: tag("k3").key) != nil)

  memory.clock.set(ms: start + 3 * dayMs)
  #expect(try journal.request(of: alice, key: tag("k3").key) == nil)
  for left in [15, 5, 0, 0] {
    _ = try journal.enqueue(.post(100))
    _ = try journal.commitQueued()
    #expect(try stored() == left)
  }
}

@Test func `requests are purged on disk as well`() throws {
  let directory = TemporaryDirectory()
  let clock = ManualClock(ms: 20_000 * dayMs)
  let journal = try openJournal(directory, clock: clock)
  _ = try journal.enqueue(.post(1, request: tag("old")))
  _ = try journal.commitQueued()
  clock.advance(ms: 4 * dayMs)
  _ = try journal.enqueue(.post(2, request: tag("new")))
  _ = try journal.commitQueued()
  clock.set(ms: 20_000 * dayMs)
  // The clock was set back, the journal's time was not.
  #expect(try journal.request(of: alice, key: tag("new").key)?.position == Position(2))
  #expect(try journal.request(of: alice, key: tag("old").key) == nil)
  journal.drainAndStop()
}
