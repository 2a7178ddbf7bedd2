package import Domain

/// Writes events that were exported into a new journal: the same positions, times and fields, with
/// new keys and salts. Use from one thread.
package final class JournalComposer {
  /// In one run of blocks.
  private static let runEvents = 8_192

  private let builder: JournalBuilder
  private let random: any RandomSource
  private static let limits = JournalLimits()
  private var keys: [UserID: [UInt8]] = [:]
  private var erased: Set<UserID> = []
  private var run: [RecordLine] = []
  private var last = Position.zero
  private var lastTime = Instant(ms: .min)
  private var requests = RequestRuns()

  package init(_ builder: JournalBuilder, random: any RandomSource) {
    self.builder = builder
    self.random = random
  }

  /// Takes the next event. Throws one sentence where it is not the next.
  package func append(_ line: RecordLine) throws {
    let record = line.record
    if let problem = Self.refusal(of: line, after: last, lastTime) { throw JSONError(problem) }
    follow(line.request, of: record)
    last = record.position
    lastTime = record.time
    if line.text == .erased { erased.insert(record.actor) }
    if case .user(.erased) = record.event, case .user(let user) = record.entity {
      erased.insert(user)
    }
    run.append(line)
    if run.count >= Self.runEvents { try flush() }
  }

  /// Why an event cannot follow one at this position and time, in one sentence; nil if it can.
  static func refusal(
    of line: RecordLine, after last: Position, _ lastTime: Instant
  ) -> String? {
    let record = line.record
    guard record.position == last.next else {
      return "it has position \(record.position), but \(last.next) is due"
    }
    guard record.time >= lastTime else { return "its time is before that of the event before" }
    let secret: Secret? = if case .text(let secret) = line.text { secret } else { nil }
    let bytes = JournalLimits.recordBytes(
      of: Draft(record.event, secret: secret), ownedBy: record.entity)
    let bytesMax = limits.recordBytesMax
    return bytes <= bytesMax ? nil : "an event may have at most \(bytesMax) bytes"
  }

  /// A request may have no answer: it was too old when it was exported, or goes on after the end.
  private func follow(_ request: ExportedRequest?, of record: Record) {
    guard let request else { return requests.close() }
    requests.add(record, digest: request.digest)
    if request.answer != nil { requests.answered(requestKey(request, of: record)) }
  }

  private func requestKey(_ request: ExportedRequest, of record: Record) -> [UInt8] {
    RequestCodec.key(
      day: RequestCodec.day(of: record.time), user: record.actor, digest: request.digest)
  }

  /// Writes what waits and the keys. Once; the builder is finished by its owner.
  package func finish() throws {
    try flush()
    requests.close()
    builder.add(requests.missing())
    for user in Set(keys.keys).union(erased).sorted() {
      if erased.contains(user) {
        try builder.add(user, .destroyed)
      } else if let key = keys[user] {
        try builder.add(user, .key(key))
      }
    }
  }

  private func flush() throws(JournalError) {
    guard let first = run.first else { return }
    var encoder = BlockEncoder(
      previousHash: builder.hash, blockBytesMax: Self.limits.blockBytesMax, random: random)
    for line in run {
      let secret = secret(of: line)
      encoder.append(
        line.record, secret: secret, key: secret == nil ? nil : key(of: line.record.actor),
        requestDigest: line.request?.digest)
    }
    encoder.finish()
    for block in encoder.finished {
      let header = block.header
      let start = Int(header.first.raw - first.record.position.raw)
      let lines = run[start..<(start + header.count)]
      try builder.append(
        block, endingAt: run[start + header.count - 1].record.time,
        requests: lines.compactMap(request))
    }
    builder.add(requests.missing())
    run = []
  }

  /// What was erased or withheld is nothing, but sealed: that there was text is part of what folds
  /// see.
  private func secret(of line: RecordLine) -> Secret? {
    switch line.text {
    case .none: nil
    case .text(let secret): secret
    case .erased, .withheld: Secret([:])
    }
  }

  private func key(of user: UserID) -> [UInt8] {
    if let key = keys[user] { return key }
    let key = random.bytes(Sealer.keyBytes)
    keys[user] = key
    return key
  }

  private func request(_ line: RecordLine) -> (key: [UInt8], value: [UInt8])? {
    guard let request = line.request, let answer = request.answer else { return nil }
    let key = requestKey(request, of: line.record)
    return (key, RequestCodec.encode(answer, key: key))
  }
}
