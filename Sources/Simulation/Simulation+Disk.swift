import Domain
import Journal

/// The disk under the journal: commits that take time or fail, syncs that come late, and what the
/// loss of power leaves.
extension Simulation {
  /// While the disk is writing: what went wrong meanwhile.
  struct Writing {
    var violation: (any Error)?
  }

  /// Steps of others that fit into one commit, at most.
  private static let stepsMeanwhileMax = 60

  func commit() throws {
    scheduler.trace.note(.commit, Int(server.journal.enqueued.raw))
    injectFault()
    // A snapshot under way may wait for the writer, on the thread that it has here too.
    if isStormy, snapshotUnderWay == nil, scheduler.generator.chance(weights.slowCommits) {
      server.disk.meanwhile { [unowned self] in goOnWhileWriting() }
    }
    let before = server.journal.durable
    do {
      _ = try server.journal.commitQueued()
    } catch {
      tell("a commit fails: \(error)")
      tally.faults += 1
      if let violation = takeViolation() { throw violation }
      return try crash()
    }
    tell("positions \(before.raw + 1) to \(server.journal.durable) are committed")
    try history.follow(server.journal)
    if let violation = takeViolation() { throw violation }
  }

  private func takeViolation() -> (any Error)? {
    defer { writing = nil }
    return writing?.violation
  }

  /// The writer waits for the disk; everybody else does not.
  private func goOnWhileWriting() {
    writing = Writing()
    tell("a commit takes its time")
    do {
      if scheduler.generator.chance(50), !options.calm.contains(.clock) {
        move(byMs: scheduler.generator.between(500, 8_000))
      }
      for _ in 0..<scheduler.generator.between(1, Self.stepsMeanwhileMax) {
        guard try step() else { break }
      }
    } catch {
      writing?.violation = error
    }
  }

  private func injectFault() {
    guard isStormy, crashes < weights.crashesMax, !options.calm.contains(.faults),
      scheduler.generator.below(1_000) < weights.faults
    else { return }
    machine.disk.inject(
      scheduler.generator.pick([.commitFails, .commitFailsAfterwards, .diskIsFull]))
  }

  func sync() throws {
    if crashes < weights.crashesMax, scheduler.generator.below(1_000) < weights.faults {
      machine.disk.inject(.syncFails)
    }
    do {
      try server.journal.sync()
    } catch {
      tell("a sync fails: \(error)")
      tally.faults += 1
      return try crash()
    }
    tell("everything up to \(server.journal.durable) is synced")
  }

  /// Power fails: what is not synced is gone, or some of it; or the process alone ends, and all of
  /// it is still there. A new server recovers from what is.
  func crash() throws {
    crashes += 1
    scheduler.trace.note(.crash, crashes)
    for client in clients {
      while scheduler.generator.chance(50), client.link?.canReceive == true { try receive(client) }
    }
    scheduler.abandonAll()
    halfOpen = []
    abandonSnapshot()
    let unsynced = machine.disk.unsyncedCount
    let kept = scheduler.generator.chance(30) ? unsynced : scheduler.generator.below(unsynced + 1)
    tell("power fails; \(kept) of \(unsynced) transactions that were not synced are kept")
    machine.disk = machine.disk.crashed(keeping: kept)
    if isStormy { machine.files?.losePower(&scheduler.generator) }
    machine.shards = scheduler.generator.pick(machine.shardCounts)
    tick()
    try checkRotIsFound()
    if isStormy, !options.calm.contains(.rot), scheduler.generator.chance(50) {
      try spoilSnapshot()
    }
    try start(mayLose: machine.durability != .always && kept < unsynced)
    for client in clients where client.phase != .done || client.ear != nil { lose(client) }
  }

  /// A new server on what the disk holds, from a snapshot where there is a good one.
  func start(mayLose: Bool = false) throws {
    let expected = try snapshotToStartFrom()
    server = try SimulatedServer(on: machine, scheduler: scheduler)
    executed.tokenUses = [:]
    let before = history.position
    try history.check(server.journal, mayLose: mayLose)
    if history.position < before { forgetAnswers() }
    tell("a server starts on \(machine.shards) shards at position \(history.position)")
    guard machine.snapshots != nil, !isNewestSnapshotUnclear else { return }
    let used = server.startLines.first { $0.hasPrefix("starting from") }
    let wanted = expected.map { "starting from the snapshot at position \($0)" }
    guard used == wanted else {
      throw Violation("a start was \(used ?? "without a snapshot"), not \(wanted ?? "that")")
    }
  }

  /// With durability by interval, what was answered may be gone: then nobody counts on it.
  private func forgetAnswers() {
    for number in attempts.indices where attempts[number].through > history.position {
      attempts[number].reply = nil
      if attempts[number].state != .waiting { attempts[number].state = .unknown }
    }
    for number in attempts.indices {
      attempts[number].begun = attempts[number].begun.map { min($0, history.position) }
    }
    for client in clients {
      if let ear = client.ear { client.ear = Ear(channels: ear.channels) }
    }
    for client in clients where client.name != SimulatedAdmin.name {
      guard let name = client.name else { continue }
      client.user = history.newest.person(named: name)?.id
      // Who had nothing left to do may have to sign up anew, for others.
      if client.user == nil, client.isFirst, client.phase == .done { client.phase = .offline }
    }
  }

  /// A byte of the journal turns over while nobody looks: no server may start on that.
  private func checkRotIsFound() throws {
    guard !options.calm.contains(.rot), scheduler.generator.chance(40) else { return }
    let rotten = machine.disk.crashed()
    let dice = scheduler.generator.next()
    guard let what = rotten.damageByte(at: dice) else { return }
    do {
      _ = try Journal(
        disk: rotten, keys: machine.keys, clock: machine.clock,
        random: SeededRandom(seed: 0), limits: machine.limits, onFatal: { _ in })
    } catch {
      return tell("a byte of \(what) turns over, and is found: \(error)")
    }
    throw Violation("a byte of \(what) turned over, and a journal was opened nevertheless")
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
    client.isHalfClosed = false
    client.ear?.isSubscribed = false
    client.phase = .offline
  }
}
