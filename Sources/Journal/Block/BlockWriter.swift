internal import Domain

/// A finished block.
struct Block: Sendable {
  /// As it is stored.
  var bytes: [UInt8]
  /// As a plain one, for who reads its events: see `BlockPacking.plain`.
  var plain: [UInt8]
  /// Of the plain one.
  var header: BlockHeader

  var first: Position { header.first }
}

/// Puts the bytes of a block together, plain or packed.
enum BlockWriter {
  /// The two parts of a packed block.
  struct Packed {
    var open: [UInt8]
    /// Before it was compressed.
    var openBytes: Int
    var texts: [UInt8]

    /// How many bytes the block will have, at most.
    var size: Int { PackedParts.overheadMax + open.count + texts.count }
  }

  /// Nil where the block stays plain: with one event, where LMDB stores it inside of a tree page
  /// anyway, which packing would cost more than it gives, and where it would not become smaller.
  static func pack(_ body: [UInt8], count: Int) -> Packed? {
    guard count > 1, BlockHeader.overheadMax + body.count > PageFit.inlineBytesMax,
      let parts = try? BlockPacking.split(body, count: count),
      parts.open.bytes.count <= PackedParts.openBytesMax
    else { return nil }
    let packed = Packed(
      open: ZstdPool.shared.compress(parts.open.bytes), openBytes: parts.open.bytes.count,
      texts: parts.texts.bytes)
    return packed.size < body.count ? packed : nil
  }

  /// A block of these events; what the header says of their place is not looked at.
  static func block(
    _ header: BlockHeader, body: [UInt8], _ packed: Packed?, previousHash: [UInt8]
  ) -> Block {
    var header = header
    var block = CBOREncoder(reserving: packed?.size ?? body.count + BlockHeader.overheadMax)
    block.array(packed == nil ? BlockHeader.plainElements : PackedParts.elements)
    block.uint(packed == nil ? JournalFormat.blockVersion : JournalFormat.packedBlockVersion)
    block.uint(header.first.raw)
    block.uint(UInt64(header.count))
    block.int(header.baseTime.ms)
    block.bytes(header.salt)
    if let packed {
      block.uint(UInt64(packed.openBytes))
      block.bytes(packed.open)
      block.bytes(packed.texts)
      block.bytes(littleEndianBytes(crc32Checksum(block.bytes)))
      header.body = body.indices
    } else {
      block.bytes(body)
      header.body = (block.bytes.count - body.count)..<block.bytes.count
    }
    block.bytes(blake2b256(previous: previousHash, block.bytes[...]))
    return Block(bytes: block.bytes, plain: packed == nil ? block.bytes : body, header: header)
  }
}
