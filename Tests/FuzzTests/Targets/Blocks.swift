import Domain

@testable import Journal

extension FuzzTarget {
  /// A block of the journal, plain or packed, its checksums made right: its records one by one are
  /// those of the whole; apart and together again, packed and plain, it is the same bytes.
  static let blocks = FuzzTarget(
    name: "blocks", bytesMax: 4_096, allocationMiBMax: 2,
    words: [[0xF6], [0xF5], [0x8A, 0x02], [0x87, 0x01], [0x88], [0x89], [0x58, 0x20]],
    seeds: {
      try Golden.blocks().flatMap { block in
        [[BlockInput.stored.rawValue] + block, [BlockInput.repaired.rawValue] + block]
          + (Golden.parts(of: block).map { [[BlockInput.apart.rawValue] + $0] } ?? [])
      }
    },
    run: { input in
      var source = ByteSource(input)
      let kind = BlockInput(rawValue: source.byte() % 3) ?? .stored
      switch kind {
      case .stored: check(Array(source.rest))
      case .repaired: check(repaired(Array(source.rest)))
      case .apart: check(packed(&source))
      }
    })
}

/// How the rest of an input is a block.
enum BlockInput: UInt8 {
  /// As it is.
  case stored
  /// With its checksums made right.
  case repaired
  /// Its number of events, base time, salt and sealed texts, and then the open part, which is
  /// compressed here: what a compressor would never have written is found by the others.
  case apart
}

private func packed(_ source: inout ByteSource) -> [UInt8] {
  let count = Int(source.byte() % 16) + 1
  let header = BlockHeader(
    first: Position(source.number() | 1), count: count, baseTime: Instant(ms: source.number()),
    salt: source.bool() ? Array(repeating: 7, count: BlockHeader.saltBytes) : [], body: 0..<0)
  let texts = Array(source.bytes())
  let open = Array(source.rest)
  let parts = BlockWriter.Packed(
    open: ZstdPool.shared.compress(open), openBytes: open.count, texts: texts)
  return BlockWriter.block(header, body: [], parts, previousHash: []).bytes
}

private func repaired(_ block: [UInt8]) -> [UInt8] {
  guard let header = try? BlockHeader.read(block) else { return block }
  var block = block
  if let packed = header.packed {
    let checksum = littleEndianBytes(crc32Checksum(block[..<packed.checkedEnd]))
    // Behind the head of its byte string.
    block.replaceSubrange((packed.checkedEnd + 1)..<(packed.checkedEnd + 5), with: checksum)
    return block
  }
  var reader = SpanReader()
  reader.index = header.body.lowerBound
  while reader.index < header.body.upperBound,
    let record = try? reader.content(0x40, block.span), record.upperBound <= header.body.upperBound,
    record.count > RecordCodec.checksumBytes
  {
    let content = record.dropFirst(RecordCodec.checksumBytes)
    block.replaceSubrange(
      record.prefix(RecordCodec.checksumBytes),
      with: littleEndianBytes(crc32Checksum(block[content])))
  }
  return block
}

private func check(_ block: [UInt8]) {
  guard let header = try? BlockHeader.read(block) else { return }
  hold(header.count > 0 && header.last >= header.first, "a block of \(header.count) events")
  let whole = records(block, header)
  for index in [0, header.count / 2, header.count - 1] {
    let position = Position(header.first.raw + UInt64(index))
    let one = try? BlockDecoder.record(at: position, in: block.span, header)
    if let whole {
      hold(one?.record == whole[index].record, "\(position) alone is \(String(describing: one))")
      hold(one?.sealed.map(Array.init) == whole[index].sealed.map(Array.init), "another text")
    }
  }
  if let whole { checkPacking(block, header, whole) }
}

private func records(_ block: [UInt8], _ header: BlockHeader) -> [RecordCodec.Stored]? {
  var records: [RecordCodec.Stored] = []
  do throws(JournalError) {
    try BlockDecoder.forEachRecord(in: block, header) { stored in records.append(stored) }
  } catch {
    return nil
  }
  hold(records.count == header.count, "\(records.count) records instead of \(header.count)")
  return records
}

/// For a block whose records are all read.
private func checkPacking(
  _ block: [UInt8], _ header: BlockHeader, _ records: [RecordCodec.Stored]
) {
  do {
    let plain = try BlockPacking.plain(block, header)
    let body = Array(plain.bytes[plain.header.body])
    let parts = try BlockPacking.split(body, count: header.count)
    if let packed = header.packed {
      let open = try BlockPacking.open(of: block.span, header, packed)
      hold(parts.open.bytes == open, "apart again the open part is another")
      hold(parts.texts.bytes.elementsEqual(block[packed.texts]), "apart again texts are others")
    }
    guard parts.open.bytes.count <= PackedParts.openBytesMax else { return }
    let again = BlockWriter.block(
      header, body: body,
      BlockWriter.Packed(
        open: ZstdPool.shared.compress(parts.open.bytes), openBytes: parts.open.bytes.count,
        texts: parts.texts.bytes), previousHash: []
    ).bytes
    let againHeader = try BlockHeader.read(again)
    let joined = try BlockPacking.plain(again, againHeader)
    hold(joined.bytes[joined.header.body].elementsEqual(body), "together again it is another body")
    let read = journalRecords(again, againHeader)
    hold(read == records.map(\.record), "packed again it has other records")
  } catch {
    fatalError("a block that is read cannot be packed: \(error)")
  }
}

private func journalRecords(_ block: [UInt8], _ header: BlockHeader) -> [Record]? {
  records(block, header)?.map(\.record)
}
