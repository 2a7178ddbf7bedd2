import Domain
import Journal
import Testing

@Test func `after the loss of power there is a whole prefix with everything that was synced`()
  throws
{
  for kept in 0...6 {
    let disk = MemoryDisk(isSyncedLater: true)
    let memory = try MemoryJournal(disk: disk, durability: .interval(ms: 1_000))
    var written: [Record] = []
    for id: UInt64 in 1...10 {
      written += try memory.journal.enqueue(.post(id))
      written += try memory.journal.enqueue(.follow(bob))
      _ = try memory.journal.commitQueued()
      if id == 4 { try memory.journal.sync() }
    }
    #expect(disk.unsyncedCount == 6)
    let after = try MemoryJournal(disk: disk.crashed(keeping: kept), keys: memory.keys)
    #expect(after.journal.head.position == Position(UInt64(8 + 2 * kept)))
    #expect(try readAll(after.journal.cursor(after: .zero)) == Array(written[..<(8 + 2 * kept)]))
    #expect(try JournalVerifier(after.journal).verify() == [])
    let next = try after.journal.enqueue(.follow(bob))[0]
    #expect(next.position == Position(UInt64(9 + 2 * kept)))
  }
}

@Test func `a block torn in the middle is refused, not guessed`() throws {
  let memory = try MemoryJournal()
  for id: UInt64 in 1...5 {
    _ = try memory.journal.enqueue(.post(id))
    _ = try memory.journal.commitQueued()
  }
  memory.disk.damageBlock(4) { $0.removeLast($0.count / 2) }
  let error = #expect(throws: JournalError.self) {
    try MemoryJournal(disk: memory.disk, keys: memory.keys)
  }
  guard case .damaged(let finding)? = error else {
    Issue.record("\(String(describing: error))")
    return
  }
  #expect(finding.position == Position(5))
}

@Test(arguments: [MemoryDisk.Fault.commitFails, .commitFailsAfterwards])
func `after a failed commit nothing is written or published any more`(
  fault: MemoryDisk.Fault
) throws {
  let memory = try MemoryJournal()
  let journal = memory.journal
  _ = try journal.enqueue(.post(1))
  _ = try journal.commitQueued()
  memory.disk.inject(fault)
  _ = try journal.enqueue(.post(2))
  #expect(throws: JournalError.self) { try journal.commitQueued() }
  let blocks = memory.disk.blockCount()
  #expect(journal.durable == Position(1))
  #expect(throws: JournalError.self) { try journal.commitQueued() }
  #expect(throws: JournalError.self) { try journal.sync() }
  #expect(memory.disk.blockCount() == blocks)
  // What may have been carried out is there wholly, or not at all, after a restart.
  let after = try MemoryJournal(disk: memory.disk, keys: memory.keys).journal
  #expect(after.head.position == Position(fault == .commitFails ? 1 : 2))
  journal.drainAndStop()
  #expect(memory.disk.blockCount() == blocks)
}

@Test func `the writer thread tells of a failure once and ends`() throws {
  let disk = MemoryDisk()
  let told = Woken()
  let journal = try Journal(
    disk: disk, keys: MemoryKeyStore(), clock: ManualClock(ms: 1), random: SeededRandom(seed: 1),
    onFatal: { _ in told.note(Position(1)) })
  disk.inject(.commitFails)
  journal.startWriter()
  _ = try journal.enqueue(.post(1))
  try eventually { told.positions.count == 1 }
  journal.drainAndStop()
  #expect(told.positions.count == 1)
  #expect(journal.durable == .zero)
}

@Test func `a failed sync is never tried again`() throws {
  let disk = MemoryDisk(isSyncedLater: true)
  let memory = try MemoryJournal(disk: disk, durability: .interval(ms: 10))
  _ = try memory.journal.enqueue(.post(1))
  _ = try memory.journal.commitQueued()
  disk.inject(.syncFails)
  #expect(throws: JournalError.self) { try memory.journal.sync() }
  #expect(throws: JournalError.self) { try memory.journal.sync() }
  #expect(disk.unsyncedCount == 1)
}

@Test func `the interval syncs by itself`() throws {
  let disk = MemoryDisk(isSyncedLater: true)
  let journal = try MemoryJournal(disk: disk, durability: .interval(ms: 20)).journal
  journal.startWriter()
  _ = try journal.enqueue(.post(1))
  try eventually { journal.durable == Position(1) && disk.unsyncedCount == 0 }
  _ = try journal.enqueue(.post(2))
  try eventually { journal.durable == Position(2) && disk.unsyncedCount == 0 }
  journal.drainAndStop()
}
