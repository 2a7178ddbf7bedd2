internal import Domain

/// Reads blocks: all records in one pass, or one of them without copying the rest.
enum BlockDecoder {
  /// All records of a block, packed or not, checksums checked; `body` gets each with its sealed
  /// text.
  static func forEachRecord(
    in block: [UInt8], _ header: BlockHeader,
    _ body: (RecordCodec.Stored) throws(JournalError) -> Void
  ) throws(JournalError) {
    if let packed = header.packed { return try forEachPacked(in: block, header, packed, body) }
    try forEachStored(in: block, header) { position, content throws(JournalError) in
      let stored: RecordCodec.Stored
      do throws(CBORError) {
        stored = try RecordCodec.decode(content, position: position, baseTime: header.baseTime)
      } catch {
        throw failure(error, at: position)
      }
      try body(stored)
    }
  }

  /// The records of a packed block, without a body that is put together for them.
  private static func forEachPacked(
    in block: [UInt8], _ header: BlockHeader, _ packed: PackedParts,
    _ body: (RecordCodec.Stored) throws(JournalError) -> Void
  ) throws(JournalError) {
    var decoder = CBORDecoder(try BlockPacking.open(of: block.span, header, packed))
    var texts = PackedTexts(block[packed.texts])
    for index in 0..<header.count {
      let position = Position(header.first.raw + UInt64(index))
      let stored: RecordCodec.Stored
      do throws(CBORError) {
        stored = try RecordCodec.decode(
          try decoder.bytes(), position: position, baseTime: header.baseTime
        ) { () throws(CBORError) in try texts.next(of: index) }
      } catch {
        throw failure(error, at: position)
      }
      try body(stored)
    }
    do throws(CBORError) {
      try decoder.finish()
      try texts.finish()
    } catch {
      throw .damage(header.last, "its block holds more than it says")
    }
  }

  /// The stored bytes of all records of a plain block, checksums checked and taken off, as they
  /// are.
  static func forEachStored(
    in block: [UInt8], _ header: BlockHeader,
    _ body: (Position, ArraySlice<UInt8>) throws(JournalError) -> Void
  ) throws(JournalError) {
    var decoder = CBORDecoder(block[header.body])
    var position = header.first
    for _ in 0..<header.count {
      let content: ArraySlice<UInt8>
      do throws(CBORError) {
        content = try checked(try decoder.bytes())
      } catch {
        throw failure(error, at: position)
      }
      try body(position, content)
      position = position.next
    }
    guard decoder.isAtEnd else {
      throw .damage(header.last, "its block holds more than it says")
    }
  }

  static func records(in block: [UInt8], _ header: BlockHeader) throws(JournalError) -> [Record] {
    var records: [Record] = []
    records.reserveCapacity(header.count)
    try forEachRecord(in: block, header) { stored throws(JournalError) in
      records.append(stored.record)
    }
    return records
  }

  /// The header of a block that should begin at, or contain, a position.
  static func header(
    of block: Span<UInt8>, key: UInt64
  ) throws(JournalError) -> BlockHeader {
    let header: BlockHeader
    do throws(CBORError) {
      header = try BlockHeader.read(block)
    } catch {
      throw .damage(Position(key), "its block cannot be read (\(error))")
    }
    guard header.first.raw == key else {
      throw .damage(
        Position(key), "the block stored there says that it begins at \(header.first)")
    }
    return header
  }

  /// One record of a block: of a plain one its bytes copied and nothing else; of a packed one the
  /// open part is unpacked.
  static func record(
    at position: Position, in block: Span<UInt8>, _ header: BlockHeader
  ) throws(JournalError) -> RecordCodec.Stored {
    guard header.packed != nil else {
      return try storedRecord(at: position, in: block, header).stored
    }
    let found = try records(at: [position], in: block, header)
    guard let record = found.first else {
      throw .damage(position, "the record cannot be read (\(CBORError.truncated))")
    }
    return record
  }

  /// One record of a plain block, with its stored bytes.
  static func storedRecord(
    at position: Position, in block: Span<UInt8>, _ header: BlockHeader
  ) throws(JournalError) -> (bytes: [UInt8], stored: RecordCodec.Stored) {
    do throws(CBORError) {
      var reader = SpanReader()
      reader.index = header.body.lowerBound
      for _ in header.first.raw..<position.raw { _ = try reader.content(0x40, block) }
      let range = try reader.content(0x40, block)
      guard range.upperBound <= header.body.upperBound else { throw .truncated }
      let bytes = Array(copying: block.extracting(range))
      return (bytes, try decode(bytes[...], position, header.baseTime))
    } catch {
      throw failure(error, at: position)
    }
  }

