import Domain
import Testing

@testable import Journal

private func hex(_ text: String) -> TreeHash? {
  let digits = Array(text)
  return TreeHash(
    stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0..<($0 + 2)]), radix: 16)
    })
}

private func hash(_ bytes: [UInt8]) -> TreeHash {
  let hash = SHA256()
  hash.update(bytes)
  return hash.finish()
}

/// Events in transactions and blocks of many sizes, some of them sealed.
private func filled(_ count: Int, seed: UInt64 = 1) throws -> MemoryJournal {
  var limits = JournalLimits()
  limits.blockBytesMax = 1_000
  let memory = try MemoryJournal(seed: seed, limits: limits)
  try fill(memory, count, seed)
  return memory
}

private func fill(_ memory: MemoryJournal, _ count: Int, _ seed: UInt64) throws {
  var generator = SeededGenerator(seed: seed)
  var left = count
  while left > 0 {
    let batch = min(left, 1 + Int(generator.next() % 60))
    for _ in 0..<batch {
      let isSealed = generator.next() % 3 == 0
      _ = try memory.journal.enqueue(isSealed ? .post(generator.next()) : .follow(bob))
    }
    memory.clock.advance(ms: Int64(generator.next() % 1_000))
    #expect(try memory.journal.commitQueued() == batch)
    left -= batch
  }
}

private func reader(_ memory: MemoryJournal) -> JournalReader {
  JournalReader(disk: memory.disk, keys: memory.keys)
}

/// From the reference implementation of RFC 6962 in certificate-transparency.
@Test func `roots agree with the test vectors of certificate transparency`() {
  let inputs: [[UInt8]] = [
    [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
    Array(0x50...0x57), Array(0x60...0x6F),
  ]
  let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]
  let hasher = TreeHasher()
  var range = MountainRange()
  #expect(range.root(hasher) == hex(roots[0]))
  for (index, input) in inputs.enumerated() {
    range.append(hash([0] + input), hasher) { _, _ in }
    #expect(range.root(hasher) == hex(roots[index + 1]))
  }
}

@Test func `the root at every size is that of the naive tree`() throws {
  let memory = try filled(400)
  let naive = try NaiveTree(reader(memory))
  let tree = try reader(memory).tree()
  #expect(tree.end == Position(400))
  for size in 0...400 {
    #expect(try tree.root(at: Position(UInt64(size))) == naive.root(size), "size \(size)")
  }
}

@Test func `every event of every size is proved, and proofs are short`() throws {
  let memory = try filled(70)
  let naive = try NaiveTree(reader(memory))
  let tree = try reader(memory).tree()
  for size in 1...70 {
    let root = naive.root(size)
    let digits = Int.bitWidth - (size - 1).leadingZeroBitCount
    for position in 1...size {
      let proof = try tree.inclusion(
        of: Position(UInt64(position)), at: Position(UInt64(size)))
      #expect(proof.holds && proof.root == root)
      #expect(proof.path.count <= digits)
    }
  }
}

@Test func `every pair of sizes is proved consistent, and proofs are short`() throws {
  let memory = try filled(70)
  let naive = try NaiveTree(reader(memory))
  let tree = try reader(memory).tree()
  for new in 1...70 {
    let digits = Int.bitWidth - (new - 1).leadingZeroBitCount
    for old in 1...new {
      let proof = try tree.consistency(from: Position(UInt64(old)), to: Position(UInt64(new)))
      #expect(proof.holds && proof.fromRoot == naive.root(old) && proof.root == naive.root(new))
      #expect(proof.path.count <= digits + 1)
    }
  }
}

@Test func `proofs hold on both sides of every stored node`() throws {
  let memory = try filled(3_100)
  let naive = try NaiveTree(reader(memory))
  let tree = try reader(memory).tree()
  let sizes: [UInt64] = [
    1, 2, 1_000, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 3_072, 3_099, 3_100,
  ]
  for new in sizes {
    #expect(try tree.root(at: Position(new)) == naive.root(Int(new)))
    for old in sizes where old <= new {
      #expect(try tree.inclusion(of: Position(old), at: Position(new)).holds)
      #expect(try tree.consistency(from: Position(old), to: Position(new)).holds)
    }
  }
}

