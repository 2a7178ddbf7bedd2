package import Domain
internal import Synchronization

extension Journal {
  /// Gives the entry's events their positions and times, and queues them for the next transaction.
  ///
  /// Synchronous and quick: nothing waits for the disk. Throws BUSY when a bound of the queue is
  /// reached, or when the same idempotency key is on its way or stored; INVALID for what could
  /// never be written; nothing was enqueued then.
  package func enqueue(_ entry: JournalEntry) throws(Rejection) -> [Record] {
    precondition(!entry.drafts.isEmpty, "an entry has at least one event")
    let bytes = try checkedSize(of: entry)
    let digest = entry.request.map { RequestCodec.digest(of: $0.key) }
    let (records, waiting) = try queue.withLock { queue throws(Rejection) in
      try admit(entry, bytes, digest, queue)
      let time = max(queue.lastTime, entry.time ?? clock.now)
      let records = makeRecords(entry, after: queue.last, at: time)
      queue.append(
        .init(
          records: records, drafts: entry.drafts, request: entry.request, requestDigest: digest,
          bytes: bytes))
      queue.last = records[records.count - 1].position
      queue.lastTime = time
      setEnqueued(queue.last)
      return (records, queue.waitingEvents)
    }
    announce(records.count, waiting: waiting)
    return records
  }

  private func makeRecords(
    _ entry: JournalEntry, after last: Position, at time: Instant
  ) -> [Record] {
    var records: [Record] = []
    records.reserveCapacity(entry.drafts.count)
    var position = last
    var sequence = entry.firstSequence
    for draft in entry.drafts {
      position = position.next
      records.append(
        Record(
          position: position, time: time, actor: entry.actor, entity: entry.entity,
          sequence: sequence, event: draft.event, hasSecret: draft.secret != nil))
      sequence += 1
    }
    return records
  }

  private func checkedSize(of entry: JournalEntry) throws(Rejection) -> Int {
    if entry.drafts.count > limits.transactionEventsMax {
      throw Rejection(
        .invalid, "a command may cause at most \(limits.transactionEventsMax) events")
    }
    if let request = entry.request, request.key.count > limits.requestKeyBytesMax {
      throw Rejection(
        .invalid, "an idempotency key has at most \(limits.requestKeyBytesMax) bytes")
    }
    var bytes = 0
    for draft in entry.drafts {
      precondition(
        EventType(draft.event).entityKind == EntityKind(of: entry.entity),
        "an event belongs to an entity of its kind")
      let size = JournalLimits.recordBytes(of: draft, ownedBy: entry.entity)
      if size > limits.recordBytesMax {
        throw Rejection(.invalid, "an event may have at most \(limits.recordBytesMax) bytes")
      }
      bytes += size
    }
    if bytes > limits.queuedBytesMax {
      throw Rejection(
        .invalid, "a command may cause at most \(limits.queuedBytesMax) bytes of events")
    }
    return bytes
  }

  private func admit(
    _ entry: JournalEntry, _ bytes: Int, _ digest: [UInt8]?, _ queue: borrowing JournalQueue
  ) throws(Rejection) {
    if queue.isStopping { throw Rejection(.busy, "the server is shutting down") }
    if queue.waitingEvents + entry.drafts.count > limits.queuedEventsMax
      || queue.waitingBytes + bytes > limits.queuedBytesMax
    {
      throw Rejection(.busy, "too many events wait for the disk, try again")
    }
    guard let digest else { return }
    // Whoever looked the key up before has to look again: the first answer counts.
    let name = JournalQueue.RequestName(user: entry.actor, digest: digest)
    if queue.requests[name] != nil {
      throw Rejection(.busy, "a request with the same key is on its way, try again")
    }
    let stored: StoredRequest?
    do throws(JournalError) {
      let now = max(queue.lastTime, clock.now)
      stored = try storedRequest(of: entry.actor, digest: digest, now: now)
    } catch {
      throw Rejection(.error, "\(error)")
    }
    if stored != nil {
      throw Rejection(.busy, "a request with the same key has just been answered, try again")
    }
  }

  /// Queues a new key for a person. It is durable before any record that is sealed with it. For a
  /// person who has a key already nothing changes.
  ///
  /// Whoever is without a key when a text of theirs is written gets one then: so past the bound of
  /// the queue this does nothing.
  package func createKey(for user: UserID) {
    let key = random.bytes(Sealer.keyBytes)
    queue.withLock { queue in
      if queue.keys.count < limits.queuedEventsMax { queue.keys.append((user, key)) }
    }
  }

  /// Whether `destroyKey` was called for this person; not for one who never had a key.
  package func isKeyDestroyed(of user: UserID) throws(JournalError) -> Bool {
    try log.keys.key(of: user) == .destroyed
  }

  /// Those of these people for whom there is no key and never was one. Takes and gives them
  /// ascending; one pass over all keys.
  package func withoutKey(_ users: [UserID]) throws(JournalError) -> [UserID] {
    if users.isEmpty { return [] }
    var missing: [UserID] = []
    var next = 0
    try log.keys.forEach { user, _ throws(JournalError) in
      while next < users.count, users[next] < user {
        missing.append(users[next])
        next += 1
      }
      if next < users.count, users[next] == user { next += 1 }
    }
    return missing + users[next...]
  }

  /// Erases everything that a person's key has sealed. `LMDBKeyStore` says what is guaranteed.
  ///
  /// Text of theirs that waits to be written is sealed with a key that nobody keeps.
  package func destroyKey(of user: UserID) throws(JournalError) {
    queue.withLock { queue in queue.keys.removeAll { $0.user == user } }
    try log.keys.destroy(user)
    if !Mutation.textOutlivesErasure.isPlanted { secrets.removeAll() }
    for forget in forgetters.withLock({ $0 }) { forget() }
  }
}
