internal import Domain

/// Holds the idempotency index against the events, both ways: every entry belongs to a request
/// whose events say the same, and every request that is not too old has its entry.
///
/// Memory: one batch of entries; everything else is looked up.
struct RequestAudit {
  /// Entries read at once.
  static let batchMax = 1_024
  /// Findings after this many are not looked for.
  static let findingsMax = 16

  /// What the events of one request say, from the last of them.
  private struct Request {
    var position: Position
    var time: Instant
    var user: UserID
    var digest: [UInt8]
  }

  private let log: CommittedLog
  /// Requests of this day and later must have their entries, unless days pass meanwhile.
  private let firstKeptDay: Int64
  /// The request whose events are being passed.
  private var open: Request?
  private(set) var findings: [Finding] = []

  init(_ log: CommittedLog) {
    self.log = log
    firstKeptDay = Self.firstKeptDay(log)
  }

  // MARK: From the events to the index

  /// Takes the next record.
  mutating func add(_ stored: RecordCodec.Stored) throws(JournalError) {
    guard let digest = stored.requestDigest else { return try finish() }
    if let open, open.user != stored.record.actor || !digest.elementsEqual(open.digest) {
      try finish()
    }
    open = Request(
      position: stored.record.position, time: stored.record.time, user: stored.record.actor,
      digest: Array(digest))
  }

  /// The request that was open is complete.
  mutating func finish() throws(JournalError) {
    guard let request = open else { return }
    open = nil
    let day = RequestCodec.day(of: request.time)
    guard findings.count < Self.findingsMax, day >= firstKeptDay else { return }
    let key = RequestCodec.key(day: day, user: request.user, digest: request.digest)
    guard let value = try log.disk.request(key) else {
      // Beside a running server, it may have grown too old meanwhile.
      if day >= Self.firstKeptDay(log) {
        find(
          request.position,
          "it lacks the key of the request of user:\(request.user) that ends there")
      }
      return
    }
    guard let entry = try? RequestCodec.decode(value, key: key) else { return }
    if entry.position != request.position || entry.time != request.time {
      find(
        request.position,
        "the request of user:\(request.user) ends there, but its entry says position "
          + "\(entry.position)")
    }
  }

  /// By the newest event; where that cannot be read, the chain has more to say than the index.
  private static func firstKeptDay(_ log: CommittedLog) -> Int64 {
    let last = try? ContentChecker(disk: log.disk).head(checking: .tail)
    guard let last else { return .max }
    return RequestCodec.day(of: last.time) - RequestCodec.daysKept
  }

  // MARK: From the index to the events

  /// Every entry fits its checksum and what the events say.
  mutating func checkEntries() throws(JournalError) {
    var last: [UInt8] = []
    while findings.count < Self.findingsMax {
      let entries = try log.disk.requests(after: last, max: Self.batchMax)
      guard let newest = entries.last else { return }
      for (key, value) in entries where findings.count < Self.findingsMax {
        do throws(JournalError) {
          let entry = try RequestCodec.decode(value, key: key)
          if let problem = try problem(of: entry, key) { find(entry.position, problem) }
        } catch {
          guard case .damaged(let finding) = error else { throw error }
          findings.append(finding)
        }
      }
      last = newest.key
    }
  }

  /// What an entry says that its events do not.
  private func problem(of entry: StoredRequest, _ key: [UInt8]) throws(JournalError) -> String? {
    let user = RequestCodec.user(of: key)
    let name = "the entry of a key of user:\(user)"
    guard let stored = try log.stored(at: entry.position)?.stored else {
      return "\(name) says that its request ends there, where there is no event"
    }
    let record = stored.record
    guard record.actor == user else {
      return "\(name) names an event of user:\(record.actor)"
    }
    guard let digest = stored.requestDigest, digest.elementsEqual(key[12...]) else {
      return "\(name) names an event of another request"
    }
    guard record.time == entry.time,
      key.starts(with: bigEndianBytes(UInt32(truncatingIfNeeded: RequestCodec.day(of: entry.time))))
    else { return "\(name) has another time than its event" }
    let next = try log.stored(at: entry.position.next)?.stored
    if let next, next.record.actor == user, let digest = next.requestDigest,
      digest.elementsEqual(key[12...])
    {
      return "\(name) says that its request ends there, but it goes on"
    }
    return record.canAnswer(entry.outcome)
      ? nil : "\(name) keeps an answer that the event cannot have led to"
  }

  private mutating func find(_ position: Position, _ problem: String) {
    findings.append(Finding("the idempotency index", at: position, problem))
  }
}

extension Record {
  /// Whether a request whose last event this is can have been answered so, as far as the event
  /// alone tells: an identifier must be one that the event names, the word of a follow is that of
  /// its kind.
  fileprivate func canAnswer(_ outcome: Outcome) -> Bool {
    switch (outcome, event) {
    case (_, .user(.requestAnswered)), (.ok, _), (.count, _): true
    case (.word(let word), .user(.followed)): word == "following"
    case (.word(let word), .user(.followRequested)): word == "requested"
    case (.word, _): true
    case (.id(let id), _): id == ownID || id == namedID
    }
  }

  private var ownID: UInt64? {
    switch entity {
    case .user(let id): id.raw
    case .post(let id): id.raw
    case .chat(let id): id.raw
    case .tag: nil
    }
  }

  /// What the event brings into being beside its entity.
  private var namedID: UInt64? {
    switch event {
    case .user(.tokenIssued(let id, _, _, _)): id.raw
    case .user(.mediaAdded(let id, _)): id.raw
    case .user(.listMade(let id)): id.raw
    case .user(.reported(let id, _, _)): id.raw
    case .post(.shared(let id, _)): id.raw
    case .chat(.said(let id, _, _)): id.raw
    case .user, .post, .chat, .tag: nil
    }
  }
}
