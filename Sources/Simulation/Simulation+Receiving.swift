import Domain
import Journal
import Server
import Wire

extension Simulation {
  func receive(_ client: SimulatedClient) throws {
    guard let link = client.link, let piece = link.takePiece(on: scheduler) else { return }
    scheduler.trace.note(.receive, client.number)
    scheduler.trace.note(piece.bytes)
    for (pending, reply) in try link.receive(piece) {
      guard let pending else {
        try hear(reply, client, through: piece.durable)
        continue
      }
      replies += 1
      if let number = pending.attempt {
        try settle(number, reply, from: pending.low ?? 0, through: piece.durable, client, link)
      }
    }
  }

  private func settle(
    _ number: Int, _ reply: Reply, from arrived: UInt64, through high: UInt64,
    _ client: SimulatedClient, _ link: Link
  ) throws {
    let attempt = attempts[number]
    let first = attempt.reply
    attempts[number].reply = reply
    attempts[number].state = reply.refusal == nil ? .answered : .refused
    attempts[number].through = high
    tell("client \(client.number) is answered \(attempt.line): \(reply.canonical.plain)")
    if client.phase == .greeting { return try greet(number, reply, arrived, high, client) }
    if asking == number { return }
    if reply.refusal == "BUSY" { return try noteBusy(number, client) }
    noteToken(attempt.call, reply, client)
    // A read sees the connection's own writes; a decision, what was durable when it was made.
    let low = attempt.call.isWrite ? arrived : max(arrived, link.lastWrite)
    if let first, attempt.call.isWrite {
      // A token's text is shown once.
      let isToken = reply.canonical["token"] == .null
      let isSame =
        isToken
        ? first.canonical["id"] == reply.canonical["id"] : first.canonical == reply.canonical
      guard isSame else {
        throw Violation("\(attempt.words) was answered \(first) and, repeated, \(reply)")
      }
      return
    }
    // A repetition after a crash may have had its effect long before.
    let start = attempt.transmissions > 1 ? (attempt.begun ?? low) : low
    try oracle.check(
      attempt.call, reply, by: client.viewer, isFirst: attempt.after == nil, from: start,
      through: high)
    noteWrite(attempt, reply, link, through: high)
    if attempt.call.mark != nil, let id = reply.canonical.textValue.flatMap({ UInt64($0) }) {
      try history.checkAge(of: id, madeAfter: start)
    }
    try noteWalk(number, reply, low, high, client)
  }

  /// Nothing has happened; with a key, the same is asked again, until it is answered.
  private func noteBusy(_ number: Int, _ client: SimulatedClient) throws {
    tally.busy += 1
    attempts[number].refusalsBusy += 1
    // The queue is full, or the entity was just about to go to sleep.
    let mayBe = machine.limits.queuedEventsMax < Self.shortQueueMax || tally.snapshots > 0
    guard mayBe, attempts[number].call.isWrite,
      attempts[number].refusalsBusy < Self.refusalsBusyMax
    else {
      throw Violation("\(attempts[number].words) was answered \(attempts[number].reply!)")
    }
    attempts[number].reply = nil
    guard attempts[number].key != nil else { return }
    attempts[number].state = .waiting
    client.repeats.append(number)
  }

  /// Where the answered write is in the journal; reads that follow must see it.
  private func noteWrite(
    _ attempt: Attempt, _ reply: Reply, _ link: Link, through high: UInt64
  ) {
    guard attempt.call.isWrite, reply.refusal == nil, let mark = attempt.call.mark else { return }
    if let position = history.position(of: mark, through: high) {
      link.lastWrite = max(link.lastWrite, position)
    }
  }

  private func greet(
    _ number: Int, _ reply: Reply, _ low: UInt64, _ high: UInt64, _ client: SimulatedClient
  ) throws {
    guard let name = client.name else { return }
    let id = history.model(at: high).person(named: name)?.id
    if reply.refusal == nil {
      guard let id else {
        throw Violation("\(attempts[number].words) was answered \(reply) before \(name) is durable")
      }
      if isSignUp(attempts[number].call), reply.canonical["id"]?.textValue != String(id) {
        throw Violation("\(name) signed up with \(id) and was told \(reply)")
      }
      client.user = id
      client.phase = .ready
      if let token = client.token { executed.tokenUses[token.id] = server.service.clock.now.ms }
      return
    }
    if let token = client.token {
      // Revoked on its way here; or never durable.
      client.token = nil
      let couldBeInvalid = (low...max(low, high)).contains { !isValid(token, of: client, at: $0) }
      guard options.mode == .concurrent, couldBeInvalid else {
        throw Violation("\(name) was refused with \(reply) though their token is valid")
      }
    } else if history.model(at: low).person(named: name) != nil {
      throw Violation("\(attempts[number].words) was refused with \(reply) though \(name) exists")
    }
    // The person's other client has not signed up yet; later, then.
    server.disconnect(client.link!)
    client.link = nil
    client.phase = .offline
  }

  // MARK: Walks

  private func noteWalk(
    _ number: Int, _ reply: Reply, _ low: UInt64, _ high: UInt64, _ client: SimulatedClient
  ) throws {
    guard case .page(let list) = attempts[number].call else { return }
    let reply = reply.canonical
    guard let items = reply["items"]?.elements else { return }
    var walk =
      walks.removeValue(forKey: number)
      ?? SimulatedClient.Walk(list: list, cursor: "", low: low, items: [])
    walk.items += items
    if let cursor = reply["cursor"]?.textValue {
      walk.cursor = cursor
      client.walk = walk
      return
    }
    guard reply["end"] == .integer(1) else {
      throw Violation("\(list.words) has neither a cursor nor an end: \(reply)")
    }
    let candidates = Candidates(
      list, by: client.viewer, history.models(from: walk.low, through: high))
    let title = "\(list.words), page by page from \(walk.low) through \(high),"
    try candidates.check(walk.items, title: title, client.user)
    try candidates.checkNothingMissing(walk.items, isEnd: true, title: title)
  }
}
