import Domain
import Engine
import Entities
import Journal
import Server
import Wire

extension Simulation {
  var oracle: Oracle { Oracle(history: history) }

  func playConcurrently() throws {
    while clients.contains(where: { $0.phase != .done }) {
      guard try step() else {
        throw Violation("everybody waits for what never comes: \(waiting)")
      }
      if crashes < weights.crashesMax, scheduler.generator.below(3_000) == 0 { try crash() }
    }
    try settle()
    for client in clients where !client.isIdle {
      throw Violation("client \(client.number) waits for a reply that never comes")
    }
    try checkEffects()
  }

  /// Who waits for what.
  private var waiting: String {
    let journal = server.journal
    let folded = server.engine.shards.map { "\($0.fold.folded)" }
    let stuck = clients.filter { $0.phase != .done }.map { client in
      let calls = client.link?.pending.map { $0.attempt.map { attempts[$0].words } ?? ["HELLO"] }
      return "client \(client.number), \(client.phase), for \(calls ?? [])"
    }
    return "journal \(journal.enqueued) \(journal.durable), folded \(folded); \(stuck)"
  }

  /// Marked writes: answered ones are there once, refused ones not, others at most once.
  private func checkEffects() throws {
    for attempt in attempts {
      guard let mark = attempt.call.mark else { continue }
      let count = history.count(of: mark)
      let isRight =
        switch attempt.state {
        case .answered: count == 1
        case .refused: count == 0
        case .unknown, .waiting: count <= 1
        }
      guard isRight else {
        throw Violation("\(attempt.words), \(attempt.state), is in the journal \(count) times")
      }
    }
  }

  // MARK: One at a time

  func playSequentially() throws {
    for client in clients { try begin(client) }
    while true {
      let busy = clients.filter { $0.callsLeft > 0 }
      guard !busy.isEmpty else { break }
      let client = scheduler.generator.pick(busy)
      client.callsLeft -= 1
      let call = workload.next(history.newest, me: client.user, &scheduler.generator)
      try compare(call, client)
      if scheduler.generator.chance(30) { tick() }
      if crashes < weights.crashesMax, scheduler.generator.chance(1) {
        try crash()
        for client in clients { try begin(client) }
      }
    }
  }

  /// Connects and logs in.
  func begin(_ client: SimulatedClient) throws {
    client.phase = .offline
    try send(client)
    try settle()
    guard client.phase == .ready else { throw Violation("client \(client.number) can't log in") }
  }

  /// Asks and compares the answer with the model's; for a write, also what it led to.
  private func compare(_ call: Call, _ client: SimulatedClient) throws {
    guard call.isWrite else { return try compareReading(call, client) }
    var model = history.newest
    let reply = try ask(call, client).canonical
    let head = server.journal.head
    let expected = model.execute(
      call, by: client.user, answered: reply, at: head.position.raw, time: head.time.ms
    ).canonical
    guard reply == expected else {
      throw Violation("\(call.words) was answered \(reply) instead of \(expected)")
    }
    if let difference = history.newest.difference(from: model) {
      throw Violation("\(call.words) led to \(difference)")
    }
  }

  /// Lists are read to their end in pages of random size.
  func compareReading(_ call: Call, _ client: SimulatedClient) throws {
    let now = server.service.clock.now.ms
    switch history.newest.answer(call, by: client.user, at: now) {
    case .reply(let expected):
      let reply = try ask(call, client).canonical
      guard reply == expected.canonical else {
        throw Violation(
          """
          \(call.words) by \(client.name ?? "nobody") was answered
            \(reply) instead of
            \(expected.canonical)
          """)
      }
    case .items(let expected):
      let items = try readToEnd(call, client)
      try compare(items, expected.map(\.canonical), "\(call.words) by \(client.name ?? "nobody")")
    }
  }

  private func readToEnd(_ call: Call, _ client: SimulatedClient) throws -> [Reply] {
    var items: [Reply] = []
    var cursor: String?
    while true {
      let count = scheduler.generator.between(1, 12)
      let page = try ask(call, client, count: count, after: cursor).canonical
      guard let found = page["items"]?.elements, found.count <= count else {
        throw Violation("\(call.words) by \(client.name ?? "nobody") was answered \(page)")
      }
      items += found
      cursor = page["cursor"]?.textValue
      if page["end"] == .integer(1) { return items }
      guard cursor != nil else { throw Violation("\(call.words) has no cursor before its end") }
    }
  }

  private func compare(_ items: [Reply], _ expected: [Reply], _ title: String) throws {
    for (index, pair) in zip(items, expected).enumerated() where pair.0 != pair.1 {
      throw Violation("\(title): item \(index) is\n  \(pair.0) instead of\n  \(pair.1)")
    }
    guard items.count == expected.count else {
      throw Violation("\(title): \(items.count) items instead of \(expected.count)")
    }
  }

  private func ask(
    _ call: Call, _ client: SimulatedClient, count: Int? = nil, after: String? = nil
  ) throws -> Reply {
    var attempt = Attempt(client: client.number, call: call, key: nil)
    attempt.count = count
    attempt.after = after
    let number = add(attempt)
    asking = number
    defer { asking = nil }
    transmit(number, client)
    try settle()
    guard let reply = attempts[number].reply else {
      throw Violation("\(attempt.words) is never answered")
    }
    return reply
  }
}
