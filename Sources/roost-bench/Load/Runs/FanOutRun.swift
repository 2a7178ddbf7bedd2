internal import Engine

/// Posts of accounts with a given number of followers, until they are in their followers' HOME.
///
/// Each connection has a service token and plays rounds: `pipeline` posts of one account, then HOME
/// of its last follower. A read sees every write acknowledged before it on its connection, in every
/// projection: so when HOME is answered, all posts of the round are durable and in the homes of all
/// followers, and those were `pipeline` × followers deliveries. Each HOME must show the round's
/// newest post or a later one; at the end the first, a middle and the last follower of each account
/// must see it too, on connections of their own.
struct FanOutRun {
  private static let visibleSecondsMax = 10.0
  private static let answerSecondsMax = 120.0
  private static let waitNanosecondsMax: UInt64 = 50_000_000

  private let options: LoadOptions
  private let accounts: [Tokens.Account]
  private let lanes: [FanOutLane]
  private let poller: Poller
  private var rounds = Histogram()
  private var posts = 0
  private var deliveries = 0
  private var invisible = 0
  private var answeredAt = Stopwatch()
  /// Of each account that has posted.
  private var newest: [String: PostNumber] = [:]
  private var isEnding = false

  static func run(_ options: LoadOptions) throws -> [(String, JSON)] {
    ProcessFigures.sharpenTimers()
    var run = try FanOutRun(options)
    return try run.go()
  }

  private init(_ options: LoadOptions) throws {
    self.options = options
    let tokens = try options.readTokens()
    let accounts = try tokens.accounts(followers: options.followers)
    self.accounts = accounts
    lanes = try (0..<options.connections).map { number in
      let begin = number % accounts.count
      return FanOutLane(
        Array(accounts[begin...] + accounts[..<begin]), posts: options.pipeline,
        LoadConnection(try Dialogue(options.address, token: tokens.service).socket))
    }
    poller = try Poller()
    for (number, lane) in lanes.enumerated() {
      try poller.add(lane.connection.socket, as: number)
    }
  }

  private mutating func go() throws -> [(String, JSON)] {
    for number in lanes.indices { try begin(number) }
    let warmup = Stopwatch()
    while warmup.seconds < options.warmup { try turn(isMeasured: false) }
    var usage = UsageMeter(serverPID: options.serverPID)
    usage.begin()
    let watch = Stopwatch()
    while watch.seconds < options.seconds { try turn(isMeasured: true) }
    let seconds = watch.seconds
    let used = usage.json
    isEnding = true
    while !lanes.allSatisfy(\.isIdle) { try turn(isMeasured: false) }
    try checkEverybodySees()
    return [
      ("followers", .int(Int64(options.followers))), ("rounds", .uint(rounds.count)),
      ("posts", .int(Int64(posts))), ("deliveries", .int(Int64(deliveries))),
      ("errors", .object(invisible == 0 ? [] : [("INVISIBLE", .int(Int64(invisible)))])),
      ("error_count", .int(Int64(invisible))), ("seconds", .decimal(seconds)),
      ("posts_per_second", .decimal(Double(posts) / seconds)),
      ("deliveries_per_second", .decimal((Double(deliveries) / seconds).rounded())),
    ] + rounds.json + [("curve", rounds.curveJSON)] + used
  }

  private func begin(_ number: Int) throws {
    lanes[number].begin()
    try flush(number)
  }

  private func flush(_ number: Int) throws {
    let isDone = try lanes[number].connection.flush()
    poller.change(lanes[number].connection.socket, as: number, alsoSending: !isDone)
  }

  /// What has arrived; a lane whose round is over begins the next.
  private mutating func turn(isMeasured: Bool) throws {
    for ready in poller.wait(nanoseconds: Self.waitNanosecondsMax) {
      if ready.canSend { try flush(ready.number) }
      guard ready.canReceive else { continue }
      let lane = lanes[ready.number]
      var ended: FanOutLane.Round?
      let isOpen = try lane.connection.receive { ended = try lane.take($0, $1, $2) }
      guard isOpen else { throw BenchError("the server closed a connection") }
      answeredAt = Stopwatch()
      guard let ended else { continue }
      if isMeasured { note(ended) }
      newest[lane.account.person.username] = max(
        newest[lane.account.person.username] ?? .none, lane.newest)
      if !isEnding { try begin(ready.number) }
    }
    guard answeredAt.seconds < Self.answerSecondsMax else {
      throw BenchError("a reply did not come")
    }
  }

  private mutating func note(_ round: FanOutLane.Round) {
    rounds.record(round.nanoseconds)
    posts += round.posts
    deliveries += round.deliveries
    if !round.isVisible { invisible += 1 }
  }

  private func checkEverybodySees() throws {
    for account in accounts {
      guard let newest = newest[account.person.username] else { continue }
      for follower in [account.firstFollower, account.middleFollower, account.lastFollower] {
        try check(follower, sees: newest)
      }
    }
  }

  private func check(_ follower: Tokens.Person, sees newest: PostNumber) throws {
    let exchange = try Exchange(options.address, token: follower.token)
    let watch = Stopwatch()
    var isVisible = false
    while !isVisible {
      guard watch.seconds < Self.visibleSecondsMax else {
        throw BenchError("\(follower.username) does not see the newest post")
      }
      _ = try exchange.ask([["HOME", "COUNT", "1"]]) {
        isVisible = PostNumber(newestOf: $1) >= newest
      }
    }
  }
}
