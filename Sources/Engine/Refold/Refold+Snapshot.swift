package import Domain
internal import Entities
package import Journal
internal import Projections

extension Refold {
  /// What a snapshot holds, ready to go on from there.
  init(
    from reader: SnapshotReader, of journal: some RecordSource, limits: ProjectionLimits
  ) throws(SnapshotError) {
    let decoder = SnapshotDecoder(reader)
    var receiver = RefoldReceiver(
      entities: EntityStates(), models: ReadModels(shard: .first, of: 1, limits: limits))
    try decoder.read(into: &receiver, of: journal)
    receiver.models.finishRestoring(at: decoder.position)
    self.init(entities: receiver.entities, models: receiver.models)
  }

  /// Writes what is folded as a snapshot. The journal must be durable up to there.
  package func writeSnapshot(
    into store: SnapshotStore, of journal: some RecordSource, at now: Instant
  ) throws -> SnapshotSummary {
    let summary = try write(of: journal, at: now, begin: store.begin)
    try store.prune()
    return summary
  }

  /// Writes what is folded into a file of the snapshot's format.
  func write(
    of journal: some RecordSource, at now: Instant,
    begin: (SnapshotHeader) throws(JournalError) -> SnapshotWriter
  ) throws -> SnapshotSummary {
    let encoder = try SnapshotEncoder(
      at: position, limits: models.limits, created: now, begin: begin)
    try encoder.write([models])
    for kind in EntityKind.all {
      try encoder.begin(kind)
      try entities.visit(kind, encoder)
    }
    let indexes = Indexes()
    for user in entities.users.values { indexes.adopt(user.state) }
    for post in entities.posts.values { indexes.adopt(post.state) }
    encoder.write(GuideParts(indexes))
    let bytes = try encoder.finish(of: journal)
    return SnapshotSummary(position: position, entries: encoder.entryCount, bytes: bytes)
  }
}

private struct RefoldReceiver: SnapshotReceiver {
  var entities: EntityStates
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
      switch kind {
      case .user:
        entities.adopt(try EntityEntry.read(UserState.self, key: key, value: value))
      case .post:
        entities.adopt(try EntityEntry.read(PostState.self, key: key, value: value))
      case .chat:
        entities.adopt(try EntityEntry.read(ChatState.self, key: key, value: value))
      case .tag:
        entities.adopt(try EntityEntry.read(TagState.self, key: key, value: value))
      }
    } catch {
      throw .entry(StateDigests.name(of: kind), error)
    }
  }
}
