import Domain
import Journal

extension Simulation {
  enum Step {
    case job
    case commit
    case sync
    case snapshot
    case sleep
    case send(SimulatedClient)
    case deliver(SimulatedClient)
    case receive(SimulatedClient)
    case cut(SimulatedClient)
    case notice
    case tick
  }

  /// One step that chance picks among those that are possible; false if only time can pass.
  func step(sending: Bool = true) throws -> Bool {
    var steps: [(weight: Int, step: Step)] = []
    if scheduler.hasReady { steps.append((weights.job, .job)) }
    let isWriting = writing != nil
    if !isWriting, server.journal.enqueued > server.journal.durable {
      steps.append((weights.commit, .commit))
    }
    for client in attended ?? clients {
      if let link = client.link {
        if link.canDeliver { steps.append((weights.network, .deliver(client))) }
        if link.canReceive { steps.append((weights.network, .receive(client))) }
      }
      if sending, maySend(client) { steps.append((weights.send, .send(client))) }
    }
    guard !steps.isEmpty else { return false }
    if isStormy { addWeather(&steps, isWriting: isWriting) }
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

  /// What may come at any time.
  private func addWeather(_ steps: inout [(weight: Int, step: Step)], isWriting: Bool) {
    if weights.tick > 0 { steps.append((weights.tick, .tick)) }
    if !halfOpen.isEmpty { steps.append((1, .notice)) }
    if !isWriting, machine.durability != .always, machine.disk.unsyncedCount > 0 {
      steps.append((weights.sync, .sync))
    }
    if !isWriting, mayBeginSnapshot, scheduler.generator.below(10_000) < weights.snapshot {
      steps.append((weights.job, .snapshot))
    }
    // Only who lies in a snapshot can sleep.
    if tally.snapshots > 0, scheduler.generator.below(10_000) < 2 * weights.snapshot {
      steps.append((weights.job, .sleep))
    }
    guard weights.cut > 0, scheduler.generator.below(10_000) < weights.cut else { return }
    let connected = clients.filter { $0.link != nil && $0.phase == .ready }
    if !connected.isEmpty {
      steps.append((weights.job, .cut(scheduler.generator.pick(connected))))
    }
  }

  private func perform(_ step: Step) throws {
    switch step {
    case .job: scheduler.runJob()
    case .commit: try commit()
    case .sync: try sync()
    case .snapshot: beginSnapshot()
    case .sleep: putToSleep()
    case .send(let client): try send(client)
    case .deliver(let client): deliver(client)
    case .receive(let client): try receive(client)
    case .cut(let client): try cut(client)
    case .notice: noticeHalfOpen()
    case .tick: tick()
    }
    try endSnapshotIfDone()
  }

  /// Nothing is under way any more.
  func settle() throws {
    while try step(sending: false) {}
  }

  private func deliver(_ client: SimulatedClient) {
    guard let link = client.link else { return }
    let all = link.outgoing.count
    let isWhole = options.calm.contains(.pieces) || scheduler.generator.chance(70)
    let count = isWhole ? all : scheduler.generator.between(1, all)
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
    case ..<92: ms = -scheduler.generator.between(3_600_000, 40_000_000)
    default: ms = 0
    }
    if options.calm.contains(.clock), isStormy { return }
    move(byMs: ms)
  }

  func move(byMs ms: Int) {
    scheduler.trace.note(.tick, ms)
    if ms != 0 { tell("the clock jumps by \(ms) ms") }
    machine.clock.move(byMs: Int64(ms))
  }

  /// Hours or days; while clients repeat requests by key, less than the day that keys are kept.
  private func longPause() -> Int {
    if options.mode != .concurrent { return scheduler.generator.between(3_600_000, 100_000_000) }
    let left = Int(Self.startMs + 70_000_000 - machine.clock.now.ms)
    return left > 20_000_000 ? scheduler.generator.between(3_600_000, 20_000_000) : 0
  }
}
