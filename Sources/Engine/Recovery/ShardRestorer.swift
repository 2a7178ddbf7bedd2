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
  /// Read beside this one, each something else; what they do not, is read here.
  private let helpers: [RestoreHelper]
  private let executor: any SerialExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    shard: ShardIndex, ground: EngineGround, journal: Journal, helpers: [RestoreHelper],
    executor: any SerialExecutor
  ) {
    self.helpers = helpers
    self.shard = shard
    self.ground = ground
    self.journal = journal
    self.executor = executor
  }

  /// Fills the shard's directory and returns its read models: from the snapshot, as far as it fits,
  /// the rest folded from the journal. When it throws, the ground is spoilt.
  ///
  /// With a guide, entities stay where they are in the snapshot until they are asked for: the
  /// caller makes their beds, and takes in what else the guide holds of them. The caller compares
  /// the file's hash.
  func restore(
    from path: String, _ fit: SnapshotFit, by guide: SnapshotGuide?
  ) async throws -> ReadModels {
    let decoder = SnapshotDecoder(try SnapshotReader(path, isVerified: true))
    var receiver = ShardReceiver(
      shard: shard, ground: ground, models: blankModels(folding: .all, decoder.folds))
    if let guide {
      let parts = fit.read.filter { $0.kind == nil }
      try await read(parts, with: decoder, from: path, by: guide, into: &receiver)
    } else {
      try decoder.read(fit.read, into: &receiver, of: journal)
    }
    receiver.models.finishRestoring(at: decoder.position)
    if !fit.isWhole { receiver.models.mark(fit.outdated, foldedBefore: ground.versions.folds) }
    if !fit.unusable.isEmpty { try refold(fit, through: decoder.position, into: &receiver) }
    return receiver.models
  }

  /// The same without a snapshot: everything folded from the journal, into plain tables first. That
  /// is twice as fast as handing each record to the actors that it concerns.
  func fold(through end: Position) throws -> ReadModels {
    var receiver = ShardReceiver(
      shard: shard, ground: ground, models: blankModels(folding: .all, ground.versions.folds))
    receiver.models.finishRestoring(at: end)
    try refold(.nothing, through: end, into: &receiver)
    return receiver.models
  }

  /// The read models and everybody's name; helpers take a part of both meanwhile on their threads,
  /// once it is known who the people are.
  private func read(
    _ parts: Set<SnapshotPart>, with decoder: SnapshotDecoder, from path: String,
    by guide: SnapshotGuide, into receiver: inout ShardReceiver
  ) async throws {
    let helpers = helpers.filter { parts.contains($0.part) }
    guard !helpers.isEmpty else {
      try decoder.read(parts, by: guide, into: &receiver, of: journal)
      return ground.names.adopt(receiver.models)
    }
    let people: Set = [SnapshotPart.projection(.people)]
    try decoder.read(people, by: guide, into: &receiver, of: journal)
    let models = receiver.models
    let others = try await inParallel(helpers, on: self) {
      try await $0.read(from: path, guide, among: models)
    } meanwhile: {
      let rest = parts.subtracting(helpers.map(\.part)).subtracting(people)
      try decoder.read(rest, by: guide, into: &receiver, of: journal)
      if helpers.allSatisfy({ $0.names == nil }) { ground.names.adopt(models) }
    }
    for (helper, other) in zip(helpers, others) { receiver.models.take(helper.name, from: other) }
  }

  private func blankModels(folding: ProjectionSet, _ folds: FoldVersions) -> ReadModels {
    ReadModels(
      shard: shard, of: ground.sharding.count, limits: ground.limits, folding: folding,
      folds: folds)
  }

  /// Folds what cannot be taken from the snapshot, and what that stands on, up to where the
  /// snapshot stands.
  private func refold(
    _ fit: SnapshotFit, through end: Position, into receiver: inout ShardReceiver
  ) throws {
    let names = fit.unusableProjections
    var models = blankModels(folding: names.withFoundations, ground.versions.folds)
    var entities = EntityStates(of: fit.unusable.compactMap(\.kind)) { [ground, shard] key in
      ground.sharding.shard(of: key) == shard
    }
    var cursor = journal.cursor(after: .zero)
    while cursor.position < end {
      let left = Int(clamping: end.raw - cursor.position.raw)
      let records = try cursor.next(max: min(4_096, left))
      guard !records.isEmpty else { throw SnapshotError.beyondEnd(end, cursor.position) }
      do throws(RefoldError) {
        try entities.fold(contentsOf: records[...], with: &models)
      } catch {
        throw SnapshotError.refold(error)
      }
    }
    guard models.numbersPeople(as: receiver.models) || names.contains(.people) else {
      throw SnapshotError.otherNumbers
    }
    receiver.models.adopt(names, from: models)
    for user in entities.users.values { receiver.adopt(user) }
    for post in entities.posts.values { receiver.adopt(post) }
    for chat in entities.chats.values { receiver.adopt(chat) }
    for tag in entities.tags.values { receiver.adopt(tag) }
  }
}

