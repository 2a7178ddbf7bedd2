internal import Domain
package import Entities
package import Journal

/// Looks at a shard's entities on the shard's thread, a slice at a time, so that nobody who is
/// served there waits for longer than a slice.
package actor EntityWalker {
  /// Entities looked at in one turn of the shard: some tens of microseconds.
  package static let sliceMax = 256

  private let executor: any SerialExecutor
  package nonisolated let directory: Directory

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(directory: Directory, executor: any SerialExecutor) {
    self.directory = directory
    self.executor = executor
  }

  /// Shows every entity of a kind that there is now to the visitor. Each is shown as it stands at
  /// its turn; those who sleep, without waking them.
  package nonisolated func walk(
    _ kind: EntityKind, _ visitor: some EntityVisitor
  ) async throws {
    switch kind {
    case .user: try await walk(directory.users, visitor)
    case .post: try await walk(directory.posts, visitor)
    case .chat: try await walk(directory.chats, visitor)
    case .tag: try await walk(directory.tags, visitor)
    }
  }

  private nonisolated func walk<ID, State: StateCoding>(
    _ index: EntityIndex<ID, State>, _ visitor: some EntityVisitor
  ) async throws {
    let everyone = index.everyone()
    for slice in slices(of: everyone.awake) {
      for entity in await freeze(slice, keeping: visitor.keeps) { try visitor.visit(entity) }
    }
    for place in everyone.asleep {
      let entry = everyone.dormitory.entry(place)
      try visitor.visit(asleep: entry) { everyone.dormitory.read(entry) }
    }
  }

  private nonisolated func slices<Element>(of all: [Element]) -> [ArraySlice<Element>] {
    stride(from: 0, to: all.count, by: Self.sliceMax).map {
      all[$0..<min($0 + Self.sliceMax, all.count)]
    }
  }

  private func freeze<State>(
    _ members: ArraySlice<EntityActor<State>>, keeping: Bool
  ) async -> [Frozen<State>] {
    var frozen: [Frozen<State>] = []
    frozen.reserveCapacity(members.count)
    for member in members {
      frozen.append(keeping ? await member.freezeToKeep() : await member.freeze())
    }
    return frozen
  }

  // MARK: Residency

  /// From now on the shard's entities sleep where `bedrooms` says: in a snapshot that a walk of
  /// this shard has just been written into.
  nonisolated func move(to bedrooms: Bedrooms) async {
    bedrooms.open(to: directory)
    await noteKept(directory.users)
    await noteKept(directory.posts)
    await noteKept(directory.chats)
    await noteKept(directory.tags)
  }

  private nonisolated func noteKept<ID, State>(_ index: EntityIndex<ID, State>) async {
    for slice in slices(of: index.awake()) { await noteKept(slice.map(\.member)) }
  }

  private func noteKept<State>(_ members: [EntityActor<State>]) async {
    for member in members { await member.noteKept() }
  }

  /// Puts to sleep whom nobody asked for lately, and tells what those who stay awake take.
  /// Everybody has cooled down afterwards.
  nonisolated func putToSleep() async -> AwakeWeight {
    await putToSleep(directory.posts) + putToSleep(directory.users)
      + putToSleep(directory.chats) + putToSleep(directory.tags)
  }

  private nonisolated func putToSleep<ID, State>(
    _ index: EntityIndex<ID, State>
  ) async -> AwakeWeight {
    var weight = AwakeWeight()
    for slice in slices(of: index.awake()) {
      weight = weight + (await putToSleep(slice, of: index))
    }
    return weight
  }

  private func putToSleep<ID, State>(
    _ slice: ArraySlice<(id: ID, member: EntityActor<State>)>, of index: EntityIndex<ID, State>
  ) async -> AwakeWeight {
    var weight = AwakeWeight()
    for (id, member) in slice {
      if member.cool() == 0, await index.putToSleep(id, member) {
        weight.putToSleep += 1
      } else {
        let (bytes, isKept) = await member.weigh()
        weight.awake += 1
        weight.bytes += bytes
        if isKept { weight.warm += 1 }
      }
    }
    return weight
  }
}

/// What a shard's entities take that are awake.
struct AwakeWeight: Equatable, Sendable {
  /// Of an entity, before any was weighed.
  static let eachBytes = 1_024

  var awake = 0
  var bytes = 0
  var putToSleep = 0
  /// Of those awake, who could go but had been asked for lately.
  var warm = 0

  static func + (left: Self, right: Self) -> Self {
    AwakeWeight(
      awake: left.awake + right.awake, bytes: left.bytes + right.bytes,
      putToSleep: left.putToSleep + right.putToSleep, warm: left.warm + right.warm)
  }
}
