import Domain
import Testing

@testable import Journal

struct BlockCutTests {
  @Test func `a cut block has the same leaves, and a hash that links it`() throws {
    let memory = try MemoryJournal()
    for index in 0..<20 {
      _ = try memory.journal.enqueue(index % 3 == 0 ? .post(UInt64(index + 1)) : .follow(bob))
    }
    #expect(try memory.journal.commitQueued() == 20)
    let block = try #require(try memory.disk.block(atOrBefore: Position(1)))
    let header = try BlockDecoder.header(of: block.bytes.span, key: 1)
    let hasher = TreeHasher()
    var leaves: [TreeHash] = []
    try hasher.forEachLeaf(of: block.bytes.span, header) { leaves.append($0) }
    for count in 1...header.count {
      let (bytes, cut) = try BlockCut.cut(
        block.bytes, header, to: count, previousHash: JournalFormat.genesisHash)
      var own: [TreeHash] = []
      try hasher.forEachLeaf(of: bytes.span, cut) { own.append($0) }
      #expect(own == Array(leaves[..<count]))
      #expect(cut.count == count && cut.baseTime == header.baseTime && cut.salt == header.salt)
      let hash = blake2b256(
        previous: JournalFormat.genesisHash, bytes[..<cut.body.upperBound])
      #expect(hash.elementsEqual(BlockDecoder.hash(of: bytes)))
      #expect((bytes == block.bytes) == (count == header.count))
    }
  }
}
