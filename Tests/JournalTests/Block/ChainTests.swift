import Domain
import Journal
import Testing

private func filled(limits: JournalLimits = JournalLimits(), seed: UInt64 = 1) throws -> (
  MemoryJournal, [Record]
) {
  let memory = try MemoryJournal(seed: seed, limits: limits)
  var maker = EventMaker(seed: 3)
  var written: [Record] = []
  for _ in 0..<40 {
    for _ in 0..<5 {
      let type = maker.anyType()
      let actor = maker.user()
      let drafts = (0..<3).map { _ in
        Draft(maker.event(of: type, by: actor), secret: maker.secret())
      }
      written += try memory.journal.enqueue(
        JournalEntry(
          actor: actor, entity: maker.entity(for: type), firstSequence: 1, drafts: drafts))
    }
    memory.clock.advance(ms: 7)
    _ = try memory.journal.commitQueued()
  }
  return (memory, written)
}

/// Where the blocks begin.
private func firsts(_ memory: MemoryJournal) throws -> [Position] {
  let reader = JournalReader(disk: memory.disk, keys: memory.keys)
  var firsts: [Position] = []
  var position = Position(1)
  while position <= memory.journal.durable {
    let block = try #require(try reader.rawBlock(atOrBefore: position))
    firsts.append(position)
    position = try BlockHeader.read(block.bytes).last.next
  }
  return firsts
}

private func reopened(_ disk: MemoryDisk, _ keys: MemoryKeyStore) throws -> Journal {
  try MemoryJournal(disk: disk, keys: keys).journal
}

@Test func `random events of all kinds are read back from blocks of any size`() throws {
  for blockBytes in [1, 300, 2_000, 32_736] {
    var limits = JournalLimits()
    limits.blockBytesMax = blockBytes
    let (memory, written) = try filled(limits: limits)
    #expect(memory.journal.durable == Position(600))
    if blockBytes == 1 { #expect(memory.disk.blockCount() == 600) }
    if blockBytes == 32_736 { #expect(memory.disk.blockCount() < 120) }
    let reader = JournalReader(disk: memory.disk, keys: memory.keys)
    #expect(try readAll(reader.cursor(after: .zero)) == written)
    #expect(try readAll(reader.cursor(after: Position(333)), max: 1) == Array(written[333...]))
    for record in written {
      #expect(try reader.record(at: record.position) == record)
      let reading = try reader.secret(at: record.position)
      #expect((reading == .none) == !record.hasSecret)
    }
    #expect(try JournalVerifier(reader).verify() == [])
  }
}

@Test func `text is read the same from the queue and from the disk`() throws {
  let memory = try MemoryJournal()
  let secret = Secret([.text: "hello", .warning: "spoiler"])
  let facts = PostFacts(author: alice, visibility: .public)
  let records = try memory.journal.enqueue(
    JournalEntry(
      actor: alice, entity: .post(PostID(1)), firstSequence: 1,
      drafts: [
        Draft(.post(.published(facts)), secret: secret), Draft(.post(.liked(author: alice))),
      ]))
  for _ in 0..<2 {
    #expect(try memory.journal.secret(at: records[0].position) == .text(secret))
    #expect(try memory.journal.secret(at: records[1].position) == .none)
    _ = try memory.journal.commitQueued()
  }
}

@Test func `one seed gives the same bytes`() throws {
  let (first, _) = try filled(seed: 5)
  let (second, _) = try filled(seed: 5)
  let (other, _) = try filled(seed: 6)
  #expect(first.journal.head == second.journal.head)
  #expect(first.journal.head.hash != other.journal.head.hash)
}

@Test(arguments: [0, 7, 39])
func `any changed byte of a block is named with the block's position`(index: Int) throws {
  let (memory, _) = try filled()
  let reader = JournalReader(disk: memory.disk, keys: memory.keys)
  let first = try firsts(memory)[index]
  let count = try #require(try reader.rawBlock(atOrBefore: first)).bytes.count
  for offset in Array(0..<40) + Array(stride(from: 40, to: count, by: 37))
    + Array((count - 40)..<count)
  {
    memory.disk.damageBlock(index) { $0[offset] ^= 1 << UInt8(offset % 8) }
    let findings = try JournalVerifier(reader).verify()
    #expect(findings.first?.position == first, "byte \(offset)")
    let crashed = try? reopened(memory.disk, memory.keys)
    #expect(crashed == nil, "byte \(offset)")
    memory.disk.damageBlock(index) { $0[offset] ^= 1 << UInt8(offset % 8) }
  }
  #expect(try JournalVerifier(reader).verify() == [])
}

@Test func `a missing block, at the beginning or between, is named`() throws {
  for index in [0, 12] {
    let (memory, _) = try filled()
    let missing = try firsts(memory)[index]
    memory.disk.removeBlock(index)
    let reader = JournalReader(disk: memory.disk, keys: memory.keys)
    #expect(try JournalVerifier(reader).verify().first?.position == missing)
    #expect(throws: JournalError.self) { try reopened(memory.disk, memory.keys) }
    #expect(throws: JournalError.self) { try readAll(reader.cursor(after: .zero)) }
  }
}

@Test func `the check of the tail alone notices a changed last block`() throws {
  let (memory, _) = try filled()
  func open() throws -> Journal {
    try Journal(
      disk: memory.disk, keys: memory.keys, clock: memory.clock, random: SeededRandom(seed: 1),
      contentCheck: .tail)
  }
  #expect(try open().head == memory.journal.head)
  memory.disk.damageBlock(try firsts(memory).count - 1) { $0[40] ^= 1 }
  #expect(throws: JournalError.self) { try open() }
}

@Test func `several damaged blocks are all named`() throws {
  let (memory, _) = try filled()
  let positions = try firsts(memory)
  let damaged = [3, 20].map { ($0, positions[$0]) }
  for (index, _) in damaged { memory.disk.damageBlock(index) { $0[$0.count / 2] ^= 4 } }
  let findings = try JournalVerifier(memory.journal).verify()
  #expect(findings.map(\.position) == damaged.map(\.1))
}

@Test func `transactions of any size waste little of their pages`() throws {
  for count in [1, 40, 60, 100, 130, 350] {
    let directory = TemporaryDirectory()
    let journal = try openJournal(directory)
    var used = 0
    for _ in 0..<100 {
      for number in 0..<count {
        let id = UInt64(1 << 52 + number)
        _ = try journal.enqueue(
          JournalEntry(
            actor: UserID(id), entity: .post(PostID(id)), firstSequence: 1,
            drafts: [Draft(.post(.liked(author: UserID(id))))]))
        used += 46
      }
      #expect(try journal.commitQueued() == count)
      used += 140
    }
    let bytes = try readFile(directory.path + "/journal/data.mdb").count - 18 * 4_096
    // Seven tenths of every page at the least, beside what a small file always has.
    #expect(Double(bytes) < Double(used) * 1.4, "\(count) events: \(bytes) for \(used)")
    journal.drainAndStop()
    let reader = try JournalReader(directory: directory.path)
    #expect(try readAll(reader.cursor(after: .zero)).count == 100 * count)
    #expect(try JournalVerifier(reader).verify() == [])
  }
}
