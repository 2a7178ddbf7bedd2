internal import Domain

/// Packs records into blocks, seals their text and links each block to the one before.
struct BlockEncoder {
  /// What waits in the current block, with where it ends in the body.
  private struct Item {
    var record: Record
    var secret: Secret?
    var key: [UInt8]?
    var requestDigest: [UInt8]?
    var end = 0
    /// Of sealed text, up to its end.
    var texts = 0
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
  private var texts = 0
  private var scratch = CBOREncoder()
  /// How much smaller packing made what is open of the newest packed block: so that `packedSize`
  /// of it was right.
  private var ratio: Double?
  /// How many bytes the current block should have once it is packed; nil while it is not clear that
  /// it will be.
  private var goal: Int?

  init(previousHash: [UInt8], blockBytesMax: Int, random: any RandomSource) {
    precondition(2 * blockBytesMax <= PackedParts.openBytesMax, "what is packed can be read")
    hash = previousHash
    self.blockBytesMax = blockBytesMax
    self.random = random
  }

  /// Appends the next record. `key` is the actor's, for a record with text.
  mutating func append(
    _ record: Record, secret: Secret?, key: [UInt8]?, requestDigest: [UInt8]?
  ) {
    var item = Item(record: record, secret: secret, key: key, requestDigest: requestDigest)
    append(&item)
  }

  private mutating func append(_ item: inout Item) {
    if items.isEmpty { begin(item.record) }
    var sealed = encode(item)
    if count > 0, isFull(with: scratch.bytes.count, sealed: sealed) {
      closeBlock()
      // What was cut off may have begun the next one.
      if items.isEmpty { begin(item.record) }
      sealed = encode(item)
    }
    body.record(scratch.bytes[...])
    texts += sealed
    item.end = body.bytes.count
    item.texts = texts
    items.append(item)
  }

  /// Whether the block that is being filled has no room for another record. Finds out on the way
  /// how small it becomes.
  private mutating func isFull(with record: Int, sealed: Int) -> Bool {
    // 9: the heads of the record's byte string and checksum.
    let size = body.bytes.count + record + 9
    guard BlockHeader.overheadMax + size > blockBytesMax else { return false }
    if goal == nil {
      if ratio == nil { _ = pack() }
      guard let ratio else { return true }
      goal = PageFit.whole(
        Self.packedSize(body.bytes.count, texts: texts, count: count, ratio: ratio))
    }
    guard let goal, let ratio, size <= 2 * blockBytesMax else { return true }
    return Self.packedSize(size, texts: texts + sealed, count: count + 1, ratio: ratio) > goal
  }

  /// Ends the transaction: the block that is being filled, in two or three where that fits LMDB's
  /// pages much better. The rest of a cut is sealed anew, since its nonces belong to its block.
  mutating func finish() {
    while count > 0 {
      let size = BlockHeader.overheadMax + body.bytes.count
      if let packed = pack() {
        closeBlock(packed, goal: PageFit.cut(packed.size) ?? packed.size)
      } else if size > blockBytesMax {
        closeBlock()
      } else {
        finishPlain(cutAt: PageFit.cut(size))
      }
    }
  }

  private mutating func finishPlain(cutAt cut: Int?) {
    let room = (cut ?? .max) - BlockHeader.overheadMax
    let rest = take(after: items.lastIndex { $0.end <= room } ?? count - 1)
    finishBlock(nil)
    for var item in rest { append(&item) }
  }

  // MARK: Packing

  /// What is being filled, packed; nil if it stays plain.
  private mutating func pack() -> BlockWriter.Packed? {
    guard let packed = BlockWriter.pack(body.bytes, count: count) else { return nil }
    let open = Self.openBytes(body.bytes.count, texts: texts, count: count)
    ratio = Double(packed.size - PackedParts.overheadMax - texts) / Double(open)
    return packed
  }

  /// About how many bytes a packed block has, of so many events whose body and sealed texts have so
  /// many.
  private static func packedSize(_ body: Int, texts: Int, count: Int, ratio: Double) -> Int {
    let open = openBytes(body, texts: texts, count: count)
    return PackedParts.overheadMax + texts + Int(Double(open) * ratio)
  }

  private static func openBytes(_ body: Int, texts: Int, count: Int) -> Int {
    body - texts - RecordCodec.checksumBytes * count
  }

  /// Ends the block that is being filled because it is full.
  private mutating func closeBlock() {
    if let packed = pack() { return closeBlock(packed, goal: goal ?? packed.size) }
    let room = blockBytesMax - BlockHeader.overheadMax
    let rest = take(after: items.lastIndex { $0.end <= room } ?? 0)
    finishBlock(nil)
    for var item in rest { append(&item) }
  }

  /// Ends the block that is being filled, without those events that are too many for the goal: they
  /// begin the next one.
  private mutating func closeBlock(_ found: BlockWriter.Packed, goal: Int) {
    var packed: BlockWriter.Packed? = found
    var rest: [Item] = []
    for _ in 0..<Self.cutsMax {
      guard let size = packed?.size, size > goal, let ratio else { break }
      let kept = items.indices.last { index in
        // Fewer events are packed a little worse.
        let size = Self.packedSize(
          items[index].end, texts: items[index].texts, count: index + 1, ratio: ratio * 1.01)
        return size + 16 <= goal
      }
      guard let kept, kept < count - 1 else { break }
      rest = take(after: kept) + rest
      packed = pack()
    }
    finishBlock(packed)
    for var item in rest { append(&item) }
  }

  /// Of one block, until it fits its pages.
  private static let cutsMax = 3

  /// Takes back the events after one of them.
  private mutating func take(after kept: Int) -> [Item] {
    let rest = Array(items[(kept + 1)...])
    items.removeSubrange((kept + 1)...)
    body.truncate(to: items[kept].end)
    texts = items[kept].texts
    return rest
  }

  // MARK: Blocks

  /// Ends the block that is being filled.
  private mutating func finishBlock(_ packed: BlockWriter.Packed?) {
    let header = BlockHeader(
      first: first, count: count, baseTime: baseTime, salt: salt, body: body.bytes.indices)
    finished.append(
      BlockWriter.block(header, body: body.bytes, packed, previousHash: hash))
    hash = Array(BlockDecoder.hash(of: finished[finished.count - 1].bytes))
    body.reset()
    items.removeAll(keepingCapacity: true)
    texts = 0
    goal = nil
  }

  private mutating func begin(_ record: Record) {
    first = record.position
    baseTime = record.time
    salt = []
  }

  /// Encodes into `scratch`. How many bytes of it are sealed text.
  private mutating func encode(_ item: Item) -> Int {
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
    return sealed?.count ?? 0
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

  /// What fills the pages that so many bytes need.
  static func whole(_ bytes: Int) -> Int {
    (bytes + headerBytes + pageBytes - 1) / pageBytes * pageBytes - headerBytes
  }
}
