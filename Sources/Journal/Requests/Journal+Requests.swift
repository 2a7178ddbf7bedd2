package import Domain
internal import Synchronization

extension Journal {
  /// The first answer under an idempotency key, for at least 24 hours; durable or on its way: its
  /// position says which.
  package func request(
    of user: UserID, key: [UInt8]
  ) throws(JournalError) -> StoredRequest? {
    let digest = RequestCodec.digest(of: key)
    let name = JournalQueue.RequestName(user: user, digest: digest)
    let (pending, last) = queue.withLock { ($0.requests[name], $0.lastTime) }
    if let pending { return pending }
    return try storedRequest(of: user, digest: digest, now: max(last, clock.now))
  }

  func storedRequest(
    of user: UserID, digest: [UInt8], now: Instant
  ) throws(JournalError) -> StoredRequest? {
    let today = RequestCodec.day(of: now)
    for day in stride(from: today, through: max(0, today - RequestCodec.daysKept), by: -1) {
      let key = RequestCodec.key(day: day, user: user, digest: digest)
      if let value = try log.disk.request(key) {
        return try RequestCodec.decode(value, key: key)
      }
    }
    return nil
  }
}