@Test func `a proof with anything changed does not hold`() throws {
  let memory = try filled(100)
  let tree = try reader(memory).tree()
  let proof = try tree.inclusion(of: Position(37), at: Position(100))
  func changed(_ change: (inout InclusionProof) -> Void) -> Bool {
    var other = proof
    change(&other)
    return other != proof && !other.holds
  }
  #expect(changed { $0.leaf.position = Position(38) })
  #expect(changed { $0.leaf.position = .zero })
  #expect(changed { $0.leaf.baseTime = Instant(ms: $0.leaf.baseTime.ms + 1) })
  #expect(changed { $0.leaf.nonce[23] ^= 1 })
  #expect(changed { $0.size = Position(36) })
  #expect(changed { $0.path.removeLast() })
  #expect(changed { $0.path.append($0.root) })
  #expect(changed { $0.path.swapAt(0, 1) })
  #expect(changed { $0.root = $0.path[0] })
  for byte in proof.leaf.record.indices { #expect(changed { $0.leaf.record[byte] ^= 0x10 }) }
  for index in proof.path.indices {
    for byte in 0..<32 {
      #expect(
        changed {
          var bytes = $0.path[index].bytes
          bytes[byte] ^= 1
          $0.path[index] = TreeHash(bytes) ?? $0.root
        })
    }
  }
  let consistency = try tree.consistency(from: Position(37), to: Position(100))
  for index in consistency.path.indices {
    var other = consistency
    other.path[index] = consistency.root
    #expect(!other.holds)
    other.path.remove(at: index)
    #expect(!other.holds)
  }
}

// MARK: What is stored

@Test func `after a crash the tree is that of the events that are left`() throws {
  for kept in 0...5 {
    let disk = MemoryDisk(isSyncedLater: true)
    let memory = try MemoryJournal(disk: disk, durability: .interval(ms: 1_000))
    try fill(memory, 100, 7)
    try memory.journal.sync()
    for _ in 0..<5 {
      for _ in 0..<300 { _ = try memory.journal.enqueue(.follow(bob)) }
      _ = try memory.journal.commitQueued()
    }
    let after = try MemoryJournal(disk: disk.crashed(keeping: kept), keys: memory.keys)
    let size = 100 + 300 * kept
    let stored = try #require(try TreeAudit.checkStored(after.disk))
    #expect(stored.size == UInt64(size))
    #expect(stored.root(TreeHasher()) == (try NaiveTree(reader(memory))).root(size))
    try fill(after, 50, 8)
    #expect(try JournalVerifier(after.journal).verify() == [])
  }
}

@Test func `a failed commit leaves no trace in the tree`() throws {
  let memory = try filled(1_000)
  let before = try TreeAudit.checkStored(memory.disk)
  memory.disk.inject(.commitFails)
  for _ in 0..<50 { _ = try memory.journal.enqueue(.follow(bob)) }
  #expect(throws: JournalError.self) { try memory.journal.commitQueued() }
  #expect(try TreeAudit.checkStored(memory.disk) == before)
  #expect(try JournalVerifier(reader(memory)).verify() == [])
}

/// All keys of the tree in the table `meta`.
private func treeKeys(_ disk: MemoryDisk) throws -> [[UInt8]] {
  var keys: [[UInt8]] = []
  try disk.forEachMeta { key, _ in keys.append(key) }
  return keys
}

