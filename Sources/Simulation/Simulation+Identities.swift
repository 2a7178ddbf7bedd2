import Domain
import Server
import Wire

/// How people are logged in, and what ends that.
extension Simulation {
  /// With the password, or with one of the person's tokens.
  func chooseIdentity(_ client: SimulatedClient) {
    client.token = nil
    client.scope = .write
    guard let user = client.user, scheduler.generator.chance(40) else { return }
    let valid = (tokens[user] ?? []).filter { isValid($0, of: client) }
    guard !valid.isEmpty else { return }
    let token = scheduler.generator.pick(valid)
    client.token = token
    client.scope = token.scope
  }

  func isValid(_ token: KnownToken, of client: SimulatedClient) -> Bool {
    let now = server.service.clock.now.ms
    return executed.people[client.user ?? 0]?.tokens.contains { known in
      known.id == token.id && (known.expires.map { now < $0 } ?? true)
    } ?? false
  }

  // MARK: While others go on

  /// Now and then somebody logs in with a token that one of their connections was given.
  func chooseToken(_ client: SimulatedClient) {
    client.token = nil
    let known = tokens[client.user ?? 0] ?? []
    // It may have been revoked; when all is quiet everybody comes in at once.
    if isStormy, !known.isEmpty, scheduler.generator.chance(50) {
      client.token = scheduler.generator.pick(known)
    }
  }

  func noteToken(_ call: Call, _ reply: Reply, _ client: SimulatedClient) {
    guard options.mode == .concurrent, case .own(.newToken(.write, _, nil)) = call,
      let id = reply.canonical["id"]?.textValue.flatMap({ UInt64($0) }), let user = client.user,
      let text = reply.canonical["token"]?.textValue
    else { return }
    tokens[user, default: []].append(KnownToken(id: id, text: text, scope: .write))
  }

  func isValid(_ token: KnownToken, of client: SimulatedClient, at position: UInt64) -> Bool {
    let person = history.model(at: position).people[client.user ?? 0]
    return person?.tokens.contains { $0.id == token.id } ?? false
  }

  /// The server has ended a connection that came with a token.
  func isEndedByRevocation(_ client: SimulatedClient) -> Bool {
    options.mode == .concurrent && client.phase == .ready && client.token != nil
      && !client.isHalfClosed && client.link?.mailbox.isEnded == true
  }

  func noteRevocation(_ client: SimulatedClient) throws {
    tell("the connection of client \(client.number) is ended by the server")
    if let token = client.token, isValid(token, of: client, at: history.position) {
      throw Violation("a connection of \(client.name ?? "nobody") ends though its token is valid")
    }
    client.token = nil
    lose(client)
  }

  /// When all is quiet, nobody goes on with a token that was revoked.
  func checkRevoked() throws {
    for client in clients {
      guard let token = client.token, let link = client.link, client.phase != .offline,
        !isValid(token, of: client, at: history.position)
      else { continue }
      guard link.mailbox.isEnded else {
        throw Violation("client \(client.number) goes on with a token that was revoked")
      }
    }
  }

  /// The client goes away.
  func drop(_ client: SimulatedClient) {
    if let link = client.link { server.disconnect(link) }
    lose(client)
  }

  /// What clients make of answers that concern how they log in.
  func follow(
    _ call: Call, _ viewer: NaiveModel.Viewer, _ reply: Reply, _ client: SimulatedClient
  ) throws {
    guard reply.refusal == nil, case .own(let own) = call else { return }
    switch own {
    case .newToken(let scope, _, _):
      guard let id = reply["id"]?.textValue.flatMap({ UInt64($0) }),
        let text = reply["token"]?.textValue, let user = viewer.id
      else { throw Violation("a new token is not shown") }
      tokens[user, default: []].append(KnownToken(id: id, text: text, scope: scope))
    case .revokeToken(let id):
      for other in clients where other.token?.id == id && other.phase == .ready {
        try checkEnded(other)
      }
    case .password(_, let new):
      executed.passwords[viewer.id ?? 0] = new
      for other in clients
      where other.name == client.name && other !== client && other.phase == .ready {
        try checkEnded(other)
      }
    case .erase:
      for other in clients where other.name == client.name {
        if other.phase == .ready { try checkEnded(other) }
        other.phase = .done
      }
    case .set, .addMedia, .followTag, .makeList, .changeList, .dropList, .readInbox, .readAllInbox:
      break
    }
  }

  /// The server has closed the connection by itself.
  func checkEnded(_ client: SimulatedClient) throws {
    attended = [client]
    try settle()
    guard let link = client.link, link.mailbox.isEnded else {
      throw Violation("a connection of \(client.name ?? "nobody") goes on after its end")
    }
    drop(client)
  }
}
