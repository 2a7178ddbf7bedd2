internal import Domain

/// Finds requests that have no answer among the events and answers of a journal that is copied, and
/// gives them one that says so: every request that may be repeated has its entry.
///
/// Memory: the requests of one block.
struct RequestRuns {
  private struct Run {
    var user: UserID
    var digest: [UInt8]
    var position: Position
    var time: Instant
    var isAnswered = false

    var key: [UInt8] {
      RequestCodec.key(day: RequestCodec.day(of: time), user: user, digest: digest)
    }
  }

  /// Requests before this day need none.
  private let firstDay: Int64
  /// The one whose events are being passed.
  private var open: Run?
  /// By their keys; they have ended and have no answer yet.
  private var ended: [[UInt8]: Run] = [:]

  init(since firstDay: Int64 = .min) { self.firstDay = firstDay }

  /// Takes the next event.
  mutating func add(_ record: Record, digest: some Collection<UInt8>) {
    if var run = open, run.user == record.actor, digest.elementsEqual(run.digest) {
      run.position = record.position
      run.time = record.time
      run.isAnswered = false
      open = run
    } else {
      close()
      open = Run(
        user: record.actor, digest: Array(digest), position: record.position, time: record.time)
    }
  }

  /// The next event belongs to no request, or there is none.
  mutating func close() {
    guard let run = open else { return }
    open = nil
    if !run.isAnswered, RequestCodec.day(of: run.time) >= firstDay { ended[run.key] = run }
  }

  /// Takes the answer of a request whose last event was passed.
  mutating func answered(_ key: [UInt8]) {
    ended[key] = nil
    if open?.key == key { open?.isAnswered = true }
  }

  /// Entries for those that have ended without one, in the order of their keys. Each once.
  mutating func missing() -> [(key: [UInt8], value: [UInt8])] {
    defer { ended = [:] }
    return ended.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, run in
      let request = StoredRequest.unknown(endingAt: run.position, run.time)
      return (key, RequestCodec.encode(request, key: key))
    }
  }
}
