internal import Domain

/// Takes a block's body apart and puts it together again: what is open, to be compressed, and the
/// sealed texts, which nothing makes smaller.
///
/// The body is what is hashed, in the chain of a plain block and in the tree of any. A packed block
/// holds the same events: put together, every byte of the body is what it was.
enum BlockPacking {
  /// A body taken apart.
  struct Parts {
    /// Of each event its record without checksum, as a CBOR byte string, `true` in the place of
    /// its text.
    var open = CBOREncoder()
    /// Of each text the index of its event, and its bytes.
    var texts = CBOREncoder()
  }

  /// What stands before a record's sealed text.
  private static let elementsBeforeText = 7

  // MARK: Apart

  /// The events of a body that a block may have.
  static func split(_ body: [UInt8], count: Int) throws(CBORError) -> Parts {
    var parts = Parts()
    var decoder = CBORDecoder(body)
    for index in 0..<count {
      let content = try decoder.bytes().dropFirst(RecordCodec.checksumBytes)
      guard let text = try textRange(in: content) else {
        parts.open.bytes(content)
        continue
      }
      var sealed = CBORDecoder(content[text])
      parts.texts.uint(UInt64(index))
      parts.texts.bytes(try sealed.bytes())
      parts.open.bytesHead(content.count - text.count + 1)
      parts.open.encoded(content[..<text.lowerBound])
      parts.open.bool(true)
      parts.open.encoded(content[text.upperBound...])
    }
    try decoder.finish()
    return parts
  }

  /// Where the element of a record is that its text is, or stands for it; nil without text.
  private static func textRange(in content: ArraySlice<UInt8>) throws(CBORError) -> Range<Int>? {
    var decoder = CBORDecoder(content)
    guard try decoder.array() > elementsBeforeText else { return nil }
    for _ in 0..<elementsBeforeText { try decoder.skip() }
    if decoder.isNull { return nil }
    let start = decoder.index
    try decoder.skip()
    return start..<decoder.index
  }

  // MARK: Together

  /// A block as a plain one: its body, and where that is in the bytes. Of a packed block the
  /// body alone; of a plain one the block as it is.
  static func plain(
    _ block: [UInt8], _ header: BlockHeader
  ) throws(JournalError) -> (bytes: [UInt8], header: BlockHeader) {
    guard let packed = header.packed else { return (block, header) }
    let open = try open(of: block.span, header, packed)
    var header = header
    do throws(CBORError) {
      let body = try join(open, block[packed.texts], count: header.count)
      header.body = body.indices
      header.packed = nil
      return (body, header)
    } catch {
      throw damage(header, "\(error)")
    }
  }

  private static func join(
    _ open: [UInt8], _ texts: ArraySlice<UInt8>, count: Int
  ) throws(CBORError) -> [UInt8] {
    var body = CBOREncoder(reserving: open.count + texts.count + count * RecordCodec.checksumBytes)
    var decoder = CBORDecoder(open)
    var texts = PackedTexts(texts)
    var whole = CBOREncoder()
    for index in 0..<count {
      let content = try decoder.bytes()
      guard let marker = try textRange(in: content) else {
        body.record(content)
        continue
      }
      var mark = CBORDecoder(content[marker])
      guard try mark.bool() else { throw .invalidValue }
      whole.reset()
      whole.encoded(content[..<marker.lowerBound])
      whole.bytes(try texts.next(of: index))
      whole.encoded(content[marker.upperBound...])
      body.record(whole.bytes[...])
    }
    try decoder.finish()
    try texts.finish()
    return body.bytes
  }

  // MARK: The open part

  /// The open part of a packed block, after a look at the block's checksum.
  static func open(
    of block: Span<UInt8>, _ header: BlockHeader, _ packed: PackedParts
  ) throws(JournalError) -> [UInt8] {
    guard crc32Checksum(block.extracting(first: packed.checkedEnd)) == packed.checksum else {
      throw .damage(header.first, "the checksum of its block does not fit")
    }
    let frame = block.extracting(packed.open)
    guard let open = ZstdPool.shared.decompress(frame, count: packed.openBytes) else {
      throw damage(header, "its open part does not have \(packed.openBytes) bytes")
    }
    return open
  }

  static func damage(_ header: BlockHeader, _ problem: String) -> JournalError {
    .damage(header.first, "its block cannot be unpacked (\(problem))")
  }
}

/// Reads the texts of a packed block, in their order.
struct PackedTexts {
  private var decoder: CBORDecoder

  init(_ texts: ArraySlice<UInt8>) { decoder = CBORDecoder(texts) }

  /// The sealed text of the event with this index, which must be the next one that has any.
  mutating func next(of index: Int) throws(CBORError) -> ArraySlice<UInt8> {
    guard try decoder.uint() == UInt64(index) else { throw .invalidValue }
    return try decoder.bytes()
  }

  /// The same, wherever it is from here on.
  mutating func find(_ index: Int) throws(CBORError) -> ArraySlice<UInt8> {
    while true {
      let found = try decoder.uint()
      let text = try decoder.bytes()
      if found == UInt64(index) { return text }
      guard found < UInt64(index) else { throw .invalidValue }
    }
  }

  /// Throws unless all were read.
  func finish() throws(CBORError) { try decoder.finish() }

  /// Finds one in a block without copying the others; nil if it is not there, or if what is there
  /// cannot be read: whoever reads it checks the block then.
  static func find(_ index: Int, in block: Span<UInt8>, _ packed: PackedParts) -> [UInt8]? {
    var reader = SpanReader()
    reader.index = packed.texts.lowerBound
    while reader.index < packed.texts.upperBound {
      guard let found = try? reader.head(0x00, block), found <= UInt64(index),
        let text = try? reader.content(0x40, block), text.upperBound <= packed.texts.upperBound
      else { return nil }
      if found == UInt64(index) { return Array(copying: block.extracting(text)) }
    }
    return nil
  }
}

extension CBOREncoder {
  /// A record as it is in a body: its checksum before it.
  mutating func record(_ content: ArraySlice<UInt8>) {
    bytesHead(RecordCodec.checksumBytes + content.count)
    let checksum = crc32Checksum(content)
    for byte in 0..<RecordCodec.checksumBytes {
      self.byte(UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte))))
    }
    encoded(content)
  }
}
