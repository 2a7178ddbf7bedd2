internal import Domain

/// Packs records into blocks, seals their text and links each block to the one before.
struct BlockEncoder {
  /// A finished block.
  struct Block {
    var first: Position
    var bytes: [UInt8]
  }

  /// What waits in the current block, with where it ends in the body.
  private struct Item {
    var record: Record
    var secret: Secret?
    var key: [UInt8]?
    var requestDigest: [UInt8]?
    var end: Int
  }

  private let blockBytesMax: Int
  private let random: any RandomSource
  private(set) var finished: [Block] = []
  /// The hash of the newest finished block.
  private(set) var hash: [UInt8]

  private var first = Position.zero
  private var items: [Item] = []
  private var count: Int { items.count }
  private var baseTime = Instant(ms: 0)
  private var salt: [UInt8] = []
  private var body = CBOREncoder()
  private var scratch = CBOREncoder()

  init(previousHash: [UInt8], blockBytesMax: Int, random: any RandomSource) {
    hash = previousHash
    self.blockBytesMax = blockBytesMax
    self.random = random
  }

  /// Appends the next record. `key` is the actor's, for a record with text.
  mutating func append(
    _ record: Record, secret: Secret?, key: [UInt8]?, requestDigest: [UInt8]?
  ) {
    var item = Item(
      record: record, secret: secret, key: key, requestDigest: requestDigest, end: 0)
    append(&item)
  }

  private mutating func append(_ item: inout Item) {
    if items.isEmpty { begin(item.record) }
    encode(item)
    // 9: the heads of the record's byte string and checksum.
    let size = BlockHeader.overheadMax + body.bytes.count + scratch.bytes.count + 9
    if size > blockBytesMax, count > 0 {
      finishBlock()
      begin(item.record)
      encode(item)
    }
    body.bytesHead(4 + scratch.bytes.count)
    let checksum = crc32Checksum(scratch.bytes)
    for byte in 0..<4 { body.byte(UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte)))) }
    body.encoded(scratch.bytes)
    item.end = body.bytes.count
    items.append(item)
  }

  /// Ends the transaction: the block that is being filled, in two or three where that fits LMDB's
  /// pages much better. The rest of a cut is sealed anew, since its nonces belong to its block.
  mutating func finish() {
    while let cut = PageFit.cut(BlockHeader.overheadMax + body.bytes.count) {
      let room = cut - BlockHeader.overheadMax
      guard let kept = items.lastIndex(where: { $0.end <= room }), kept < items.count - 1 else {
        break
      }
      let rest = items[(kept + 1)...]
      items.removeSubrange((kept + 1)...)
      body.truncate(to: items[kept].end)
      finishBlock()
      for item in rest {
        var item = item
        append(&item)
      }
    }
    finishBlock()
  }

  /// Ends the block that is being filled, if there is one.
  private mutating func finishBlock() {
    guard count > 0 else { return }
    var block = CBOREncoder(reserving: body.bytes.count + BlockHeader.overheadMax)
    block.array(7)
    block.uint(JournalFormat.blockVersion)
    block.uint(first.raw)
    block.uint(UInt64(count))
    block.int(baseTime.ms)
    block.bytes(salt)
    block.bytes(body.bytes)
    hash = blake2b256(previous: hash, block.bytes[...])
    block.bytes(hash)
    finished.append(Block(first: first, bytes: block.bytes))
    body.reset()
    items.removeAll(keepingCapacity: true)
  }

  private mutating func begin(_ record: Record) {
    first = record.position
    baseTime = record.time
    salt = []
  }

  private mutating func encode(_ item: Item) {
    let record = item.record
    var sealed: [UInt8]?
    if let secret = item.secret, let key = item.key {
      if salt.isEmpty { salt = random.bytes(BlockHeader.saltBytes) }
      sealed = Sealer(key: key, position: record.position, actor: record.actor)
        .seal(secret, nonce: Sealer.nonce(salt: salt, index: count))
    }
    scratch.reset()
    RecordCodec.encode(
      record, baseTime: baseTime, sealed: sealed, requestDigest: item.requestDigest,
      into: &scratch)
  }
}

/// Sizes of values that LMDB stores with little waste on pages of 4 096 bytes: small ones inside a
/// tree page, two or more to a page, larger ones on whole pages of their own.
enum PageFit {
  static let pageBytes = 4_096
  /// Two such values, with their nodes' heads and keys, fill a tree page.
  static let inlineBytesMax = 2_016
  /// The header of the first page of a long value.
  static let headerBytes = 16
  /// Wasting less than this is cheaper than another block.
  static let wasteBytesMax = 1_024

  /// Where to cut a block of so many bytes; nil to leave it whole.
  static func cut(_ bytes: Int) -> Int? {
    guard bytes > inlineBytesMax else { return nil }
    let pages = (bytes + headerBytes + pageBytes - 1) / pageBytes
    guard pages * pageBytes - headerBytes - bytes > wasteBytesMax else { return nil }
    return pages == 1 ? inlineBytesMax : (pages - 1) * pageBytes - headerBytes
  }
}
