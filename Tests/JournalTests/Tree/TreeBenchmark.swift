import Domain
import Glibc
import Testing

@testable import Journal

/// Small in the tests; `ROOST_BENCH=1 swift test -c release --filter benchmark` for figures.
private let isFull = unsafe getenv("ROOST_BENCH") != nil

/// Of this thread on a processor: what others do meanwhile does not count.
private func cpuSeconds() -> Double {
  var now = timespec()
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

private func measure(_ what: String, count: Int, _ body: () throws -> Void) throws {
  let start = cpuSeconds()
  try body()
  let nanoseconds = (cpuSeconds() - start) * 1e9 / Double(count)
  if isFull { print("\(what): \(Int(nanoseconds)) ns of CPU each") }
}

@Test func `benchmark of the tree`() throws {
  let count = isFull ? 2_000_000 : 5_000
  let memory = try MemoryJournal()
  let facts = PostFacts(author: alice, visibility: .public)
  try measure("events committed in memory, the tree included", count: count) {
    for number in 0..<count {
      let drafts = [Draft(.post(.liked(author: facts.author)))]
      _ = try memory.journal.enqueue(
        JournalEntry(
          actor: bob, entity: .post(PostID(UInt64(1 << 52 + number))), firstSequence: 1,
          drafts: drafts))
      if number % 1_000 == 999 { _ = try memory.journal.commitQueued() }
    }
  }
  let reader = JournalReader(disk: memory.disk, keys: memory.keys)
  var blocks: [(bytes: [UInt8], header: BlockHeader)] = []
  var position = Position(1)
  while position.raw <= count, let block = try reader.rawBlock(atOrBefore: position) {
    blocks.append(try BlockPacking.plain(block.bytes, try BlockHeader.read(block.bytes)))
    position = blocks[blocks.count - 1].header.last.next
  }
  var range = MountainRange()
  let hasher = TreeHasher()
  try measure("events added to the tree", count: count) {
    for block in blocks { try range.append(block.bytes, block.header, hasher) { _, _ in } }
  }
  let tree = try reader.tree()
  #expect(range == tree.range)
  var generator = SeededGenerator(seed: 1)
  let proofs = isFull ? 1_000 : 5
  try measure("proofs of an event", count: proofs) {
    for _ in 0..<proofs {
      let position = Position(1 + generator.next() % UInt64(count))
      let proof = try tree.inclusion(of: position, at: tree.end)
      #expect(proof.holds)
    }
  }
}
