/// What is asked of a load.
struct LoadOptions {
  static let connectionsMax = 100_000
  static let pipelineMax = 65_536
  /// Items of a page, as the server has it.
  static let countMax = 200
  /// People in a chat, as the server has it.
  static let membersMax = 512
  static let secondsMax = 86_400.0
  static let rateMax = 10_000_000.0

  enum Pacing: Equatable {
    /// Each connection always has as many requests on the way as the pipeline is deep.
    case closed
    /// So many a second over all connections, whatever the server does.
    case open(rate: Double)
  }

  var address: ServerAddress
  var tokens: String?
  var workload: String
  var connections = 50
  var pipeline = 1
  var pacing = Pacing.closed
  var seconds = 10.0
  var warmup = 1.0
  var seed: UInt64 = 1
  /// Of the server, to read what it takes of processor and memory.
  var serverPID: Int?
  /// Items of a page.
  var count = 20
  /// Of the accounts that post, in `fanout` and `celebrity`.
  var followers = 100
  /// Posts a second by the most popular account, in `celebrity`.
  var celebrityRate = 1.0
  /// In each chat, in `push`.
  var members = 2
  /// Whether requests are made as anybody, through a service token, instead of as one person for
  /// each connection.
  var isService = false
  /// After `--`: what `command` sends.
  var command: [String] = []

  static let valueNames: Set<String> = [
    "address", "tokens", "workload", "connections", "pipeline", "rate", "seconds", "warmup", "seed",
    "server-pid", "count", "followers", "celebrity-rate", "members",
  ]

  init(_ words: [String]) throws {
    let words = try Words(
      words, values: Self.valueNames, flags: ["closed", "json", "service"])
    guard let address = ServerAddress(try words.require("address")) else {
      throw UsageError("--address takes HOST:PORT")
    }
    self.address = address
    workload = try words.require("workload")
    tokens = words["tokens"]
    command = words.rest
    connections = try words.number("connections", in: 1...Self.connectionsMax) ?? connections
    pipeline = try words.number("pipeline", in: 1...Self.pipelineMax) ?? pipeline
    seed = UInt64(try words.number("seed", in: 0...Int.max) ?? 1)
    serverPID = try words.number("server-pid", in: 1...Int(Int32.max))
    count = try words.number("count", in: 1...Self.countMax) ?? count
    followers = try words.number("followers", in: 1...Int.max) ?? followers
    members = try words.number("members", in: 2...Self.membersMax) ?? members
    seconds = try words.positive("seconds", max: Self.secondsMax) ?? seconds
    warmup = try words.positive("warmup", max: Self.secondsMax) ?? warmup
    celebrityRate = try words.positive("celebrity-rate", max: Self.rateMax) ?? celebrityRate
    isService = words.has("service")
    let rate = try words.positive("rate", max: Self.rateMax)
    guard rate == nil || !words.has("closed") else {
      throw UsageError("give either --closed or --rate R")
    }
    if let rate { pacing = .open(rate: rate) }
  }

  func readTokens() throws -> Tokens {
    guard let tokens else {
      throw UsageError("the workload \(workload) needs --tokens, which roost-bench network wrote")
    }
    return try Tokens(path: tokens)
  }
}
