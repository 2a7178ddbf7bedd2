import Domain
import Testing

@testable import Journal

/// Blocks of random events of every kind, some with text, some of requests.
private func blocks(events: Int, seed: UInt64, text: Int = 20) -> [Block] {
  var encoder = BlockEncoder(
    previousHash: JournalFormat.genesisHash, blockBytesMax: JournalLimits().blockBytesMax,
    random: SeededRandom(seed: seed))
  var maker = EventMaker(seed: seed)
  let key = SeededRandom(seed: seed).bytes(Sealer.keyBytes)
  for number in 1...events {
    let type = maker.anyType()
    let actor = maker.user()
    let secret = maker.flag() ? Secret([.text: String(repeating: "\(number)", count: text)]) : nil
    let record = Record(
      position: Position(UInt64(number)), time: Instant(ms: Int64(number)), actor: actor,
      entity: maker.entity(for: type), sequence: UInt64(number),
      event: maker.event(of: type, by: actor), hasSecret: secret != nil)
    encoder.append(
      record, secret: secret, key: secret == nil ? nil : key,
      requestDigest: maker.flag() ? blake2b128([UInt8(truncatingIfNeeded: number)]) : nil)
  }
  encoder.finish()
  return encoder.finished
}

private func stored(_ block: Block) throws -> BlockHeader {
  try BlockDecoder.header(of: block.bytes.span, key: block.first.raw)
}

private func packed(_ blocks: [Block]) throws -> [Block] {
  try blocks.filter { try stored($0).packed != nil }
}

/// Follows of one person, a hundred bytes of text with every third.
private func follow(_ memory: MemoryJournal, _ count: Int, from first: Int = 0) throws {
  for number in first..<(first + count) {
    let user = UserID(UInt64(1 << 52 + number * 7_919))
    _ = try memory.journal.enqueue(
      number % 3 == 0
        ? .post(UInt64(number + 1), by: user, text: String(repeating: "text \(number) ", count: 8))
        : .follow(bob, by: user))
  }
  #expect(try memory.journal.commitQueued() == count)
}

private func header(_ memory: MemoryJournal, _ position: UInt64 = 1) throws -> BlockHeader {
  let block = try #require(try memory.disk.block(atOrBefore: Position(position)))
  return try BlockDecoder.header(of: block.bytes.span, key: block.first)
}

private func problem(_ body: () throws(JournalError) -> Void) -> String? {
  do throws(JournalError) { try body() } catch { return "\(error)" }
  return nil
}

