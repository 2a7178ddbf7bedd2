import Domain
import Engine
import Entities
import Journal
import Projections

/// What comes between the commands of a large run: snapshots and what spoils them, the ends of
/// processes, rebuilds, and long looks at everything.
extension Simulation {
  func disturb(after number: Int) throws {
    if number % 100 == 0 { try compareSomebody() }
    // Each at least now and then, whatever the seed.
    if number % 1_000 == 500 { try takeSnapshot() }
    if number % 1_000 == 600 { try restart() }
    if number % 1_000 == 700 { try crashAndGoOn() }
    if number % 1_000 == 800 { try rebuild() }
    switch scheduler.generator.below(10_000) {
    case ..<25: try takeSnapshot()
    case ..<32: try restart()
    case ..<38: try crashAndGoOn()
    case ..<46: try rebuild()
    case ..<52: try spoilSnapshot()
    default: break
    }
  }

  private func crashAndGoOn() throws {
    attended = nil
    try crash()
    try performDue()
  }

  /// Everything that one person, picked by chance, can read of their own.
  private func compareSomebody() throws {
    let client = scheduler.generator.pick(clients)
    guard client.phase != .done, client.name != nil else { return }
    try ready(client)
    for call in workload.everythingOwn(executed, client.user ?? 0) {
      try compareReading(call, client)
    }
  }

  // MARK: Snapshots

  private func takeSnapshot() throws {
    guard let store = machine.snapshots else { return }
    tally.snapshots += 1
    let engine = server.engine
    let summary = try scheduler.finish {
      try await engine.inspector.takeSnapshot(into: store, at: engine.clock.now)
    }
    guard summary.position.raw == history.position else {
      throw Violation("a snapshot in all quiet is of \(summary.position), not \(history.position)")
    }
    damagedSnapshots.remove(summary.position.raw)
  }

  /// A bit falls over, an end is missing, or a file is gone.
  func spoilSnapshot() throws {
    guard let store = machine.snapshots, let item = try store.list().first else { return }
    let bytes = Int(item.bytes)
    // The server's own is spared: without an entity that sleeps there it would rightly end.
    Files.replaceWithCopy(item.path)
    switch scheduler.generator.below(3) {
    case 0:
      // What no frame's checksum covers is at the end.
      let first = scheduler.generator.chance(50) ? max(0, bytes - 44) : 0
      Files.flip(item.path, at: scheduler.generator.between(first, bytes - 1))
    case 1: Files.truncate(item.path, to: scheduler.generator.below(bytes))
    default: Files.remove(item.path)
    }
    tell("the snapshot of position \(item.position) is damaged")
    damagedSnapshots.insert(item.position.raw)
  }

  /// The newest one that is whole; nil: the whole journal must be folded.
  func snapshotToStartFrom() throws -> Position? {
    guard let store = machine.snapshots else { return nil }
    return try store.list().map(\.position).first { !damagedSnapshots.contains($0.raw) }
  }

  // MARK: Ends and rebuilds

  /// The process ends in order and begins anew, with another number of shards.
  private func restart() throws {
    tally.restarts += 1
    if scheduler.generator.chance(50) { try takeSnapshot() }
    for client in clients where client.phase != .done { drop(client) }
    attended = []
    try settle()
    scheduler.abandonAll()
    machine.disk = machine.disk.crashed()
    machine.shards = scheduler.generator.pick(machine.shardCounts)
    try start()
    try performDue()
  }

  /// Everything folded anew from the journal, on every number of shards, and compared.
  private func rebuild() throws {
    tally.rebuilds += 1
    try checkEntities()
    try checkDigests()
    try checkErased()
    try rebuildBesideServing()
  }

  /// Version 2 of some projections takes over from those that serve, and is what they were; now and
  /// then they are gone back to.
  private func rebuildBesideServing() throws {
    let names = ProjectionName.allCases
    let targets =
      scheduler.generator.chance(25)
      ? ProjectionSet.all : ProjectionSet([scheduler.generator.pick(names)])
    let goesBack = machine.snapshots != nil && scheduler.generator.chance(50)
    let engine = server.engine
    let store = machine.snapshots
    let outcome = try scheduler.finish {
      if let store {
        await engine.rebuilder.whenExchanged {
          _ = try await engine.inspector.takeSnapshot(into: store, at: engine.clock.now)
        }
      }
      try await engine.rebuilder.rebuild(targets)
      let outcome = try await engine.rebuilder.outcome(of: targets)
      if goesBack {
        _ = try await engine.rebuilder.revert(targets)
        await engine.rebuilder.finished()
      }
      return outcome
    }
    if store != nil { damagedSnapshots.remove(outcome.position.raw) }
    if let differing = outcome.comparisons.first(where: { !$0.isEqual }) {
      throw Violation("\(differing.name.rawValue), rebuilt: \(differing.sentence)")
    }
    guard outcome.position.raw == history.position else {
      throw Violation("\(targets) was rebuilt at \(outcome.position), not \(history.position)")
    }
    try checkDigests()
  }

  /// What erased people wrote cannot be read any more, wherever it lies.
  func checkErased() throws {
    for record in history.records where record.hasSecret && executed.isErased(record.actor.raw) {
      if case .text = try server.journal.secret(at: record.position) {
        throw Violation("what an erased person wrote at position \(record.position) can be read")
      }
    }
  }
}

extension NaiveModel {
  /// The entities to which something happens by itself by now.
  func due(at now: Int64) -> Set<String> {
    var due: Set<String> = []
    for id in postOrder {
      guard let post = posts[id] else { continue }
      // Those of erased people are given up then.
      if post.stage == .draft, let scheduled = post.facts.scheduled, scheduled <= now {
        due.insert("post:\(id)")
      }
      if post.stage == .published, !post.isPollClosed, let closes = pollCloses(post), closes <= now
      {
        due.insert("post:\(id)")
      }
    }
    return due
  }
}
