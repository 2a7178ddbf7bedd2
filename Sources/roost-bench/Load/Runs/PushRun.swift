internal import Engine

/// Messages from SAY on one connection to their arrival, pushed, on others.
///
/// Many subscribers are connected, each to its chats; every chat has `members` of them. A few more
/// connections say messages as a member of one chat after another, at a rate that the server has
/// no say in. Each message holds the moment at which it was due.
final class PushRun {
  private static let sendersMax = 16
  private static let rateDefault = 1_000.0
  private static let waitNanosecondsMax: UInt64 = 50_000_000
  private static let drainSecondsMax = 10.0
  private static let mark = Array("~due:".utf8)[...]

  private let options: LoadOptions
  private let rate: Double
  private var subscribers: [LoadConnection] = []
  private var senders: [LoadConnection] = []
  private var chats: [(id: String, sayer: String)] = []
  private let poller: Poller
  private var measured: Range<UInt64> = 0..<0
  private var tally = Tally()
  private var said = 0
  private var arrivals = 0

  static func run(_ options: LoadOptions) throws -> [(String, JSON)] {
    ProcessFigures.raiseDescriptorLimit()
    ProcessFigures.sharpenTimers()
    return try PushRun(options).go()
  }

  private init(_ options: LoadOptions) throws {
    self.options = options
    rate = if case .open(let rate) = options.pacing { rate } else { Self.rateDefault }
    poller = try Poller()
    let tokens = try options.readTokens()
    guard options.connections >= options.members, tokens.people.count >= options.connections else {
      throw UsageError(
        "push needs a person with a token for each connection (there are \(tokens.people.count)), "
          + "and connections enough for one chat")
    }
    try openChats(tokens)
    for person in tokens.people.prefix(options.connections) {
      var dialogue = try Dialogue(options.address, token: person.token)
      _ = try dialogue.ask(["SUBSCRIBE", "chats"])
      subscribers.append(LoadConnection(dialogue.socket))
    }
    for _ in 0..<min(Self.sendersMax, chats.count) {
      senders.append(
        LoadConnection(try Dialogue(options.address, token: tokens.service).socket))
    }
    for (number, connection) in (subscribers + senders).enumerated() {
      try poller.add(connection.socket, as: number)
    }
  }

  private func openChats(_ tokens: Tokens) throws {
    let exchange = try Exchange(options.address, token: tokens.service)
    let people = tokens.people.prefix(options.connections).map(\.username)
    let groups = stride(from: 0, through: people.count - options.members, by: options.members)
      .map { Array(people[$0..<($0 + options.members)]) }
    _ = try exchange.ask(groups.map { ["AS", $0[0], "CHAT", "NEW"] + $0.dropFirst() }) {
      chats.append((String(decoding: $1.bulk ?? [], as: UTF8.self), groups[$0][0]))
    }
  }

  private func go() throws -> [(String, JSON)] {
    let start = Stopwatch.nanoseconds
    let from = start + UInt64(options.warmup * 1e9)
    measured = from..<from + UInt64(options.seconds * 1e9)
    var due = DueTimes(from: start, rate: rate, until: measured.upperBound)
    var usage = UsageMeter(serverPID: options.serverPID)
    var isMeasuring = false
    while let next = due.next {
      let now = Stopwatch.nanoseconds
      if !isMeasuring, now >= from {
        isMeasuring = true
        usage.begin()
      }
      if let time = due.take(now) {
        try say(due.given - 1, due: time)
      } else {
        try turn(min(next - now, Self.waitNanosecondsMax))
      }
    }
    let used = usage.json
    let expected = said * options.members
    let watch = Stopwatch()
    while arrivals < expected, watch.seconds < Self.drainSecondsMax {
      try turn(Self.waitNanosecondsMax)
    }
    if arrivals < expected { tally.note(code: "LOST", count: expected - arrivals) }
    return [
      ("subscribers", .int(Int64(subscribers.count))), ("chats", .int(Int64(chats.count))),
      ("members", .int(Int64(options.members))), ("target_rate", .decimal(rate)),
      ("said", .int(Int64(said))), ("arrivals", .int(Int64(arrivals))),
    ] + tally.json(seconds: options.seconds) + used
  }

  private func say(_ number: Int, due: UInt64) throws {
    let chat = chats[number % chats.count]
    let sender = senders[number % senders.count]
    let text = "\(String(decoding: Self.mark, as: UTF8.self))\(due) what somebody says to somebody."
    sender.output.append(request: ["AS", chat.sayer, "SAY", chat.id, text])
    _ = try sender.flush()
    if measured.contains(due) { said += 1 }
  }

  private func turn(_ nanoseconds: UInt64) throws {
    for ready in poller.wait(nanoseconds: nanoseconds) where ready.canReceive {
      let isSubscriber = ready.number < subscribers.count
      let connection =
        isSubscriber ? subscribers[ready.number] : senders[ready.number - subscribers.count]
      let isOpen = try connection.receive { found, reply, arrival in
        if case .error(let range) = found { return tally.note(error: reply[range]) }
        guard isSubscriber, let due = Self.due(reply), measured.contains(due) else { return }
        arrivals += 1
        tally.note(nanoseconds: arrival - due)
      }
      guard isOpen else { throw BenchError("the server closed a connection") }
    }
  }

  /// When the message that is pushed was due; nil for what is no such message.
  private static func due(_ reply: ArraySlice<UInt8>) -> UInt64? {
    guard let start = reply.range(of: mark)?.upperBound else { return nil }
    var due: UInt64 = 0
    for digit in reply[start...].prefix(while: { (0x30...0x39).contains($0) }) {
      due = due &* 10 &+ UInt64(digit - 0x30)
    }
    return due
  }
}
