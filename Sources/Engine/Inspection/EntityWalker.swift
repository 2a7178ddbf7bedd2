package import Entities
package import Journal

/// Freezes a shard's entities on the shard's thread, a slice at a time, so that nobody who is
/// served there waits for longer than a slice.
package actor EntityWalker {
  /// Entities frozen in one turn of the shard: some tens of microseconds.
  package static let sliceMax = 256

  private let executor: any SerialExecutor
  private nonisolated let directory: Directory

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(directory: Directory, executor: any SerialExecutor) {
    self.directory = directory
    self.executor = executor
  }

  /// Shows every entity of a kind that there is now to the visitor. Each is shown as it stands at
  /// its turn.
  package nonisolated func walk(
    _ kind: EntityKind, _ visitor: some EntityVisitor
  ) async throws {
    switch kind {
    case .user: try await walk(directory.users.all(), visitor)
    case .post: try await walk(directory.posts.all(), visitor)
    case .chat: try await walk(directory.chats.all(), visitor)
    case .tag: try await walk(directory.tags.all(), visitor)
    }
  }

  private nonisolated func walk<State: StateCoding>(
    _ members: [EntityActor<State>], _ visitor: some EntityVisitor
  ) async throws {
    var start = 0
    while start < members.count {
      let end = min(start + Self.sliceMax, members.count)
      for entity in await freeze(members[start..<end]) { try visitor.visit(entity) }
      start = end
    }
  }

  private func freeze<State>(
    _ members: ArraySlice<EntityActor<State>>
  ) async -> [Frozen<State>] {
    var frozen: [Frozen<State>] = []
    frozen.reserveCapacity(members.count)
    for member in members { frozen.append(await member.freeze()) }
    return frozen
  }
}
