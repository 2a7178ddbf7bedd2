internal import Engine

/// Sends the requests of one source over many connections and measures until each reply.
///
/// Closed: each connection has `pipeline` requests on the way, and sends another for each reply;
/// what is measured begins with the sending. Open: requests are due at even distances, each on the
/// next connection, and are measured from the moment when they were due, also if they could not be
/// sent then because `pipeline` others were on the way: so a server that stalls is charged for all
/// whom it keeps waiting (coordinated omission).
final class RequestRun {
  /// How long replies are waited for after the end of an open run.
  private static let drainSecondsMax = 10.0
  private static let waitNanosecondsMax: UInt64 = 50_000_000

  private struct Lane {
    let connection: LoadConnection
    var due = 0
    var sent = 0
    var answered = 0
    /// Replies of the request that is being answered.
    var replies = 0
    /// When the requests on the way were sent, in a ring; closed only.
    var starts: [UInt64]
    var isSending = false
    var isOpen = true
  }

  private let options: LoadOptions
  private var source: any RequestSource
  private var lanes: [Lane]
  private let poller: Poller
  private let pipeline: Int
  private let repliesPerRequest: Int
  /// Between two requests that are due, in nanoseconds; 0 if closed.
  private let interval: Double
  private var start: UInt64 = 0
  private var measured: Range<UInt64> = 0..<0
  private var nextDue = 0
  private var lastArrival: UInt64 = 0
  private var tally = Tally()

  init(
    _ connections: [LoadConnection], _ source: any RequestSource, _ options: LoadOptions
  ) throws {
    self.options = options
    self.source = source
    pipeline = options.pipeline
    repliesPerRequest = source.repliesPerRequest
    interval = if case .open(let rate) = options.pacing { 1e9 / rate } else { 0 }
    let isClosed = options.pacing == .closed
    lanes = connections.map {
      Lane(connection: $0, starts: isClosed ? Array(repeating: 0, count: options.pipeline) : [])
    }
    poller = try Poller()
    for (number, connection) in connections.enumerated() {
      try poller.add(connection.socket, as: number)
    }
  }

  /// Runs to the end: what was measured.
  func run() throws -> [(String, JSON)] {
    start = Stopwatch.nanoseconds
    let from = start + UInt64(options.warmup * 1e9)
    measured = from..<from + UInt64(options.seconds * 1e9)
    if interval == 0 {
      for lane in lanes.indices { try send(lane, count: pipeline, at: start) }
    }
    var usage = UsageMeter(serverPID: options.serverPID)
    try go(until: measured.lowerBound)
    usage.begin()
    try go(until: measured.upperBound)
    // What became due since the last look.
    if interval > 0 { _ = try sendDue(measured.upperBound) }
    let used = usage.json
    try drain()
    return tally.json(seconds: seconds) + used
  }

  /// Of the measured time; longer where replies came after its end.
  private var seconds: Double {
    let end = interval == 0 ? measured.upperBound : max(measured.upperBound, lastArrival)
    return Double(end - measured.lowerBound) / 1e9
  }

  private func go(until end: UInt64) throws {
    while true {
      let now = Stopwatch.nanoseconds
      guard now < end else { return }
      var wait = min(end - now, Self.waitNanosecondsMax)
      if interval > 0 { wait = min(wait, try sendDue(now)) }
      try turn(wait)
    }
  }

  private func turn(_ nanoseconds: UInt64) throws {
    for ready in poller.wait(nanoseconds: nanoseconds) {
      if ready.canSend { try flush(ready.number) }
      if ready.canReceive { try receive(ready.number) }
    }
  }

  // MARK: Open

  private func dueTime(_ number: Int) -> UInt64 { start + UInt64(Double(number) * interval) }

