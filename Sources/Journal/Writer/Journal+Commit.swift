internal import Domain
internal import Glibc
internal import Synchronization

extension Journal {
  /// One step of the writer: takes what is queued, makes new keys durable, seals, encodes, commits,
  /// publishes. Returns the number of events; 0 if there was nothing to do.
  ///
  /// The writer's thread loops over it; simulation calls it itself. Not from two threads.
  package func commitQueued() throws(JournalError) -> Int {
    let committed = try writer.withLock { writer throws(JournalError) -> Committed? in
      if let failure = writer.failure { throw .failed("\(failure)") }
      do throws(JournalError) {
        return try commit(&writer)
      } catch {
        writer.failure = error
        throw error
      }
    }
    guard let committed else { return 0 }
    publish(committed.records, committed.head)
    return committed.records.count
  }

  private struct Committed {
    var records: [Record]
    var head: JournalHead
  }

  private func commit(_ writer: inout WriterState) throws(JournalError) -> Committed? {
    let (entries, newKeys) = queue.withLock { queue in
      let keys = queue.keys
      queue.keys = []
      return (queue.take(eventsMax: limits.transactionEventsMax), keys)
    }
    let keys = try prepareKeys(for: entries, newKeys)
    guard !entries.isEmpty else { return nil }
    var encoder = BlockEncoder(
      previousHash: writer.hash, blockBytesMax: limits.blockBytesMax, random: random)
    var batch = DiskBatch()
    var records: [Record] = []
    records.reserveCapacity(entries.count)
    for entry in entries {
      for (index, record) in entry.records.enumerated() {
        let secret = entry.drafts[index].secret
        encoder.append(
          record, secret: secret, key: secret == nil ? nil : keys[record.actor],
          requestDigest: entry.requestDigest)
      }
      records.append(contentsOf: entry.records)
      if let request = stored(entry) { batch.requests.append(request) }
    }
    encoder.finish()
    batch.blocks = encoder.finished.map { ($0.first, $0.bytes) }
    let last = records[records.count - 1]
    batch.purgeRequestsBefore = RequestCodec.outdatedBefore(last.time)
    batch.purgeRequestsMax = limits.requestsPurgedMax
    let tree = try grow(&batch, encoder.finished, writer)
    if let format = writer.raisedFormat { batch.meta.append((FormatEntry.key, format.bytes)) }
    let began = monotonicNanoseconds()
    try log.disk.commit(batch)
    meter.note(
      events: records.count, bytes: batch.blocks.reduce(0) { $0 + $1.bytes.count },
      nanoseconds: monotonicNanoseconds() - began)
    writer.hash = encoder.hash
    writer.tree = tree
    writer.unwrittenNodes = []
    writer.raisedFormat = nil
    writer.hasUnsynced = true
    let blocks = head.blocks + UInt64(batch.blocks.count)
    let newHead = JournalHead(
      position: last.position, hash: encoder.hash, time: last.time,
      formatVersion: JournalFormat.version, blocks: blocks)
    return Committed(records: records, head: newHead)
  }

  /// The tree with the blocks of a transaction, which gets what is to be stored of it.
  private func grow(
    _ batch: inout DiskBatch, _ blocks: [Block], _ writer: WriterState
  ) throws(JournalError) -> MountainRange {
    let hasher = TreeHasher()
    var tree = writer.tree
    var nodes = writer.unwrittenNodes
    for block in blocks {
      try tree.append(block.plain, block.header, hasher) { nodes.append(($0, $1)) }
    }
    batch.meta = nodes.map { TreeCodec.encode($0.node, $0.hash) } + [TreeCodec.encode(tree)]
    return tree
  }

  private func stored(_ entry: JournalQueue.Pending) -> (key: [UInt8], value: [UInt8])? {
    guard let request = entry.request, let digest = entry.requestDigest,
      let last = entry.records.last, !Mutation.keyForgotten.isPlanted
    else { return nil }
    let key = RequestCodec.key(
      day: RequestCodec.day(of: last.time), user: last.actor, digest: digest)
    let stored = StoredRequest(
      position: last.position, argumentsDigest: request.argumentsDigest,
      outcome: request.outcome, time: last.time)
    return (key, RequestCodec.encode(stored, key: key))
  }

  /// The keys of all whose text is about to be sealed; new ones are durable when this returns.
  private func prepareKeys(
    for entries: [JournalQueue.Pending], _ created: [(user: UserID, key: [UInt8])]
  ) throws(JournalError) -> [UserID: [UInt8]] {
    var keys: [UserID: [UInt8]] = [:]
    var new: [(user: UserID, key: [UInt8])] = []
    for (user, key) in created where keys[user] == nil {
      guard try log.keys.key(of: user) == .absent else { continue }
      new.append((user, key))
      keys[user] = key
    }
    for entry in entries where entry.drafts.contains(where: { $0.secret != nil }) {
      let actor = entry.records[0].actor
      guard keys[actor] == nil else { continue }
      switch try log.keys.key(of: actor) {
      case .key(let key):
        keys[actor] = key
      case .destroyed:
        // Erased while this text was on its way: the text goes the same way.
        keys[actor] = random.bytes(Sealer.keyBytes)
      case .absent:
        let key = random.bytes(Sealer.keyBytes)
        new.append((actor, key))
        keys[actor] = key
      }
    }
    try log.keys.add(new)
    return keys
  }

  /// Makes durable what was committed, with `Durability.interval`; else that is so already.
  package func sync() throws(JournalError) {
    try writer.withLock { writer throws(JournalError) in
      if let failure = writer.failure { throw .failed("\(failure)") }
      guard writer.hasUnsynced else { return }
      do throws(JournalError) {
        try log.disk.sync()
      } catch {
        writer.failure = error
        throw error
      }
      writer.hasUnsynced = false
    }
  }

  /// Prints one sentence and ends the process at once: what a failed write calls for.
  @Sendable package static func endProcess(_ error: JournalError) {
    endProcess("\(error); the process ends, since it can no longer keep what it accepts")
  }

  /// The same with a sentence of one's own.
  package static func endProcess(_ reason: String) -> Never {
    let sentence = "roost: \(reason)\n"
    let bytes = Array(sentence.utf8)
    _ = unsafe write(2, bytes, bytes.count)
    // Not an abort: there is nothing to debug, and a core would hold what people wrote.
    _exit(1)
  }
}
