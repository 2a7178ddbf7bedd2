package import Domain
internal import Journal
package import Projections

/// What a rebuild leaves on the disk: how far it has come, and what served before.
///
/// Each is a whole, checksummed file in the snapshot's format that says to which journal it belongs
/// and by which versions it was folded; what does not fit is never used.
package struct RebuildFiles: Sendable {
  /// Some projections and what they stand on, at one position.
  package struct Saved: Sendable {
    package var targets: ProjectionSet
    /// One for each shard, at one position.
    package var models: [ReadModels]
  }

  /// A projection as it was before a rebuild, to go back to.
  package struct Kept: Equatable, Sendable {
    package var targets: ProjectionSet
    package var position: Position

    init(targets: ProjectionSet, position: Position) {
      self.targets = targets
      self.position = position
    }

    var fileName: String { "\(RebuildFiles.kept)\(targets)-\(position)" }
    /// Until a snapshot of what took over is there.
    var unsettledName: String { "\(RebuildFiles.keeping)\(targets)-\(position)" }

    /// Nil for another file's.
    init?(fileName: String, prefix: String = RebuildFiles.kept) {
      let words = fileName.split(separator: "-", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] + "-" == prefix,
        let targets = ProjectionSet(String(words[1])), let position = UInt64(words[2])
      else { return nil }
      self.init(targets: targets, position: Position(position))
    }
  }

  private static let building = "building-"
  private static let kept = "kept-"
  private static let keeping = "keeping-"

  private let store: RebuildStore
  private let limits: ProjectionLimits
  private let versions: PartVersions

  init(_ store: RebuildStore, limits: ProjectionLimits, versions: PartVersions) {
    self.store = store
    self.limits = limits
    self.versions = versions
  }

  // MARK: Under way

  /// Removes what writing left unfinished.
  func prune() throws(JournalError) { try store.prune() }

  /// What was being built when the process ended.
  func unfinished() throws(JournalError) -> ProjectionSet? {
    for name in try store.names() where name.hasPrefix(Self.building) {
      if let targets = ProjectionSet(String(name.dropFirst(Self.building.count))) {
        return targets
      }
    }
    return nil
  }

  func save(
    _ models: [ReadModels], building targets: ProjectionSet, of journal: some RecordSource,
    at now: Instant
  ) throws(JournalError) {
    try write(models, as: Self.building + targets.description, of: journal, at: now)
  }

  func loadBuilding(
    _ targets: ProjectionSet, shards: Int, of journal: some RecordSource
  ) throws(RebuildError) -> Saved {
    let saved = try load(Self.building + targets.description, targets, shards, journal)
    // Folded by another version, it leads to what another version makes of it.
    guard saved.models[0].folds == versions.folds else {
      throw .unreadable("it was begun by another version")
    }
    return saved
  }

  func removeBuilding(_ targets: ProjectionSet) throws(JournalError) {
    try store.remove(Self.building + targets.description)
  }

  // MARK: Kept

  /// The newest first.
  func allKept() throws(JournalError) -> [Kept] {
    try store.names().compactMap { Kept(fileName: $0) }.sorted { $0.position > $1.position }
  }

  /// Writes what served until now, beside what is kept of the same projections: that must stay
  /// until a snapshot holds what took over. `settle` then puts this in its place.
  func keep(
    _ models: [ReadModels], of targets: ProjectionSet, journal: some RecordSource, at now: Instant
  ) throws(JournalError) -> Kept {
    let kept = Kept(targets: targets, position: models[0].position)
    try write(models, as: kept.unsettledName, of: journal, at: now)
    for other in try unsettled() where other.targets == targets && other != kept {
      try store.remove(other.unsettledName)
    }
    return kept
  }

  /// A snapshot has what took over: in place of what was kept before. Nothing is left to build.
  func settle(_ kept: Kept) throws(JournalError) {
    try removeBuilding(kept.targets)
    try store.rename(kept.unsettledName, to: kept.fileName)
    for other in try allKept() where other.targets == kept.targets && other != kept {
      try drop(other)
    }
  }

  /// After an end between `keep` and `settle`: a snapshot taken later than what was to be kept has
  /// what took over. Without one, what was to be kept serves again, and what was kept stays.
  func settle(startedFrom created: Instant?) throws {
    for kept in try unsettled() {
      let written = (try? SnapshotReader(store.path(kept.unsettledName)))?.header.created
      if let written, let created, created > written {
        try settle(kept)
      } else {
        try store.remove(kept.unsettledName)
      }
    }
  }

  private func unsettled() throws(JournalError) -> [Kept] {
    try store.names().compactMap { Kept(fileName: $0, prefix: Self.keeping) }
  }

  /// Some of what was kept together.
  func loadKept(
    _ kept: Kept, targets: ProjectionSet, shards: Int, of journal: some RecordSource
  ) throws(RebuildError) -> Saved {
    try load(kept.fileName, targets, shards, journal)
  }

  func drop(_ kept: Kept) throws(JournalError) { try store.remove(kept.fileName) }

  // MARK: Files

  private func write(
    _ models: [ReadModels], as name: String, of journal: some RecordSource, at now: Instant
  ) throws(JournalError) {
    let encoder = try SnapshotEncoder(
      at: models[0].position, limits: limits, versions: versions.folded(by: models[0].folds),
      created: now
    ) { header throws(JournalError) in try store.begin(name, header) }
    try encoder.write(models)
    _ = try encoder.finish(of: journal)
  }

  private func load(
    _ name: String, _ targets: ProjectionSet, _ shards: Int, _ journal: some RecordSource
  ) throws(RebuildError) -> Saved {
    do {
      let reader = try SnapshotReader(store.path(name))
      guard let written = SnapshotFingerprint(reader.header.fingerprint), written.limits == limits
      else { throw RebuildError.unreadable("it was written with other limits") }
      let needed = targets.withFoundations
      for name in needed.names
      where written.versions[.projection(name)]?.encoding
        != versions[.projection(name)]?.encoding
      {
        throw RebuildError.unreadable("\(name.rawValue) was written by another version")
      }
      let decoder = SnapshotDecoder(reader)
      var receiver = ModelsReceiver(
        (0..<shards).map {
          ReadModels(
            shard: ShardIndex($0), of: shards, limits: limits, folding: needed,
            folds: written.versions.folds)
        })
      try decoder.read(
        Set(needed.names.map { .projection($0) } + [.journal]), into: &receiver, of: journal)
      receiver.finish(at: decoder.position)
      return Saved(targets: targets, models: receiver.models)
    } catch let error as RebuildError {
      throw error
    } catch {
      throw .unreadable("\(error)")
    }
  }
}

/// Offers every entry to the read models of every shard.
struct ModelsReceiver: SnapshotReceiver {
  private(set) var models: [ReadModels]

  init(_ models: [ReadModels]) { self.models = models }

  mutating func take(
    _ name: ProjectionName, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(SnapshotError) {
    do throws(ProjectionError) {
      for index in models.indices {
        try models[index].restore(name, key: key, value: value)
      }
    } catch {
      throw .projection(error)
    }
  }

  /// Entities are not asked for.
  mutating func take(_: EntityKind, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {}

  mutating func finish(at position: Position) {
    for index in models.indices { models[index].finishRestoring(at: position) }
  }
}
