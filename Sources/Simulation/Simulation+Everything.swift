import Domain
import Engine
import Entities
import Projections

extension Simulation {
  /// When all is quiet: everything that anybody can ask, the states, and the digests.
  ///
  /// Of what is the same for all but for what each may see, large runs and very short ones ask
  /// everything once, each time somebody else.
  func checkEverything() throws {
    attended = nil
    try settle()
    try checkEntities()
    try checkDigests()
    if options.mode != .concurrent { try checkErased() }
    if options.mode == .concurrent { executed = history.newest }
    if let difference = history.newest.difference(from: executed) {
      throw Violation("in the end the journal and the commands led to \(difference)")
    }
    let asking = clients.filter { $0.phase != .done || options.mode == .concurrent }
      .filter { $0.takesPart && $0.ear == nil && ($0.isFirst || $0.name == nil) }
    let others = workload.names.flatMap {
      workload.everything(about: $0, isAnonymous: false)
    }
    let isLarge = options.mode == .large || options.calls < Self.callsFewMax
    let posts = executed.postOrder.flatMap { id -> [Call] in
      let calls = workload.everything(about: id)
      // Of the other readings of a post, one by chance.
      return isLarge
        ? [calls[0], calls[scheduler.generator.between(1, calls.count - 1)]] : calls
    }
    for client in asking {
      if options.mode == .concurrent { try begin(client) } else { try ready(client) }
      if let user = client.user {
        for call in workload.everythingOwn(executed, user) { try compareReading(call, client) }
      }
    }
    if isLarge {
      for call in others + posts + workload.everythingOpen {
        let client = scheduler.generator.pick(asking)
        if !(client.name == nil && call.takesSomebody) { try compareReading(call, client) }
      }
    } else {
      for client in asking {
        for call in others + posts + workload.everythingOpen
        where !(client.name == nil && call.takesSomebody) {
          try compareReading(call, client)
        }
      }
    }
  }

  /// Of runs with fewer calls a client there can be many.
  private static let callsFewMax = 10

  // MARK: Law 5

  /// Every entity's state is what its own events and those that concern it make it, in the order
  /// of the journal.
  func checkEntities() throws {
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
    index.wakeAll().sorted { "\($0.key)" < "\($1.key)" }
  }

  /// The read models are what a refold makes of the journal, whatever the number of shards.
  func checkDigests() throws {
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
          "\(name.rawValue) live on \(live.count) shards differs from a refold on \(count): "
            + Self.difference(of: name, live, parts))
      }
    }
  }

  /// Entries that only one of two ways of getting here has, as bytes.
  private static func difference(
    of name: ProjectionName, _ live: [ReadModels], _ refolded: [ReadModels]
  ) -> String {
    func entries(_ parts: [ReadModels]) -> Set<String> {
      var entries: Set<String> = []
      for part in parts {
        part.forEachEntry(of: name) { key, value in
          entries.insert("\(hex(key)): \(hex(value))")
        }
      }
      return entries
    }
    let (ours, theirs) = (entries(live), entries(refolded))
    let missing = theirs.subtracting(ours).sorted().prefix(3)
    let added = ours.subtracting(theirs).sorted().prefix(3)
    return "live lacks \(Array(missing)), and has \(Array(added)) instead"
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func digests(_ parts: [ReadModels]) -> [ProjectionName: Digest] {
    var sums: [ProjectionName: Digest] = [:]
    for part in parts {
      for (name, digest) in part.digests() { sums[name] = (sums[name] ?? Digest()) + digest }
    }
    return sums
  }
}