  /// Sends what is due by now; the nanoseconds until more is.
  private func sendDue(_ now: UInt64) throws -> UInt64 {
    while dueTime(nextDue) <= now, dueTime(nextDue) < measured.upperBound {
      let lane = nextDue % lanes.count
      nextDue += 1
      lanes[lane].due += 1
      if lanes[lane].isOpen {
        try sendWaiting(lane)
      } else {
        note(code: "CLOSED", at: dueTime(nextDue - 1))
      }
    }
    let next = dueTime(nextDue)
    return next > now ? next - now : 0
  }

  /// What is due and was not sent, as far as the pipeline has room.
  private func sendWaiting(_ lane: Int) throws {
    let room = pipeline - (lanes[lane].sent - lanes[lane].answered)
    let count = min(room, lanes[lane].due - lanes[lane].sent)
    if count > 0 { try send(lane, count: count, at: 0) }
  }

  /// Waits for the replies of an open run that are still to come; counts those that do not.
  private func drain() throws {
    guard interval > 0 else { return }
    let end = Stopwatch.nanoseconds + UInt64(Self.drainSecondsMax * 1e9)
    while lanes.contains(where: { $0.isOpen && $0.answered < $0.due }), Stopwatch.nanoseconds < end
    {
      try turn(Self.waitNanosecondsMax)
    }
    for lane in lanes.indices where lanes[lane].isOpen {
      while lanes[lane].answered < lanes[lane].due {
        note(code: "UNANSWERED", at: started(lane))
        lanes[lane].answered += 1
      }
    }
  }

  // MARK: Connections

  private func send(_ lane: Int, count: Int, at now: UInt64) throws {
    for _ in 0..<count {
      source.append(for: lane, to: &lanes[lane].connection.output)
      if interval == 0 { lanes[lane].starts[lanes[lane].sent % pipeline] = now }
      lanes[lane].sent += 1
    }
    try flush(lane)
  }

  private func flush(_ lane: Int) throws {
    do {
      let isDone = try lanes[lane].connection.flush()
      if isDone == lanes[lane].isSending {
        lanes[lane].isSending = !isDone
        poller.change(lanes[lane].connection.socket, as: lane, alsoSending: !isDone)
      }
    } catch {
      try close(lane)
    }
  }

  private func receive(_ lane: Int) throws {
    guard lanes[lane].isOpen else { return }
    let before = lanes[lane].answered
    let isOpen = try lanes[lane].connection.receive { found, reply, arrival in
      if case .error(let range) = found { note(error: reply, range, lane) }
      lanes[lane].replies += 1
      guard lanes[lane].replies == repliesPerRequest else { return }
      lanes[lane].replies = 0
      let began = started(lane)
      lanes[lane].answered += 1
      let counts = interval == 0 ? measured.contains(arrival) : measured.contains(began)
      guard counts else { return }
      lastArrival = arrival
      if case .value = found { tally.note(nanoseconds: arrival - began) }
    }
    guard isOpen else { return try close(lane) }
    if interval > 0 {
      try sendWaiting(lane)
    } else {
      try send(lane, count: lanes[lane].answered - before, at: Stopwatch.nanoseconds)
    }
  }

  /// When the request that is being answered began.
  private func started(_ lane: Int) -> UInt64 {
    let number = lanes[lane].answered
    return interval == 0
      ? lanes[lane].starts[number % pipeline] : dueTime(number * lanes.count + lane)
  }

  private func note(error reply: ArraySlice<UInt8>, _ range: Range<Int>, _ lane: Int) {
    let now = Stopwatch.nanoseconds
    guard measured.contains(interval == 0 ? now : started(lane)) else { return }
    tally.note(error: reply[range])
  }

  private func note(code: String, at began: UInt64) {
    if measured.contains(began) { tally.note(code: code) }
  }

  private func close(_ lane: Int) throws {
    guard lanes[lane].isOpen else { return }
    lanes[lane].isOpen = false
    poller.remove(lanes[lane].connection.socket)
    tally.note(code: "CLOSED", count: lanes[lane].sent - lanes[lane].answered)
    guard lanes.contains(where: \.isOpen) else {
      throw BenchError("the server closed all connections")
    }
  }
}
