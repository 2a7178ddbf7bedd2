internal import Domain

/// Follows the chain: that every block is there, linked to the one before and whole.
struct ContentChecker {
  private let disk: any JournalDisk

  init(disk: any JournalDisk) { self.disk = disk }

  /// Where the journal ends. Throws the first damage.
  func head(checking check: ContentCheck) throws(JournalError) -> JournalHead {
    switch check {
    case .full:
      var chain = Chain()
      while try step(&chain) {}
      try checkRequests()
      _ = try TreeAudit.checkStored(disk)
      return try head(hash: chain.hash)
    case .tail, .upTo:
      return try head(hash: nil)
    }
  }

  /// How far the chain has been followed.
  struct Chain {
    var position = Position.zero
    var hash = JournalFormat.genesisHash
    var time = Instant(ms: .min)
    var bytes = 0
  }

  /// Checks the next block, which `body` gets as it is stored; false at the end.
  func step(
    _ chain: inout Chain, _ body: ([UInt8], BlockHeader) throws(JournalError) -> Void = { _, _ in }
  ) throws(JournalError) -> Bool {
    let next = chain.position.next
    guard let (first, bytes) = try disk.block(atOrBefore: next), first == next.raw else {
      let last = try disk.withBlock(atOrBefore: Position(.max)) { first, _ in first }
      guard let last, last >= next.raw else { return false }
      throw .damage(next, "its block is missing")
    }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    let hash = BlockDecoder.link(of: bytes, after: chain.hash)
    guard Self.isEqual(hash, BlockDecoder.hash(of: bytes)) else {
      throw .damage(next, "the hash of its block does not fit")
    }
    guard header.baseTime >= chain.time else {
      throw .damage(next, "its time is before that of the event before")
    }
    try body(bytes, header)
    chain.position = header.last
    chain.hash = hash
    chain.time = header.baseTime
    chain.bytes += bytes.count
    return true
  }

  /// Every stored request fits its checksum.
  func checkRequests() throws(JournalError) {
    try disk.forEachRequest { key, value throws(JournalError) in
      _ = try RequestCodec.decode(value, key: key)
    }
  }

  private func head(hash: [UInt8]?) throws(JournalError) -> JournalHead {
    guard let (first, bytes) = try disk.block(atOrBefore: Position(.max)) else { return .empty }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    var time = header.baseTime
    try BlockDecoder.forEachRecord(in: bytes, header) { stored in time = stored.record.time }
    if hash == nil { try checkLink(bytes, header) }
    let isCut = Mutation.batchTailLost.isPlanted && header.count > 1
    return JournalHead(
      position: isCut ? Position(header.last.raw - 1) : header.last,
      hash: Array(BlockDecoder.hash(of: bytes)), time: time,
      formatVersion: try FormatEntry.of(disk)?.version ?? JournalFormat.version,
      blocks: try disk.blockCount())
  }

  /// The link of the last block alone, when the chain before it is not followed.
  private func checkLink(_ bytes: [UInt8], _ header: BlockHeader) throws(JournalError) {
    var previous = JournalFormat.genesisHash
    if header.first > Position(1) {
      let before = Position(header.first.raw - 1)
      guard let (_, block) = try disk.block(atOrBefore: before) else {
        throw .damage(before, "its block is missing")
      }
      previous = Array(BlockDecoder.hash(of: block))
    }
    let hash = BlockDecoder.link(of: bytes, after: previous)
    guard Self.isEqual(hash, BlockDecoder.hash(of: bytes)) else {
      throw .damage(header.first, "the hash of its block does not fit")
    }
  }

  private static func isEqual(_ hash: [UInt8], _ stored: ArraySlice<UInt8>) -> Bool {
    hash.elementsEqual(stored) || Mutation.blockHashSkipped.isPlanted
  }
}
