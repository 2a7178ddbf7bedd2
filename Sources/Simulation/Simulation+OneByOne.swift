import Domain
import Engine
import Entities
import Journal
import Server
import Wire

/// One command at a time, each carried out by a model too: what it answers, and what it leads to.
extension Simulation {
  func playOneByOne() throws {
    try server.makeAdmin()
    try settle()
    catchUp()
    for client in clients where client.name == SimulatedAdmin.name {
      client.token?.id = executed.people[UserID.system.raw]?.tokens.first?.id ?? 0
    }
    if options.mode == .sequential { for client in clients { try ready(client) } }
    let isLarge = options.mode == .large
    let count = isLarge ? options.calls : options.calls * clients.count
    calls = (1...count).filter { !options.without.contains($0) }
    for number in calls {
      dice = SeededGenerator(seed: options.seed, number: number)
      let client = dice.pick(clients)
      if client.phase == .done { continue }
      try ready(client)
      try operate(client)
      if scheduler.generator.chance(isLarge ? 8 : 30) {
        if !options.calm.contains(.clock) { tick() }
        try performDue()
      }
      if isLarge { try disturb(after: number) } else { try disturbALittle() }
    }
  }

  private func disturbALittle() throws {
    if crashes < weights.crashesMax, scheduler.generator.chance(1) {
      try crash()
      for client in clients where client.phase != .done { try ready(client) }
    }
  }

  /// Connects and logs in, if that has to be.
  func ready(_ client: SimulatedClient) throws {
    if let token = client.token, !isValid(token, of: client) { drop(client) }
    if client.phase == .ready { return }
    if client.name != SimulatedAdmin.name { chooseIdentity(client) }
    try begin(client)
    catchUp()
    if let user = client.user, executed.passwords[user] == nil, let name = client.name {
      executed.passwords[user] = "password of \(name)"
    }
  }

  /// Connects and logs in.
  func begin(_ client: SimulatedClient) throws {
    attended = [client]
    client.phase = .offline
    try send(client)
    try settle()
    guard client.phase == .ready else {
      throw Violation("client \(client.number), \(client.name ?? "nobody"), can't log in")
    }
  }

  // MARK: Operations

  private func operate(_ client: SimulatedClient) throws {
    tally.operations += 1
    workload.now = server.service.clock.now.ms
    var call: Call
    var viewer = client.viewer
    if client.scope == .service || client.scope == .admin, workload.vocabulary.has("AS"),
      dice.chance(40), let other = someoneElse()
    {
      viewer = NaiveModel.Viewer(id: other.id)
      call = workload.next(executed, me: viewer, &dice)
      if call.isAboutCredentials { call = .read(.unread) }
      call = .inPlaceOf(other.name, call)
    } else {
      call = workload.next(executed, me: viewer, &dice)
      // The operator keeps the token that they came with.
      if client.name == SimulatedAdmin.name {
        if case .own(.revokeToken) = call { call = .own(.revokeToken(82)) }
        if case .own(.password) = call { call = .read(.tokens) }
        if case .own(.erase) = call { call = .read(.tokens) }
      }
    }
    guard call.isWrite else { return try compareReading(call, client) }
    let before = history.position
    let now = server.service.clock.now.ms
    let reply =
      options.mode == .large && call.mayBeRepeated && scheduler.generator.below(500) == 0
      ? try askThroughCrash(call, client) : try ask(call, client).canonical
    try judge(call, viewer, reply, after: before, now)
    try follow(call, viewer, reply, client)
  }

  private func someoneElse() -> NaiveModel.Person? {
    let known = workload.names.compactMap { executed.person(named: $0) }.filter { !$0.isErased }
    return known.isEmpty ? nil : dice.pick(known)
  }

  /// The answer must be the model's, and so must what the command led to.
  private func judge(
    _ call: Call, _ viewer: NaiveModel.Viewer, _ reply: Reply, after before: UInt64, _ now: Int64
  ) throws {
    let head = server.journal.head
    let time = history.position > before ? head.time.ms : now
    let inner = call.unwrapped
    let expected = executed.execute(
      inner, by: viewer, answered: reply, at: head.position.raw, time: time
    ).canonical
    guard reply == expected else {
      let name = viewer.id.map { executed.name($0) } ?? "nobody"
      throw Violation(
        "\(call.words) by \(name) (\(viewer.scope)) was "
          + Reply.difference(reply, from: expected))
    }
    executed.learn(from: history.newest, after: inner, by: viewer.id ?? 0)
    if options.mode == .sequential || tally.operations % 250 == 0 {
      if let difference = history.newest.difference(from: executed) {
        throw Violation("\(call.words) led to \(difference)")
      }
    }
  }

  // MARK: What happens by itself

  /// Folds what the model did not carry out itself: sign-ups, and what the system does.
  func catchUp() {
    for record in history.records[Int(executed.position)..<history.records.count] {
      executed.fold(record, history.secret(at: record.position))
    }
  }

  /// Scheduled posts are published and polls closed when their time has come; nothing else is.
  func performDue() throws {
    let engine = server.engine
    let now = engine.clock.now.ms
    let due = executed.due(at: now)
    try scheduler.finish { _ = await engine.performDue() }
    try settle()
    let done = Set(history.records[Int(executed.position)...].map { "\($0.entity)" })
    guard done == due else {
      throw Violation("at \(now), \(due) is due, and this is done: \(done)")
    }
    catchUp()
  }
}