@Suite struct BlockPackingTests {
  @Test(arguments: [60, 500, 4_000])
  func `a packed block is put together byte for byte`(events: Int) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let blocks = blocks(events: events, seed: seed)
      #expect(try !packed(blocks).isEmpty)
      for block in blocks {
        let (plain, header) = try BlockPacking.plain(block.bytes, try stored(block))
        #expect(plain[header.body] == block.plain[block.header.body])
        #expect((header.first, header.count) == (block.first, block.header.count))
        var (own, others): ([RecordCodec.Stored], [RecordCodec.Stored]) = ([], [])
        try BlockDecoder.forEachRecord(in: block.bytes, try stored(block)) { own.append($0) }
        try BlockDecoder.forEachRecord(in: plain, header) { others.append($0) }
        #expect(own.map(\.record) == others.map(\.record))
        #expect(own.map(\.sealed) == others.map(\.sealed))
        #expect(own.map(\.requestDigest) == others.map(\.requestDigest))
      }
    }
  }

  @Test func `single events of a packed block are those of the whole`() throws {
    let block = try #require(try packed(blocks(events: 300, seed: 9)).first)
    let header = try stored(block)
    let all = try BlockDecoder.records(in: block.bytes, header)
    for record in all {
      let found = try BlockDecoder.record(at: record.position, in: block.bytes.span, header)
      #expect(found.record == record)
    }
    let some = stride(from: 1, to: all.count, by: 7).map { all[$0] }
    let found = try BlockDecoder.records(
      at: some.map(\.position)[...], in: block.bytes.span, header)
    #expect(found.map(\.record) == some)
    for (record, stored) in zip(some, found) where record.hasSecret {
      let index = Int(record.position.raw - header.first.raw)
      let parts = try #require(header.packed)
      let text = PackedTexts.find(index, in: block.bytes.span, parts)
      #expect(text == stored.sealed.map { Array($0) })
    }
  }

  @Test func `what fits inside of a tree page stays plain, and one event more is packed`() throws {
    var count = 1
    while true {
      let memory = try MemoryJournal()
      for number in 0..<count {
        let user = UserID(UInt64(1 << 52 + number * 7_919))
        _ = try memory.journal.enqueue(.follow(bob, by: user))
      }
      _ = try memory.journal.commitQueued()
      let block = try #require(try memory.disk.block(atOrBefore: Position(1)))
      guard try header(memory).packed == nil else { break }
      #expect(block.bytes.count <= PageFit.inlineBytesMax)
      count += 1
    }
    #expect(count > 40)
  }

  @Test func `one large event stays plain`() throws {
    let memory = try MemoryJournal()
    _ = try memory.journal.enqueue(.post(1, text: String(repeating: "long ", count: 20_000)))
    _ = try memory.journal.commitQueued()
    #expect(try header(memory).packed == nil)
  }

  @Test func `the blocks of long transactions waste little of their pages`() throws {
    for text in [0, 100] {
      let all = blocks(events: 8_000, seed: 3, text: text).dropLast()
      #expect(all.count > 3)
      for block in all {
        let waste = PageFit.whole(block.bytes.count) - block.bytes.count
        #expect(waste <= PageFit.wasteBytesMax, "\(block.bytes.count) bytes")
        #expect(block.bytes.count <= JournalLimits().blockBytesMax)
        let size = try stored(block).packed?.openBytes ?? 0
        #expect(size > 0 && size <= PackedParts.openBytesMax)
      }
    }
  }

  @Test func `a journal of plain blocks goes on with packed ones, and proofs stay valid`() throws {
    let memory = try MemoryJournal()
    for number in 0..<30 { try follow(memory, 10, from: number * 10) }
    let before = JournalReader(disk: memory.disk, keys: memory.keys)
    let (old, size) = (try before.tree(), memory.journal.durable)
    #expect(try header(memory).packed == nil)
    let proofs = try [1, 77, 300].map { try old.inclusion(of: Position($0), at: size) }
    try follow(memory, 1_000, from: 300)
    #expect(try header(memory, size.raw + 1).packed != nil)
    let reader = JournalReader(disk: memory.disk, keys: memory.keys)
    let tree = try reader.tree()
    #expect(try tree.root(at: size) == proofs[0].root)
    for proof in proofs {
      #expect(try tree.inclusion(of: proof.leaf.position, at: size) == proof)
    }
    #expect(try tree.consistency(from: size, to: tree.end).holds)
    for position in [301, 650, 1_300] {
      #expect(try tree.inclusion(of: Position(UInt64(position)), at: tree.end).holds)
    }
    #expect(try NaiveTree(reader).root(1_300) == tree.root(at: tree.end))
    #expect(try readAll(reader.cursor(after: .zero)).count == 1_300)
    #expect(try JournalVerifier(reader).report(unsealing: true).findings == [])
    #expect(
      try MemoryJournal(disk: memory.disk, keys: memory.keys).journal.head.position.raw == 1_300)
  }
}

@Suite struct PackedTextTests {
  @Test func `a text is read with its author though the open part is damaged`() throws {
    let memory = try MemoryJournal()
    try follow(memory, 200)
    let reader = JournalReader(disk: memory.disk, keys: memory.keys)
    let last = try header(memory).last
    let records = try readAll(reader.cursor(after: .zero)).filter {
      $0.hasSecret && $0.position <= last
    }
    #expect(records.count > 20)
    let texts = try records.map { try reader.secret(at: $0.position) }
    let middle = try #require(try header(memory).packed).open.lowerBound + 50
    memory.disk.damageBlock(0) { $0[middle] ^= 1 }
    for (record, text) in zip(records, texts) {
      #expect(try reader.secret(of: record) == text)
      #expect(throws: JournalError.self) { try reader.secret(at: record.position) }
      #expect(throws: JournalError.self) { try reader.secret(at: record.position, by: bob) }
    }
  }

  @Test func `whoever is said to be the author, the text is the same`() throws {
    let memory = try MemoryJournal()
    try follow(memory, 200)
    let records = try readAll(memory.journal.cursor(after: .zero))
    let reader = JournalReader(disk: memory.disk, keys: memory.keys)
    for record in records {
      let text = try reader.secret(at: record.position)
      #expect((text == .none) == !record.hasSecret)
      for author in [record.actor, records[0].actor, bob, nil] {
        #expect(try reader.secret(at: record.position, by: author) == text)
      }
    }
  }