/// Reads one read model of a shard's snapshot on a thread of its own, while the shard reads the
/// rest; and tells the names, which take as long.
actor RestoreHelper {
  nonisolated let name: ProjectionName
  /// Who is told the names; nil: that is not its task.
  nonisolated let names: NameIndex?
  private let journal: Journal
  private let executor: any SerialExecutor

  nonisolated var part: SnapshotPart { .projection(name) }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(
    _ name: ProjectionName, tellingNamesTo names: NameIndex? = nil, journal: Journal,
    executor: any SerialExecutor
  ) {
    self.name = name
    self.names = names
    self.journal = journal
    self.executor = executor
  }

  /// The part, beside the people in whose numbers it is written.
  func read(
    from path: String, _ guide: SnapshotGuide, among people: ReadModels
  ) throws -> ReadModels {
    let decoder = SnapshotDecoder(try SnapshotReader(path, isVerified: true))
    var receiver = ModelsReceiver([people])
    try decoder.read([part], by: guide, into: &receiver, of: journal)
    names?.adopt(people)
    return receiver.models[0]
  }
}

/// Sorts a snapshot's entries into one shard's read models and directory, and into the indexes.
private struct ShardReceiver: SnapshotReceiver {
  let shard: ShardIndex
  let ground: EngineGround
  var models: ReadModels

  mutating func take(
    _ name: ProjectionName, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(SnapshotError) {
    do throws(ProjectionError) {
      try models.restore(name, key: key, value: value)
    } catch {
      throw .projection(error)
    }
  }

  mutating func take(
    _ kind: EntityKind, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(SnapshotError) {
    do throws(CBORError) {
      let entity = try EntityEntry.readKey(key)
      guard ground.sharding.shard(of: entity) == shard else { return }
      switch kind {
      case .user:
        adopt(try EntityEntry.read(UserState.self, key: key, value: value))
      case .post:
        adopt(try EntityEntry.read(PostState.self, key: key, value: value))
      case .chat:
        adopt(try EntityEntry.read(ChatState.self, key: key, value: value))
      case .tag:
        adopt(try EntityEntry.read(TagState.self, key: key, value: value))
      }
    } catch {
      throw .entry(StateDigests.name(of: kind), error)
    }
  }

  private var directory: Directory { ground.directories[shard.raw] }

  func adopt(_ user: Frozen<UserState>) {
    directory.users.adopt(user, as: user.state.id)
    if let name = user.state.own.username { ground.names.adopt(name, of: user.state.id) }
    if user.state.own.isErased { ground.names.markErased(user.state.id) }
    ground.indexes.adopt(user.state)
  }

  func adopt(_ post: Frozen<PostState>) {
    directory.posts.adopt(post, as: post.state.id)
    ground.indexes.adopt(post.state)
  }

  func adopt(_ chat: Frozen<ChatState>) { directory.chats.adopt(chat, as: chat.state.id) }

  func adopt(_ tag: Frozen<TagState>) { directory.tags.adopt(tag, as: tag.state.tag) }
}

extension NameIndex {
  /// Takes in the people of a shard, as far as they are its own.
  fileprivate func adopt(_ models: ReadModels) {
    var named: [(name: Username, id: UserID)] = []
    models.forEachLocalPerson { id, username, isErased in
      if let username { named.append((username, id)) }
      if isErased { markErased(id) }
    }
    adopt(named)
  }
}
