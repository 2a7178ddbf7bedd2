internal import Domain

/// Reads blocks: all records in one pass, or one of them without copying the rest.
enum BlockDecoder {
  /// All records of a block, checksums checked; `body` gets each with its sealed text.
  static func forEachRecord(
    in block: [UInt8], _ header: BlockHeader,
    _ body: (RecordCodec.Stored) throws(JournalError) -> Void
  ) throws(JournalError) {
    var decoder = CBORDecoder(block[header.body])
    var position = header.first
    for _ in 0..<header.count {
      let stored: RecordCodec.Stored
      do throws(CBORError) {
        stored = try decode(try decoder.bytes(), position, header.baseTime)
      } catch {
        throw .damage(position, words(for: error))
      }
      try body(stored)
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
      throw .damage(position, words(for: error))
    }
  }

  /// Where the hash is in a block.
  static func hash(of block: [UInt8]) -> ArraySlice<UInt8> { block.suffix(BLAKE2b.length) }

  private static func decode(
    _ bytes: ArraySlice<UInt8>, _ position: Position, _ baseTime: Instant
  ) throws(CBORError) -> RecordCodec.Stored {
    guard bytes.count > 4 else { throw .truncated }
    let content = bytes.dropFirst(4)
    var expected: UInt32 = 0
    for byte in bytes.prefix(4).reversed() { expected = expected << 8 | UInt32(byte) }
    guard crc32Checksum(content) == expected else { throw .checksumMismatch }
    return try RecordCodec.decode(content, position: position, baseTime: baseTime)
  }

  private static func words(for error: CBORError) -> String {
    switch error {
    case .checksumMismatch: "the record's checksum does not fit"
    case .truncated, .unexpectedType, .notCanonical, .tooDeep, .invalidUTF8, .outOfRange,
      .trailingBytes, .invalidValue:
      "the record cannot be read (\(error))"
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
