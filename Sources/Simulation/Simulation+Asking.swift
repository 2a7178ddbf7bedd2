import Domain
import Server
import Wire

/// Asking for one thing and waiting for it.
extension Simulation {
  /// Lists are read to their end in pages of random size.
  func compareReading(_ call: Call, _ client: SimulatedClient) throws {
    tally.comparisons += 1
    let now = server.service.clock.now.ms
    var viewer = client.viewer
    if case .inPlaceOf(let name, _) = call { viewer = .init(id: executed.names[name]) }
    let isRefused = viewer.id == nil && call.takesSomebody
    let answer =
      isRefused ? .reply(.refused(.noAuth)) : executed.answer(call.unwrapped, by: viewer, at: now)
    let title = "\(call.words) by \(viewer.id.map { executed.name($0) } ?? "nobody")"
    switch answer {
    case .reply(let expected):
      var reply = try ask(call, client).canonical
      // Of uses of tokens while others go on, nothing is known.
      if options.mode == .concurrent { reply = reply.withoutUses }
      let due = options.mode == .concurrent ? expected.canonical.withoutUses : expected.canonical
      guard reply == due else {
        throw Violation("\(title) was \(Reply.difference(reply, from: due))")
      }
    case .items(let expected):
      let items = try readToEnd(call, client, expecting: expected.count)
      try compare(items, expected.map(\.canonical), title)
    }
  }

  private func readToEnd(
    _ call: Call, _ client: SimulatedClient, expecting: Int
  ) throws -> [Reply] {
    var items: [Reply] = []
    var cursor: String?
    let isLarge = options.mode == .large
    while true {
      let most = isLarge && scheduler.generator.chance(80) ? 200 : 12
      let count = scheduler.generator.between(most == 200 ? 50 : 1, most)
      let page = try ask(call, client, count: count, after: cursor).canonical
      guard let found = page["items"]?.elements, found.count <= count else {
        throw Violation("\(call.words) by \(client.name ?? "nobody") was answered \(page)")
      }
      items += found
      cursor = page["cursor"]?.textValue
      if page["end"] == .integer(1) { return items }
      guard cursor != nil else { throw Violation("\(call.words) has no cursor before its end") }
      guard items.count <= expecting + 200 else { return items }
    }
  }

  private func compare(_ items: [Reply], _ expected: [Reply], _ title: String) throws {
    for (index, pair) in zip(items, expected).enumerated() where pair.0 != pair.1 {
      throw Violation("\(title): item \(index) is \(Reply.difference(pair.0, from: pair.1))")
    }
    guard items.count == expected.count else {
      let longer = items.count > expected.count ? items : expected
      let next = longer[min(items.count, expected.count)]
      throw Violation("\(title): \(items.count) items instead of \(expected.count); \(next.plain)")
    }
  }

  func ask(
    _ call: Call, _ client: SimulatedClient, count: Int? = nil, after: String? = nil
  ) throws -> Reply {
    var attempt = Attempt(client: client.number, call: call, key: nil)
    attempt.count = count
    attempt.after = after
    let number = add(attempt)
    asking = number
    attended = [client]
    defer {
      asking = nil
      // Nobody asks for these again; a long run has very many.
      if number == attempts.count - 1 { attempts.removeLast() }
    }
    transmit(number, client)
    try settle()
    guard let reply = attempts[number].reply else {
      let isEnded = client.link?.mailbox.isEnded ?? true
      throw Violation(
        "\(attempt.words) by \(client.name ?? "nobody") is never answered; the connection "
          + (isEnded ? "has ended" : "goes on"))
    }
    return reply
  }

  /// Asks with a key, lets the server crash somewhere on the way, and asks again.
  func askThroughCrash(_ call: Call, _ client: SimulatedClient) throws -> Reply {
    let number = add(
      Attempt(client: client.number, call: call, key: "key-\(tally.operations)"))
    asking = number
    defer { asking = nil }
    attended = [client]
    transmit(number, client)
    for _ in 0..<scheduler.generator.below(120) {
      guard attempts[number].reply == nil, try step(sending: false) else { break }
    }
    let first = attempts[number].reply
    attended = nil
    try crash()
    client.repeats = []
    try begin(client)
    transmit(number, client)
    try settle()
    guard let reply = attempts[number].reply, first == nil || first?.canonical == reply.canonical
    else {
      throw Violation(
        "\(call.words) was answered \(first.map { "\($0)" } ?? "never") and, repeated, "
          + "\(attempts[number].reply.map { "\($0)" } ?? "never")")
    }
    return reply.canonical
  }
}
