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
