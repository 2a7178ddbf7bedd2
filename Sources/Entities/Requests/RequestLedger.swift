package import Domain
package import Journal

/// Makes a command with an idempotency key happen once: knows the keys in flight, and asks the
/// journal for the older ones.
///
/// A key belongs to the person who uses it; that person's shard keeps the ledger.
package actor RequestLedger {
  /// What becomes of a keyed command.
  package enum Admission: Sendable {
    /// Run it, then call `finish`.
    case run
    /// It has run: this is the reply, once `position` is durable.
    case repeated(Gated<Outcome>)
  }

  /// Keys in flight at once, over all people of the shard; more get BUSY.
  package static let inFlightMax = 65_536

  private struct Key: Hashable {
    var user: UserID
    var key: [UInt8]
  }

  private enum Entry {
    case running(digest: [UInt8], waiters: [CheckedContinuation<Void, Never>])
    case answered(digest: [UInt8], Gated<Outcome>)
  }

  private let executor: any SerialExecutor
  private let journal: Journal
  private var entries: [Key: Entry] = [:]

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(journal: Journal, executor: any SerialExecutor) {
    self.journal = journal
    self.executor = executor
  }

  /// Decides whether a keyed command runs. Waits while the same key runs on another connection.
  /// Throws CONFLICT for a key that was used with other arguments, or with arguments that are not
  /// known any more.
  package func admit(_ request: RequestKey, of user: UserID) async throws -> Admission {
    let key = Key(user: user, key: request.key)
    while let entry = entries[key] {
      switch entry {
      case .answered(let digest, let answer):
        try Self.compare(digest, request)
        return .repeated(answer)
      case .running(let digest, _):
        try Self.compare(digest, request)
        await withCheckedContinuation { wait(for: key, $0) }
      }
    }
    if let stored = try journal.request(of: user, key: request.key) {
      try Self.compare(stored.argumentsDigest, request)
      return .repeated(Gated(stored.outcome, after: stored.position, changed: false))
    }
    if entries.count >= Self.inFlightMax { forget(through: journal.durable) }
    guard entries.count < Self.inFlightMax else {
      throw Rejection(.busy, "too many requests with a key are under way, try again")
    }
    entries[key] = .running(digest: request.argumentsDigest, waiters: [])
    return .run
  }

  /// Ends what `admit` let run: with the reply, or with nil when the command was refused.
  package func finish(_ request: RequestKey, of user: UserID, with answer: Gated<Outcome>?) {
    let key = Key(user: user, key: request.key)
    guard case .running(let digest, let waiters) = entries[key] else { return }
    entries[key] = answer.map { .answered(digest: digest, $0) }
    for waiter in waiters { waiter.resume() }
  }

  /// Forgets what the journal can answer by now.
  package func forget(through durable: Position) {
    guard !entries.isEmpty else { return }
    entries = entries.filter { entry in
      if case .answered(_, let answer) = entry.value { return answer.position > durable }
      return true
    }
  }

  private func wait(for key: Key, _ continuation: CheckedContinuation<Void, Never>) {
    guard case .running(let digest, let waiters) = entries[key] else {
      return continuation.resume()
    }
    entries[key] = .running(digest: digest, waiters: waiters + [continuation])
  }

  private static func compare(_ digest: [UInt8], _ request: RequestKey) throws(Rejection) {
    guard !digest.isEmpty else {
      throw Rejection(.conflict, "this key was used, and its answer is not known any more")
    }
    guard digest == request.argumentsDigest else {
      throw Rejection(.conflict, "this key was used for another request")
    }
  }
}
