import Domain
import Wire

extension Simulation {
  func maySend(_ client: SimulatedClient) -> Bool {
    switch client.phase {
    case .offline: return true
    case .greeting, .done: return false
    case .ready:
      guard let link = client.link, link.pending.count < client.pipelineMax else { return false }
      return !client.repeats.isEmpty || client.callsLeft > 0 || link.pending.isEmpty
    }
  }

  /// The client's next move: connect, log in, ask again, or ask something new.
  func send(_ client: SimulatedClient) throws {
    scheduler.trace.note(.send, client.number)
    switch client.phase {
    case .offline: connect(client)
    case .greeting, .done: break
    case .ready:
      if !client.repeats.isEmpty {
        transmit(client.repeats.removeFirst(), client)
      } else if client.callsLeft > 0 {
        client.callsLeft -= 1
        transmit(makeAttempt(client), client)
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
    let framing = client.framing(&scheduler.generator)
    client.link?.send(attempts[number].words, as: framing, attempt: number)
  }

  private func makeAttempt(_ client: SimulatedClient) -> Int {
    if let walk = client.walk, scheduler.generator.chance(60) {
      client.walk = nil
      var attempt = Attempt(client: client.number, call: .page(walk.list), key: nil)
      attempt.after = walk.cursor
      attempt.count = scheduler.generator.between(1, 7)
      let number = add(attempt)
      walks[number] = walk
      return number
    }
    // Now and then a keyed command that was answered is repeated: the answer must be the same.
    if scheduler.generator.chance(4), let old = answered(client) {
      return add(Attempt(client: client.number, call: old.call, key: old.key, reply: old.reply))
    }
    let call = workload.next(history.newest, me: client.viewer, &scheduler.generator)
    let hasKey = call.isWrite && scheduler.generator.chance(50)
    var attempt = Attempt(
      client: client.number, call: call, key: hasKey ? "key-\(attempts.count)" : nil)
    if case .page = call, scheduler.generator.chance(70) {
      attempt.count = scheduler.generator.between(1, 9)
    }
    return add(attempt)
  }

  private func answered(_ client: SimulatedClient) -> Attempt? {
    let known = attempts.filter {
      $0.client == client.number && $0.key != nil && $0.state == .answered && !isSignUp($0.call)
    }
    return known.isEmpty ? nil : scheduler.generator.pick(known)
  }
}
