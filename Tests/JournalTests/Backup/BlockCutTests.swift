import Domain
import Testing

@testable import Journal

struct BlockCutTests {
  @Test(arguments: [20, 150])
  func `a cut block has the same leaves, and a hash that links it`(events: Int) throws {
    let memory = try MemoryJournal()
    for index in 0..<events {
      _ = try memory.journal.enqueue(index % 3 == 0 ? .post(UInt64(index + 1)) : .follow(bob))
    }
    #expect(try memory.journal.commitQueued() == events)
    let stored = try #require(try memory.disk.block(atOrBefore: Position(1))).bytes
    let found = try BlockDecoder.header(of: stored.span, key: 1)
    #expect((found.packed != nil) == (events > 20))
    let (plain, header) = try BlockPacking.plain(stored, found)
    let block = Block(bytes: stored, plain: plain, header: header)
    let hasher = TreeHasher()
    var leaves: [TreeHash] = []
    try hasher.forEachLeaf(of: plain.span, header) { leaves.append($0) }
    for count in 1...header.count {
      let cut = try BlockCut.cut(block, to: count, previousHash: JournalFormat.genesisHash)
      let head = try BlockDecoder.header(of: cut.bytes.span, key: 1)
      let (again, own) = try BlockPacking.plain(cut.bytes, head)
      var hashes: [TreeHash] = []
      try hasher.forEachLeaf(of: again.span, own) { hashes.append($0) }
      #expect(hashes == Array(leaves[..<count]))
      #expect(again[own.body] == cut.plain[cut.header.body])
      #expect(own.count == count && own.baseTime == header.baseTime && own.salt == header.salt)
      let hash = BlockDecoder.link(of: cut.bytes, after: JournalFormat.genesisHash)
      #expect(hash.elementsEqual(BlockDecoder.hash(of: cut.bytes)))
      #expect((cut.bytes == stored) == (count == header.count))
    }
  }
}
