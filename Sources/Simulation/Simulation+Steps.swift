import Domain
import Journal

extension Simulation {
  enum Step {
    case job
    case commit
    case send(SimulatedClient)
    case deliver(SimulatedClient)
    case receive(SimulatedClient)
    case tick
  }

  /// One step that chance picks among those that are possible; false if only time can pass.
  func step(sending: Bool = true) throws -> Bool {
    var steps: [(weight: Int, step: Step)] = []
    if scheduler.hasReady { steps.append((weights.job, .job)) }
    if server.journal.enqueued > server.journal.durable { steps.append((weights.commit, .commit)) }
    for client in attended ?? clients {
      if let link = client.link {
        if link.canDeliver { steps.append((weights.network, .deliver(client))) }
        if link.canReceive { steps.append((weights.network, .receive(client))) }
      }
      if sending, maySend(client) { steps.append((weights.send, .send(client))) }
    }
    guard !steps.isEmpty else { return false }
    if isStormy, weights.tick > 0 { steps.append((weights.tick, .tick)) }
    var choice = scheduler.generator.below(steps.reduce(0) { $0 + $1.weight })
    for (weight, step) in steps {
      choice -= weight
      if choice < 0 {
        try perform(step)
        break
      }
    }
    if let reason = server.haltReason { throw Violation(reason) }
    return true
  }

  private func perform(_ step: Step) throws {
    switch step {
    case .job: scheduler.runJob()
    case .commit: try commit()
    case .send(let client): try send(client)
    case .deliver(let client): deliver(client)
    case .receive(let client): try receive(client)
    case .tick: tick()
    }
  }

  /// Nothing is under way any more.
  func settle() throws {
    while try step(sending: false) {}
  }

  private func commit() throws {
    scheduler.trace.note(.commit, Int(server.journal.enqueued.raw))
    if isStormy, crashes < weights.crashesMax, scheduler.generator.chance(2) {
      machine.disk.inject(scheduler.generator.chance(50) ? .commitFails : .commitFailsAfterwards)
    }
    do {
      _ = try server.journal.commitQueued()
    } catch {
      return try crash()
    }
    try history.follow(server.journal)
  }

  private func deliver(_ client: SimulatedClient) {
    guard let link = client.link else { return }
    let all = link.outgoing.count
    let count = scheduler.generator.chance(70) ? all : scheduler.generator.between(1, all)
    scheduler.trace.note(.deliver, client.number << 32 | count)
    link.deliver(count, on: scheduler)
  }

  func tick() {
    let ms: Int
    switch scheduler.generator.below(100) {
    case ..<60: ms = scheduler.generator.between(1, 2_000)
    case ..<80: ms = scheduler.generator.between(60_000, 1_200_000)
    case ..<85: ms = longPause()
    case ..<90: ms = -scheduler.generator.between(1, 600_000)
    default: ms = 0
    }
    scheduler.trace.note(.tick, ms)
    machine.clock.move(byMs: Int64(ms))
  }

  /// Hours or days; while clients repeat requests by key, less than the day that keys are kept.
  private func longPause() -> Int {
    if options.mode != .concurrent { return scheduler.generator.between(3_600_000, 100_000_000) }
    let left = Int(Self.startMs + 70_000_000 - machine.clock.now.ms)
    return left > 20_000_000 ? scheduler.generator.between(3_600_000, 20_000_000) : 0
  }

  /// Power fails: what is not synced is gone, and a new server recovers from what is.
  func crash() throws {
    crashes += 1
    scheduler.trace.note(.crash, crashes)
    for client in clients {
      while scheduler.generator.chance(50), client.link?.canReceive == true { try receive(client) }
    }
    scheduler.abandonAll()
    machine.disk = machine.disk.crashed()
    machine.shards = scheduler.generator.pick([1, 2, 4])
    tick()
    try start()
    for client in clients where client.phase != .done { lose(client) }
  }

  /// A new server on what the disk holds, from a snapshot where there is a good one.
  func start() throws {
    let expected = try snapshotToStartFrom()
    server = try SimulatedServer(on: machine, scheduler: scheduler)
    executed.tokenUses = [:]
    try history.check(server.journal)
    guard machine.snapshots != nil else { return }
    let used = server.startLines.first { $0.hasPrefix("starting from") }
    let wanted = expected.map { "starting from the snapshot at position \($0)" }
    guard used == wanted else {
      throw Violation("a start was \(used ?? "without a snapshot"), not \(wanted ?? "that")")
    }
  }

  /// The connection is gone; what had a key will be asked again.
  func lose(_ client: SimulatedClient) {
    for number in client.link?.pending.compactMap(\.attempt) ?? [] {
      let isKeyed = attempts[number].key != nil
      attempts[number].state = isKeyed ? .waiting : .unknown
      if isKeyed { client.repeats.append(number) }
    }
    client.link = nil
    client.walk = nil
    client.phase = .offline
  }
}
