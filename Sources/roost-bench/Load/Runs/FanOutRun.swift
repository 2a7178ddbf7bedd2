internal import Engine

/// Posts of accounts with a given number of followers, until they are in their followers' HOME.
///
/// A round, on one connection with a service token: `pipeline` posts of one account, then HOME of
/// its last follower. A read sees every write acknowledged before it on its connection, in every
/// projection: so when HOME is answered, all posts of the round are durable and in the homes of all
/// followers, and the round's time is that of `pipeline` × followers deliveries. Each HOME must
/// show the round's newest post; at the end the first, a middle and the last follower must see it
/// too, on connections of their own.
struct FanOutRun {
  private static let visibleSecondsMax = 10.0
  private static let text = "One of many posts of a benchmark, to all who follow."

  private let options: LoadOptions
  private let accounts: [Tokens.Account]
  private let exchange: Exchange
  private var rounds = Histogram()
  private var posts = 0
  private var deliveries = 0
  private var invisible = 0
  private var newest: ArraySlice<UInt8> = []

  static func run(_ options: LoadOptions) throws -> [(String, JSON)] {
    ProcessFigures.sharpenTimers()
    let tokens = try options.readTokens()
    var run = FanOutRun(
      options: options, accounts: try tokens.accounts(followers: options.followers),
      exchange: try Exchange(options.address, token: tokens.service))
    return try run.go()
  }

  private mutating func go() throws -> [(String, JSON)] {
    var number = 0
    let warmup = Stopwatch()
    while warmup.seconds < options.warmup { try round(&number, isMeasured: false) }
    var usage = UsageMeter(serverPID: options.serverPID)
    usage.begin()
    let watch = Stopwatch()
    while watch.seconds < options.seconds { try round(&number, isMeasured: true) }
    let seconds = watch.seconds
    let used = usage.json
    try checkEverybodySees(accounts[(number - 1) % accounts.count])
    return [
      ("followers", .int(Int64(options.followers))), ("rounds", .uint(rounds.count)),
      ("posts", .int(Int64(posts))), ("deliveries", .int(Int64(deliveries))),
      ("errors", .object(invisible == 0 ? [] : [("INVISIBLE", .int(Int64(invisible)))])),
      ("error_count", .int(Int64(invisible))), ("seconds", .decimal(seconds)),
      ("posts_per_second", .decimal(Double(posts) / seconds)),
      ("deliveries_per_second", .decimal((Double(deliveries) / seconds).rounded())),
    ] + rounds.json + [("curve", rounds.curveJSON)] + used
  }

  private mutating func round(_ number: inout Int, isMeasured: Bool) throws {
    let account = accounts[number % accounts.count]
    number += 1
    let post = ["AS", account.person.username, "POST", Self.text]
    let home = ["AS", account.lastFollower.username, "HOME", "COUNT", "1"]
    let start = Stopwatch.nanoseconds
    var isVisible = false
    var newest = self.newest
    let count = options.pipeline
    let end = try exchange.ask(Array(repeating: post, count: count) + [home]) { number, reply in
      if number == count - 1 { newest = ArraySlice(Array(reply.bulk ?? [])) }
      if number == count { isVisible = reply.contains(newest) }
    }
    self.newest = newest
    guard isMeasured else { return }
    rounds.record(end - start)
    posts += count
    deliveries += count * account.followers
    if !isVisible { invisible += 1 }
  }

  private func checkEverybodySees(_ account: Tokens.Account) throws {
    for follower in [account.firstFollower, account.middleFollower, account.lastFollower] {
      let exchange = try Exchange(options.address, token: follower.token)
      let watch = Stopwatch()
      var isVisible = false
      while !isVisible {
        guard watch.seconds < Self.visibleSecondsMax else {
          throw BenchError("\(follower.username) does not see the newest post")
        }
        _ = try exchange.ask([["HOME", "COUNT", "20"]]) { isVisible = $1.contains(newest) }
      }
    }
  }
}
