internal import Domain

/// Reads blocks: all records in one pass, or one of them without copying the rest.
enum BlockDecoder {
  /// All records of a block, checksums checked; `body` gets each with its sealed text.
  static func forEachRecord(
    in block: [UInt8], _ header: BlockHeader,
    _ body: (RecordCodec.Stored) throws(JournalError) -> Void
  ) throws(JournalError) {
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

  /// The stored bytes of all records of a block, checksums checked and taken off, as they are.
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

  /// One record of a block: its stored bytes copied, nothing else.
  static func record(
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

  /// Those of some ascending positions that are in a block: each of them copied, nothing else.
  static func records(
    at positions: ArraySlice<Position>, in block: Span<UInt8>, _ header: BlockHeader
  ) throws(JournalError) -> [RecordCodec.Stored] {
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

  /// A record by its stored bytes, its checksum included.
  static func record(
    _ stored: ArraySlice<UInt8>, _ position: Position, _ baseTime: Instant
  ) throws(CBORError) -> Record {
    try decode(stored, position, baseTime).record
  }

  /// Where the hash is in a block.
  static func hash(of block: [UInt8]) -> ArraySlice<UInt8> { block.suffix(BLAKE2b.length) }

  private static func decode(
    _ bytes: ArraySlice<UInt8>, _ position: Position, _ baseTime: Instant
  ) throws(CBORError) -> RecordCodec.Stored {
    try RecordCodec.decode(try checked(bytes), position: position, baseTime: baseTime)
  }

  /// What follows a record's checksum.
  private static func checked(
    _ bytes: ArraySlice<UInt8>
  ) throws(CBORError) -> ArraySlice<UInt8> {
    guard bytes.count > 4 else { throw .truncated }
    let content = bytes.dropFirst(4)
    var expected: UInt32 = 0
    for byte in bytes.prefix(4).reversed() { expected = expected << 8 | UInt32(byte) }
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