  /// Those of some ascending positions that are in a block: each of them copied, nothing else,
  /// unless the block is packed.
  static func records(
    at positions: ArraySlice<Position>, in block: Span<UInt8>, _ header: BlockHeader
  ) throws(JournalError) -> [RecordCodec.Stored] {
    if let packed = header.packed { return try unpacked(positions, block, header, packed) }
    var reader = SpanReader()
    reader.index = header.body.lowerBound
    var next = header.first
    var records: [RecordCodec.Stored] = []
    for position in positions {
      guard position >= next, position <= header.last else { break }
      do throws(CBORError) {
        while next < position {
          _ = try reader.content(0x40, block)
          next = next.next
        }
        let range = try reader.content(0x40, block)
        next = next.next
        guard range.upperBound <= header.body.upperBound else { throw .truncated }
        let bytes = Array(copying: block.extracting(range))
        records.append(try decode(bytes[...], position, header.baseTime))
      } catch {
        throw failure(error, at: position)
      }
    }
    return records
  }

  private static func unpacked(
    _ positions: ArraySlice<Position>, _ block: Span<UInt8>, _ header: BlockHeader,
    _ packed: PackedParts
  ) throws(JournalError) -> [RecordCodec.Stored] {
    var decoder = CBORDecoder(try BlockPacking.open(of: block, header, packed))
    var texts = PackedTexts(Array(copying: block.extracting(packed.texts))[...])
    var next = header.first
    var records: [RecordCodec.Stored] = []
    for position in positions {
      guard position >= next, position <= header.last else { break }
      do throws(CBORError) {
        while next < position {
          _ = try decoder.bytes()
          next = next.next
        }
        next = next.next
        let index = Int(position.raw - header.first.raw)
        records.append(
          try RecordCodec.decode(
            try decoder.bytes(), position: position, baseTime: header.baseTime
          ) { () throws(CBORError) in try texts.find(index) })
      } catch {
        throw failure(error, at: position)
      }
    }
    return records
  }

  /// A record by its stored bytes, its checksum included.
  static func record(
    _ stored: ArraySlice<UInt8>, _ position: Position, _ baseTime: Instant
  ) throws(CBORError) -> Record {
    try decode(stored, position, baseTime).record
  }

  /// Where the hash is in a block.
  static func hash(of block: [UInt8]) -> ArraySlice<UInt8> { block.suffix(BLAKE2b.length) }

  /// What a block's hash should be, after the block with another.
  static func link(of block: [UInt8], after previous: [UInt8]) -> [UInt8] {
    blake2b256(previous: previous, block.dropLast(BlockHeader.hashBytes))
  }

  private static func decode(
    _ bytes: ArraySlice<UInt8>, _ position: Position, _ baseTime: Instant
  ) throws(CBORError) -> RecordCodec.Stored {
    try RecordCodec.decode(try checked(bytes), position: position, baseTime: baseTime)
  }

  /// What follows a record's checksum.
  private static func checked(
    _ bytes: ArraySlice<UInt8>
  ) throws(CBORError) -> ArraySlice<UInt8> {
    guard bytes.count > RecordCodec.checksumBytes else { throw .truncated }
    let content = bytes.dropFirst(RecordCodec.checksumBytes)
    var expected: UInt32 = 0
    for byte in bytes.prefix(RecordCodec.checksumBytes).reversed() {
      expected = expected << 8 | UInt32(byte)
    }
    guard crc32Checksum(content) == expected else { throw .checksumMismatch }
    return content
  }

  /// In words.
  static func failure(_ error: CBORError, at position: Position) -> JournalError {
    switch error {
    case .unknownEvent(let type, let version):
      .unknownEvent(position, type: type, version: version)
    case .checksumMismatch: .damage(position, "the record's checksum does not fit")
    case .truncated, .unexpectedType, .notCanonical, .tooDeep, .invalidUTF8, .outOfRange,
      .trailingBytes, .invalidValue:
      .damage(position, "the record cannot be read (\(error))")
    }
  }
}

/// The link of the chain: over the previous block's hash and this block's bytes before its own.
func blake2b256(previous: [UInt8], _ bytes: ArraySlice<UInt8>) -> [UInt8] {
  let hash = BLAKE2b()
  hash.update(previous)
  hash.update(bytes)
  return hash.finish()
}
