internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Takes from a snapshot what belongs to one shard, on the shard's thread: all shards read the file
/// at the same time, each for itself.
actor ShardRestorer {
  private let shard: ShardIndex
  private let ground: EngineGround
  private let journal: Journal
  private let executor: any SerialExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    shard: ShardIndex, ground: EngineGround, journal: Journal, executor: any SerialExecutor
  ) {
    self.shard = shard
    self.ground = ground
    self.journal = journal
    self.executor = executor
  }

  /// Fills the shard's directory and returns its read models. When it throws, the ground is spoilt.
  func restore(from path: String) throws -> ReadModels {
    let decoder = SnapshotDecoder(try SnapshotReader(path))
    var receiver = ShardReceiver(
      shard: shard, ground: ground,
      models: ReadModels(shard: shard, of: ground.sharding.count, limits: ground.limits))
    try decoder.read(into: &receiver, of: journal)
    receiver.models.finishRestoring(at: decoder.position)
    return receiver.models
  }
}

/// Sorts a snapshot's entries into one shard's read models and directory, and into the indexes.
private struct ShardReceiver: SnapshotReceiver {
  let shard: ShardIndex
  let ground: EngineGround
  var models: ReadModels

  mutating func take(
    _ name: ProjectionName, key: [UInt8], value: [UInt8]
  ) throws(SnapshotError) {
    do throws(ProjectionError) {
      try models.restore(name, key: key[...], value: value[...])
    } catch {
      throw .projection(error)
    }
  }

  mutating func take(
    _ kind: EntityKind, key: [UInt8], value: [UInt8]
  ) throws(SnapshotError) {
    do throws(CBORError) {
      let entity = try EntityEntry.readKey(key[...])
      guard ground.sharding.shard(of: entity) == shard else { return }
      let directory = ground.directories[shard.raw]
      switch kind {
      case .user:
        let user = try EntityEntry.read(UserState.self, key: key[...], value: value[...])
        directory.users.adopt(user, as: user.state.id)
        index(user.state)
      case .post:
        let post = try EntityEntry.read(PostState.self, key: key[...], value: value[...])
        directory.posts.adopt(post, as: post.state.id)
        ground.agenda.adopt(post.state)
      case .chat:
        let chat = try EntityEntry.read(ChatState.self, key: key[...], value: value[...])
        directory.chats.adopt(chat, as: chat.state.id)
      case .tag:
        let tag = try EntityEntry.read(TagState.self, key: key[...], value: value[...])
        directory.tags.adopt(tag, as: tag.state.tag)
      }
    } catch {
      throw .entry(StateDigests.name(of: kind), error)
    }
  }

  private func index(_ user: UserState) {
    if let name = user.own.username { ground.names.adopt(name, of: user.id) }
    if user.own.isErased { ground.names.markErased(user.id) }
    for (token, issued) in user.own.tokens.entries.map({ ($0.key, $0.value) }) {
      ground.tokens.add(
        issued.hash,
        TokenHolder(
          user: user.id, token: token, scope: issued.scope, expires: issued.expires))
    }
  }
}
