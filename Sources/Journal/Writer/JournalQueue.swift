internal import Domain

/// Entries between `enqueue` and their transaction; kept under the journal's lock.
struct JournalQueue {
  struct Pending {
    var records: [Record]
    /// Beside the records, as given.
    var drafts: [Draft]
    var request: RequestTag?
    var requestDigest: [UInt8]?
    var bytes: Int
  }

  /// Who used which key, by its digest.
  struct RequestName: Hashable {
    var user: UserID
    var digest: [UInt8]
  }

  /// Taken by the writer, not durable yet.
  private(set) var inFlight: [Pending] = []
  private(set) var waiting: [Pending] = []
  private(set) var waitingEvents = 0
  private(set) var waitingBytes = 0
  /// Of entries waiting or in flight.
  private(set) var requests: [RequestName: StoredRequest] = [:]
  var keys: [(user: UserID, key: [UInt8])] = []
  var last: Position
  var lastTime: Instant
  var isStopping = false

  init(after head: JournalHead) {
    last = head.position
    lastTime = head.time
  }

  mutating func append(_ pending: Pending) {
    waitingEvents += pending.records.count
    waitingBytes += pending.bytes
    if let request = pending.request, let digest = pending.requestDigest {
      let record = pending.records[pending.records.count - 1]
      requests[RequestName(user: record.actor, digest: digest)] = StoredRequest(
        position: record.position, argumentsDigest: request.argumentsDigest,
        outcome: request.outcome, time: record.time)
    }
    waiting.append(pending)
  }

  /// The next transaction: whole entries, up to a number of events.
  mutating func take(eventsMax: Int) -> [Pending] {
    var events = 0
    var count = 0
    var bytes = 0
    for pending in waiting {
      guard events + pending.records.count <= eventsMax else { break }
      events += pending.records.count
      bytes += pending.bytes
      count += 1
    }
    if count == waiting.count {
      inFlight = waiting
      waiting = []
      // The next transaction is about as large: room at once, not by doubling.
      waiting.reserveCapacity(count)
    } else {
      inFlight = Array(waiting[..<count])
      waiting.removeFirst(count)
    }
    waitingEvents -= events
    waitingBytes -= bytes
    return inFlight
  }

  /// What was taken is durable. Returns it, to be let go of outside of the lock: that takes longer
  /// than everything else in here.
  mutating func settle() -> [Pending] {
    if !requests.isEmpty {
      for pending in inFlight {
        guard let digest = pending.requestDigest else { continue }
        requests[RequestName(user: pending.records[0].actor, digest: digest)] = nil
      }
    }
    defer { inFlight = [] }
    return inFlight
  }

  /// An entry that is not durable yet, with the index of the position in it.
  func pending(at position: Position) -> (pending: Pending, index: Int)? {
    Self.find(position, in: inFlight) ?? Self.find(position, in: waiting)
  }

  private static func find(
    _ position: Position, in entries: [Pending]
  ) -> (pending: Pending, index: Int)? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].records[0].position <= position { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let found = entries[low - 1]
    let index = Int(position.raw - found.records[0].position.raw)
    return index < found.records.count ? (found, index) : nil
  }
}