@Test func `a journal from before the tree gets it with its next event`() throws {
  let memory = try filled(2_500)
  let root = try reader(memory).tree().root(at: Position(2_500))
  let keys = try treeKeys(memory.disk)
  #expect(keys.count == 3)
  for key in keys { memory.disk.damageMeta(key) { $0 = nil } }
  #expect(try JournalVerifier(reader(memory)).verify() == [])
  #expect(try reader(memory).tree().root(at: Position(2_500)) == root)
  let again = try MemoryJournal(disk: memory.disk, keys: memory.keys)
  #expect(try treeKeys(memory.disk) == [], "opening writes nothing")
  try fill(again, 1, 9)
  #expect(try treeKeys(memory.disk) == keys)
  let tree = try reader(memory).tree()
  #expect(tree.end == Position(2_501))
  #expect(try tree.root(at: Position(2_500)) == root)
  #expect(try JournalVerifier(again.journal).verify() == [])
}

@Test func `events that an older program wrote are added to the tree`() throws {
  let memory = try filled(1_500)
  let older = try #require(memory.disk.metaEntry(TreeCodec.peaksKey))
  try fill(memory, 1_000, 5)
  let root = try reader(memory).tree().root(at: Position(2_500))
  memory.disk.damageMeta(TreeCodec.peaksKey) { $0 = older }
  memory.disk.damageMeta(TreeCodec.key(of: TreeNode(height: 10, index: 1))) { $0 = nil }
  #expect(try reader(memory).tree().root(at: Position(2_500)) == root)
  #expect(try JournalVerifier(reader(memory)).verify() == [])
  let again = try MemoryJournal(disk: memory.disk, keys: memory.keys)
  try fill(again, 1, 9)
  #expect(try reader(again).tree().root(at: Position(2_500)) == root)
  #expect(try JournalVerifier(again.journal).verify() == [])
}

@Test(arguments: [0, 1, 2])
func `any changed byte of the stored tree is named and refused in the same words`(
  part: Int
) throws {
  let memory = try filled(2_100)
  let key = try treeKeys(memory.disk)[part]
  let count = try #require(memory.disk.metaEntry(key)).count
  for byte in 0..<count {
    memory.disk.damageMeta(key) { $0?[byte] ^= 4 }
    let finding = try #require(try JournalVerifier(reader(memory)).verify().first)
    let refusal = #expect(throws: JournalError.self) {
      try MemoryJournal(disk: memory.disk, keys: memory.keys)
    }
    #expect(refusal == .damaged(finding))
    memory.disk.damageMeta(key) { $0?[byte] ^= 4 }
  }
  memory.disk.damageMeta(key) { $0 = nil }
  #expect(try JournalVerifier(reader(memory)).verify().count == 1)
  #expect(throws: JournalError.self) { try MemoryJournal(disk: memory.disk, keys: memory.keys) }
}

@Test func `what is not known in the table is refused`() throws {
  let memory = try filled(10)
  memory.disk.damageMeta(Array("trea".utf8)) { $0 = [1, 2, 3] }
  #expect(
    try JournalVerifier(reader(memory)).verify().map(\.problem)
      == ["its table meta holds what is not known"])
}

@Test func `a stored tree with right checksums over other events is named by their positions`()
  throws
{
  let memory = try filled(2_100)
  let other = try filled(2_100, seed: 2)
  let node = TreeCodec.key(of: TreeNode(height: 10, index: 1))
  for (key, words) in [
    (TreeCodec.peaksKey, "its tree over the events up to 2100 does not fit them"),
    (node, "its tree over the events 1025 to 2048 does not fit them"),
  ] {
    let right = memory.disk.metaEntry(key)
    memory.disk.damageMeta(key) { $0 = other.disk.metaEntry(key) }
    #expect(try JournalVerifier(reader(memory)).verify().map(\.problem) == [words])
    memory.disk.damageMeta(key) { $0 = right }
  }
  #expect(try JournalVerifier(reader(memory)).verify() == [])
}

@Test func `a tree of more events than there are is named`() throws {
  let memory = try filled(90)
  let peaks = memory.disk.metaEntry(TreeCodec.peaksKey)
  let before = try filled(80)
  before.disk.damageMeta(TreeCodec.peaksKey) { $0 = peaks }
  #expect(
    try JournalVerifier(reader(before)).verify().map(\.problem)
      == ["its tree is of 90 events, but it ends at 80"])
}
