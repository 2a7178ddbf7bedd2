import Domain
import Journal
import Testing

/// A journal of 40 blocks on a disk in memory.
private func filled() throws -> MemoryJournal {
  let memory = try MemoryJournal()
  for number in 1...40 {
    _ = try memory.journal.enqueue(.post(UInt64(number)))
    _ = try memory.journal.commitQueued()
  }
  return memory
}

private func opened(_ memory: MemoryJournal, upTo bytes: Int = 0) throws -> Journal {
  try Journal(
    disk: memory.disk, keys: memory.keys, clock: memory.clock, random: SeededRandom(seed: 2),
    contentCheck: .upTo(bytes: bytes), onFatal: { _ in })
}

/// How many steps of so many bytes it takes.
private func steps(_ journal: Journal, bytes: Int) throws -> Int {
  var check = try #require(journal.deferredCheck)
  var count = 1
  while try check.step(bytes: bytes) { count += 1 }
  return count
}

@Suite struct DeferredCheckTests {
  @Test func `a journal is checked in as many steps as it takes`() throws {
    let journal = try opened(try filled())
    #expect(try steps(journal, bytes: .max) == 1)
    #expect(try steps(journal, bytes: 1) == 40)
    #expect(journal.deferredCheck?.end == Position(40))
  }

  @Test func `what is written meanwhile does not matter`() throws {
    let journal = try opened(try filled())
    var check = try #require(journal.deferredCheck)
    #expect(try check.step(bytes: 1))
    _ = try journal.enqueue(.post(41))
    _ = try journal.commitQueued()
    while try check.step(bytes: 1) {}
    #expect(check.end == Position(40))
  }

  @Test(arguments: [0, 7, 38])
  func `damage before the last block is found by the check and not by opening`(block: Int) throws {
    let memory = try filled()
    memory.disk.damageBlock(block) { $0[$0.count / 2] ^= 1 }
    let journal = try opened(memory)
    #expect(throws: JournalError.self) { try steps(journal, bytes: 1) }
    #expect(throws: JournalError.self) {
      _ = try MemoryJournal(disk: memory.disk, keys: memory.keys)
    }
  }

  @Test func `a missing block is found`() throws {
    let memory = try filled()
    memory.disk.removeBlock(5)
    let journal = try opened(memory)
    #expect(throws: JournalError.self) { try steps(journal, bytes: .max) }
  }

  @Test func `a journal of that size is checked at once, and one byte more later`() throws {
    let directory = TemporaryDirectory()
    var journal = try openJournal(directory)
    _ = try journal.enqueue(.post(1))
    _ = try journal.commitQueued()
    journal.drainAndStop()
    let bytes = try readFile(directory.path + "/journal/data.mdb").count
    journal = try openJournal(directory, contentCheck: .upTo(bytes: bytes))
    #expect(journal.deferredCheck == nil)
    journal.drainAndStop()
    journal = try openJournal(directory, contentCheck: .upTo(bytes: bytes - 1))
    #expect(journal.deferredCheck != nil)
    journal.releaseMemory()
    #expect(try readAll(journal.cursor(after: .zero)).count == 1)
    journal.drainAndStop()
  }
}