  @Test func `a text whose key is destroyed is erased, and is nowhere in the clear`() throws {
    let memory = try MemoryJournal()
    try follow(memory, 200)
    let block = try #require(try memory.disk.block(atOrBefore: Position(1))).bytes
    let header = try header(memory)
    let open = try BlockPacking.open(of: block.span, header, try #require(header.packed))
    for bytes in [block, open] {
      #expect(!String(decoding: bytes, as: UTF8.self).contains("text 0"))
    }
    let author = try #require(try memory.journal.record(at: Position(1))).actor
    try memory.journal.destroyKey(of: author)
    #expect(try memory.journal.secret(at: Position(1), by: author) == .erased)
    #expect(try memory.journal.secret(at: Position(1)) == .erased)
    #expect(try JournalVerifier(memory.journal).verify() == [])
  }

  @Test func `a text with another key is told from damage`() throws {
    let memory = try MemoryJournal()
    try follow(memory, 200)
    let author = try #require(try memory.journal.record(at: Position(1))).actor
    let other = MemoryKeyStore()
    other.add([(author, [UInt8](repeating: 1, count: Sealer.keyBytes))])
    let reader = JournalReader(disk: memory.disk, keys: other)
    #expect(throws: JournalError.otherKey(Position(1), author: author)) {
      try reader.secret(at: Position(1), by: author)
    }
    let middle = try #require(try header(memory).packed).texts.lowerBound + 20
    memory.disk.damageBlock(0) { $0[middle] ^= 1 }
    let found = problem { () throws(JournalError) in
      _ = try reader.secret(at: Position(1), by: author)
    }
    #expect(found?.contains("the checksum of its block does not fit") == true)
  }
}

/// What nobody has written, with the right checksum and hash.
@Suite struct ForgedBlockTests {
  private func forged(_ change: (inout BlockWriter.Packed) -> Void) throws -> [UInt8] {
    let block = try #require(try packed(blocks(events: 200, seed: 5)).first)
    let body = Array(block.plain[block.header.body])
    var packed = try #require(BlockWriter.pack(body, count: block.header.count))
    change(&packed)
    return BlockWriter.block(
      block.header, body: body, packed, previousHash: JournalFormat.genesisHash
    ).bytes
  }

  private func read(_ block: [UInt8]) -> String? {
    problem { () throws(JournalError) in
      let header = try BlockDecoder.header(of: block.span, key: 1)
      let records = try BlockDecoder.records(in: block, header)
      let plain = try BlockPacking.plain(block, header)
      let again = try BlockDecoder.records(in: plain.bytes, plain.header)
      #expect(records == again)
    }
  }

  @Test func `a wrong size of the open part is named`() throws {
    #expect(read(try forged { _ in }) == nil)
    for change in [-1, 1, 40_000] {
      let found = try #require(read(try forged { $0.openBytes += change }))
      #expect(found.contains("its open part does not have"), "\(found)")
      #expect(found.hasPrefix("the journal is damaged at position 1: "))
    }
    #expect(read(try forged { $0.open = [] })?.contains("does not have") == true)
  }

  @Test func `an open part of the greatest size is unpacked, and one byte more is refused`() throws
  {
    for size in [PackedParts.openBytesMax, PackedParts.openBytesMax + 1] {
      let block = try forged { packed in
        packed.open = ZstdPool.shared.compress([UInt8](repeating: 0x40, count: size))
        packed.openBytes = size
      }
      let header = try? BlockHeader.read(block)
      #expect((header != nil) == (size == PackedParts.openBytesMax))
      guard let header, let parts = header.packed else { continue }
      #expect(try BlockPacking.open(of: block.span, header, parts).count == size)
    }
  }

  @Test func `more is never unpacked than a block says`() throws {
    let block = try forged { packed in
      packed.open = ZstdPool.shared.compress([UInt8](repeating: 0, count: 64 << 20))
    }
    #expect(block.count < 32 << 10)
    #expect(read(block)?.contains("its open part does not have") == true)
  }

  @Test func `texts that are missing, too many or of other events are named`() throws {
    #expect(read(try forged { $0.texts = [] }) != nil)
    #expect(read(try forged { $0.texts += [0x18, 0xC0, 0x41, 1] }) != nil)
    #expect(read(try forged { $0.texts.removeLast() }) != nil)
    #expect(read(try forged { $0.texts[0] = ($0.texts[0] + 1) % 24 }) != nil)
  }

  @Test func `changed bytes give an error or records, never a crash`() throws {
    var generator = SeededGenerator(seed: 11)
    var refused = 0
    for _ in 0..<1_500 {
      let block = try forged { packed in
        for _ in 0...(generator.next() % 3) {
          let flip = UInt8(1 << (generator.next() % 8))
          switch generator.next() % 3 {
          case 0: packed.open[Int(generator.next() % UInt64(packed.open.count))] ^= flip
          case 1: packed.texts[Int(generator.next() % UInt64(packed.texts.count))] ^= flip
          default:
            packed.open.removeLast(Int(generator.next() % UInt64(packed.open.count)))
            packed.open += [flip]
          }
        }
      }
      if read(block) != nil { refused += 1 }
    }
    // Of the texts a changed byte is the seal's to find.
    #expect(refused > 700)
  }
}
