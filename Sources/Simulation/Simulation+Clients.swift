import Domain
import Wire

extension Simulation {
  func maySend(_ client: SimulatedClient) -> Bool {
    if isEndedByRevocation(client) { return true }
    switch client.phase {
    case .offline: return true
    case .greeting, .done: return false
    case .ready where client.ear != nil: return mayListen(client)
    case .ready:
      guard let link = client.link, link.pending.count < client.pipelineMax else { return false }
      // What was asked for is answered, and then the server closes its half too.
      if client.isHalfClosed { return link.pending.isEmpty && link.mailbox.isEnded }
      return !client.repeats.isEmpty || !client.script.isEmpty || link.pending.isEmpty
    }
  }

  /// The client's next move: connect, log in, ask again, or ask something new.
  func send(_ client: SimulatedClient) throws {
    scheduler.trace.note(.send, client.number)
    if isEndedByRevocation(client) { return try noteRevocation(client) }
    switch client.phase {
    case .offline: connect(client)
    case .greeting, .done: break
    case .ready where client.ear != nil: listen(client)
    case .ready:
      if client.isHalfClosed {
        if let link = client.link { server.disconnect(link) }
        lose(client)
      } else if !client.repeats.isEmpty {
        transmit(client.repeats.removeFirst(), client)
      } else if !client.script.isEmpty {
        let number = client.script.removeFirst()
        tally.operations += 1
        dice = SeededGenerator(seed: options.seed, number: number)
        transmit(makeAttempt(client, number), client)
      } else {
        client.phase = .done
      }
    }
  }

  private func connect(_ client: SimulatedClient) {
    scheduler.trace.note(.connect, client.number)
    let link = server.connect()
    client.link = link
    if client.dialect == .resp3 { link.send(["HELLO", "3"], as: .resp, attempt: nil) }
    guard let name = client.name else {
      client.phase = .ready
      return
    }
    client.phase = .greeting
    if options.mode == .concurrent { chooseToken(client) }
    if let token = client.token {
      let call = Call.present(token: token.text)
      transmit(add(Attempt(client: client.number, call: call, key: nil)), client)
    } else if client.user != nil || !client.isFirst {
      let call = Call.authenticate(name, password: password(of: name))
      transmit(add(Attempt(client: client.number, call: call, key: nil)), client)
    } else if let again = client.repeats.first(where: { isSignUp(attempts[$0].call) }) {
      client.repeats.removeAll { $0 == again }
      transmit(again, client)
    } else {
      let call = Call.signUp(name, password: password(of: name))
      transmit(add(Attempt(client: client.number, call: call, key: "signup-\(name)")), client)
    }
  }

  func password(of name: String) -> String {
    executed.names[name].flatMap { executed.passwords[$0] } ?? "password of \(name)"
  }

  func isSignUp(_ call: Call) -> Bool {
    if case .signUp = call { true } else { false }
  }

  func add(_ attempt: Attempt) -> Int {
    attempts.append(attempt)
    return attempts.count - 1
  }

  func transmit(_ number: Int, _ client: SimulatedClient) {
    if attempts[number].begun == nil { attempts[number].begun = history.position }
    attempts[number].transmissions += 1
    tell("client \(client.number) (\(client.name ?? "nobody")) asks \(attempts[number].line)")
    let framing = client.framing(&scheduler.generator)
    client.link?.send(attempts[number].words, as: framing, attempt: number)
  }

  private func makeAttempt(_ client: SimulatedClient, _ unit: Int) -> Int {
    if let walk = client.walk, dice.chance(60) {
      client.walk = nil
      var attempt = Attempt(client: client.number, call: .page(walk.list), key: nil)
      attempt.after = walk.cursor
      attempt.count = dice.between(1, 7)
      let number = add(attempt)
      walks[number] = walk
      return number
    }
    // Now and then a keyed command that was answered is repeated: the answer must be the same.
    if dice.chance(4), let old = answered(client) {
      return add(
        Attempt(
          client: client.number, call: old.call, key: old.key, reply: old.reply,
          through: old.through))
    }
    let call = workload.next(history.newest, me: client.viewer, &dice)
    let hasKey = call.isWrite && dice.chance(50)
    var attempt = Attempt(
      client: client.number, call: call, key: hasKey ? "key-\(unit)" : nil)
    if case .page = call, dice.chance(70) {
      attempt.count = dice.between(1, 9)
    }
    return add(attempt)
  }

  private func answered(_ client: SimulatedClient) -> Attempt? {
    let known = attempts.filter {
      $0.client == client.number && $0.key != nil && $0.state == .answered && !isSignUp($0.call)
    }
    return known.isEmpty ? nil : dice.pick(known)
  }
}
