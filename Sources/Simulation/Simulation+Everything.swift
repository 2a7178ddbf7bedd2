import Domain
import Engine
import Entities
import Projections

extension Simulation {
  /// When all is quiet: everything that anybody can ask, the states, and the digests.
  func checkEverything() throws {
    try settle()
    try checkEntities()
    try checkDigests()
    for client in clients where client.isFirst || client.name == nil {
      try begin(client)
      let calls = Workload.everything(
        history.newest, workload.names, isAnonymous: client.name == nil)
      for call in calls { try compareReading(call, client) }
    }
  }

  // MARK: Law 5

  /// Every entity's state is what its own events and those that concern it make it, in the order
  /// of the journal.
  private func checkEntities() throws {
    var refold = EntityRefold()
    for record in history.records { refold.fold(record) }
    let engine = server.engine
    let position = history.position
    let live = try scheduler.finish {
      await engine.reached(Position(position))
      var live = EntityRefold()
      for shard in engine.shards {
        for user in Self.inOrder(shard.directory.users) { live.add(await user.freeze().state) }
        for post in Self.inOrder(shard.directory.posts) { live.add(await post.freeze().state) }
        for chat in Self.inOrder(shard.directory.chats) { live.add(await chat.freeze().state) }
        for tag in Self.inOrder(shard.directory.tags) { live.add(await tag.freeze().state) }
      }
      return live
    }
    if let difference = refold.difference(to: live) {
      throw Violation("live and refolded differ: \(difference)")
    }
  }

  /// The same in every process, which a hash table's order is not.
  private static func inOrder<ID, State>(
    _ index: EntityIndex<ID, State>
  ) -> [EntityActor<State>] {
    index.all().sorted { "\($0.key)" < "\($1.key)" }
  }

  /// The read models are what a refold makes of the journal, whatever the number of shards.
  private func checkDigests() throws {
    let engine = server.engine
    let live = try scheduler.finish {
      var parts: [ReadModels] = []
      for partition in engine.partitions { parts.append(await partition.freeze()) }
      return parts
    }
    let expected = Self.digests(live)
    for count in [1, 2, 4] {
      var parts = (0..<count).map { ReadModels(shard: ShardIndex($0), of: count) }
      for index in parts.indices {
        for record in history.records { try parts[index].fold(record) }
      }
      for (name, digest) in Self.digests(parts) where expected[name] != digest {
        throw Violation(
          "\(name.rawValue) live on \(live.count) shards differs from a refold on \(count)")
      }
    }
  }

  private static func digests(_ parts: [ReadModels]) -> [ProjectionName: Digest] {
    var sums: [ProjectionName: Digest] = [:]
    for part in parts {
      for (name, digest) in part.digests() { sums[name] = (sums[name] ?? Digest()) + digest }
    }
    return sums
  }
}
