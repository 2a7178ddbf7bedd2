internal import Engine

/// How long others' posts take to be seen while the most popular account posts, and without that.
///
/// Every post is measured from when it was due until a reply with HOME of its author's last
/// follower, on another connection, holds it; that follower asks again at once until then.
final class CelebrityRun {
  private static let waitNanosecondsMax: UInt64 = 50_000_000
  private static let drainSecondsMax = 30.0
  private static let rateDefault = 100.0

  private let options: LoadOptions
  private let rate: Double
  private let lanes: [PostLane]
  /// The most popular account's, after all others.
  private let celebrity: PostLane
  private let poller: Poller

  static func run(_ options: LoadOptions) throws -> [(String, JSON)] {
    ProcessFigures.sharpenTimers()
    return try CelebrityRun(options).go()
  }

  private init(_ options: LoadOptions) throws {
    self.options = options
    rate = if case .open(let rate) = options.pacing { rate } else { Self.rateDefault }
    let tokens = try options.readTokens()
    let accounts = try tokens.accounts(followers: options.followers)
    lanes = try (0..<options.connections).map {
      try PostLane(accounts[$0 % accounts.count], options.address)
    }
    celebrity = try PostLane(tokens.largest, options.address)
    poller = try Poller()
    for (number, lane) in (lanes + [celebrity]).enumerated() {
      try poller.add(lane.author.socket, as: 2 * number)
      try poller.add(lane.follower.socket, as: 2 * number + 1)
    }
  }

  private func go() throws -> [(String, JSON)] {
    _ = try phase(seconds: options.warmup, withCelebrity: false)
    var usage = UsageMeter(serverPID: options.serverPID)
    usage.begin()
    let without = try phase(seconds: options.seconds, withCelebrity: false)
    let with = try phase(seconds: options.seconds, withCelebrity: true)
    let used = usage.json
    let (before, after) = (
      without.others.histogram.value(at: 0.99), with.others.histogram.value(at: 0.99)
    )
    return [
      ("followers", .int(Int64(options.followers))), ("rate", .decimal(rate)),
      ("celebrity_rate", .decimal(options.celebrityRate)),
      ("without", .object(without.others.json(seconds: options.seconds))),
      ("with", .object(with.others.json(seconds: options.seconds))),
      ("celebrity", .object(with.celebrity.json(seconds: options.seconds))),
      ("p99_ratio", .decimal(Double(after) / Double(max(1, before)))),
      ("error_count", .int(Int64(without.errorCount + with.errorCount))),
    ] + used
  }

  private struct Phase {
    var others = Tally()
    var celebrity = Tally()

    var errorCount: Int { others.errorCount + celebrity.errorCount }
  }

  private func phase(seconds: Double, withCelebrity: Bool) throws -> Phase {
    let start = Stopwatch.nanoseconds
    let end = start + UInt64(seconds * 1e9)
    var due = DueTimes(from: start, rate: rate, until: end)
    var celebrityDue = DueTimes(from: start, rate: options.celebrityRate, until: end)
    var phase = Phase()
    let stop = end + UInt64(Self.drainSecondsMax * 1e9)
    while true {
      let now = Stopwatch.nanoseconds
      // A lane that is not free now takes later what is due: measured from when it was.
      for lane in lanes where lane.isIdle {
        guard let time = due.take(now) else { break }
        try lane.post(due: time)
      }
      if withCelebrity, celebrity.isIdle, let time = celebrityDue.take(now) {
        try celebrity.post(due: time)
      }
      let isOver =
        due.next == nil && (!withCelebrity || celebrityDue.next == nil)
        && lanes.allSatisfy(\.isIdle) && celebrity.isIdle
      if isOver { return phase }
      guard now < stop else { throw BenchError("posts did not become visible in time") }
      try turn(wait(now, due, withCelebrity ? celebrityDue : nil), &phase)
    }
  }

  /// The nanoseconds until somebody who is free has something to do.
  private func wait(_ now: UInt64, _ due: DueTimes, _ celebrityDue: DueTimes?) -> UInt64 {
    var next = now + Self.waitNanosecondsMax
    if let time = due.next, lanes.contains(where: \.isIdle) { next = min(next, time) }
    if let time = celebrityDue?.next, celebrity.isIdle { next = min(next, time) }
    return next > now ? next - now : 0
  }

  private func turn(_ nanoseconds: UInt64, _ phase: inout Phase) throws {
    for ready in poller.wait(nanoseconds: nanoseconds) where ready.canReceive {
      let isCelebrity = ready.number / 2 == lanes.count
      let lane = isCelebrity ? celebrity : lanes[ready.number / 2]
      try lane.receive(isAuthor: ready.number.isMultiple(of: 2)) { due, result in
        var tally = Tally()
        switch result {
        case .success(let seen): tally.note(nanoseconds: seen - due)
        case .failure(let failure): tally.note(error: failure.words)
        }
        if isCelebrity { phase.celebrity += tally } else { phase.others += tally }
      }
    }
  }
}
