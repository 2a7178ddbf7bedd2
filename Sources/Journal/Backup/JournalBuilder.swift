package import Domain
internal import Glibc

/// Makes the journal and the keys of a new data directory, in order and from outside of commands:
/// for what restores and re-imports.
///
/// Nothing of it is durable before `finish`; whoever uses it gives the directory its name after
/// that. Holds some megabytes of blocks. Use from one thread.
package final class JournalBuilder {
  /// Of blocks in a transaction.
  private static let transactionBytes = 8 << 20
  /// Keys in a transaction.
  private static let transactionKeys = 16_384

  private let directory: String
  private let disk: LMDBDisk
  private let keys: LMDBKeyStore
  private let hasher = TreeHasher()
  private var batch = DiskBatch()
  private var batchBytes = 0
  private var waitingKeys: [(user: UserID, lookup: KeyLookup)] = []
  private var tree = MountainRange()
  /// Of the newest block.
  private(set) var hash = JournalFormat.genesisHash
  /// Of the newest event.
  package private(set) var time = Instant(ms: .min)

  /// In a directory that is there and empty.
  package init(directory: String, created: Instant) throws(JournalError) {
    self.directory = directory
    let (journal, keys) = (directory + "/journal", directory + "/keys")
    for path in [journal, keys] { try FileSystem.makeDirectory(path) }
    try LMDBKeyStore.create(path: keys)
    try LMDBDisk.create(path: journal, createdAt: created)
    disk = try LMDBDisk(path: journal, .init(isSyncedLater: true, mapBytes: 256 << 20))
    do throws(JournalError) {
      self.keys = try LMDBKeyStore(directory: directory)
    } catch {
      disk.close()
      throw error
    }
  }

  deinit { close() }

  package var position: Position { Position(tree.size) }

  /// Of the tree over everything so far.
  package var root: TreeHash { tree.root(hasher) }

  /// Takes a block that is linked to the one before, as the caller has checked.
  func append(
    _ block: Block, endingAt time: Instant, requests: [(key: [UInt8], value: [UInt8])]
  ) throws(JournalError) {
    precondition(block.first == position.next, "blocks come in order")
    // Every transaction appends a block, the last one too.
    if batchBytes >= Self.transactionBytes { try commit() }
    try tree.append(block.plain, block.header, hasher) {
      batch.meta.append(TreeCodec.encode($0, $1))
    }
    hash = Array(BlockDecoder.hash(of: block.bytes))
    self.time = time
    batch.blocks.append((block.first, block.bytes))
    batch.requests += requests
    batchBytes += block.bytes.count
  }

  /// Takes answers of requests that end in what was appended or is to be.
  func add(_ requests: [(key: [UInt8], value: [UInt8])]) { batch.requests += requests }

  /// People in ascending order, each once.
  package func add(_ user: UserID, _ lookup: KeyLookup) throws(JournalError) {
    waitingKeys.append((user, lookup))
    if waitingKeys.count >= Self.transactionKeys { try flushKeys() }
  }

  private func commit() throws(JournalError) {
    guard !batch.blocks.isEmpty else { return }
    batch.meta.append(TreeCodec.encode(tree))
    batch.purgeRequestsBefore = RequestCodec.outdatedBefore(time)
    batch.purgeRequestsMax = batch.requests.count + 1
    try disk.commit(batch)
    batch = DiskBatch()
    batchBytes = 0
  }

  private func flushKeys() throws(JournalError) {
    guard !waitingKeys.isEmpty else { return }
    try keys.restore(waitingKeys)
    waitingKeys = []
  }

  /// Makes everything durable under the directory's present name, and closes it.
  package func finish() throws(JournalError) {
    try commit()
    try flushKeys()
    try disk.sync()
    close()
    for path in [directory + "/journal", directory + "/keys", directory] {
      try FileSystem.syncDirectory(path)
    }
  }

  private func close() {
    disk.close()
    keys.close()
  }
}

/// The first events of a block as a block of its own.
///
/// Base time, salt and the events' bytes are the same, so each event's leaf in the tree is what it
/// was, and every root of the tree up to there; only the block's own hash is another.
enum BlockCut {
  static func cut(
    _ block: Block, to count: Int, previousHash: [UInt8]
  ) throws(JournalError) -> Block {
    precondition((1...block.header.count).contains(count), "a part of a block has events")
    var header = block.header
    var end = header.body.lowerBound
    do throws(CBORError) {
      var reader = SpanReader()
      reader.index = end
      for _ in 0..<count { end = try reader.content(0x40, block.plain.span).upperBound }
    } catch {
      throw .damage(header.first, "the record cannot be read (\(error))")
    }
    header.count = count
    let body = Array(block.plain[header.body.lowerBound..<end])
    return BlockWriter.block(
      header, body: body, BlockWriter.pack(body, count: count), previousHash: previousHash)
  }
}
