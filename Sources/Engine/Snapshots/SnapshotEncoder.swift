internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Writes one snapshot: read models at its position, then entities, then what binds it to its
/// journal.
final class SnapshotEncoder: EntityVisitor {
  private let writer: SnapshotWriter
  private let position: Position
  private let versions: PartVersions
  private var entry = EntityEntry()
  private(set) var entryCount: UInt64 = 0
  /// The highest position in it: nothing in the file may be taken back by a crash, so the journal
  /// must be durable up to here before the file gets its name.
  private(set) var through: Position

  /// `begin` makes the file.
  init(
    at position: Position, limits: ProjectionLimits, versions: PartVersions = .current,
    created: Instant, begin: (SnapshotHeader) throws(JournalError) -> SnapshotWriter
  ) throws(JournalError) {
    self.position = position
    self.versions = versions
    through = position
    writer = try begin(
      SnapshotHeader(
        position: position, fingerprint: SnapshotFingerprint(versions, limits).bytes,
        created: created))
  }

  /// The read models of all shards, as far as they hold them.
  func write(_ models: [ReadModels]) throws(JournalError) {
    for name in models[0].folding.names {
      try begin(.projection(name))
      var failure: JournalError?
      for models in models {
        models.forEachStored(of: name) { key, value in
          guard failure == nil else { return }
          do throws(JournalError) {
            try writer.entry(key, value)
            entryCount += 1
          } catch {
            failure = error
          }
        }
      }
      if let failure { throw failure }
    }
  }

  /// What is visited next are entities of this kind.
  func begin(_ kind: EntityKind) throws(JournalError) {
    try begin(.entities(kind), keepingPlaces: true)
  }

  var keeps: Bool { true }

  func visit<State: StateCoding>(_ entity: Frozen<State>) throws {
    if entity.state.isBlank(entity.key) { return }
    entry.write(entity)
    try writer.entry(entry.key.bytes, entry.value.bytes)
    entryCount += 1
    through = max(through, entity.ownPosition, entity.observedPosition)
  }

  func visit<State: StateCoding>(
    asleep entry: (key: [UInt8], value: [UInt8]), _: () -> Frozen<State>
  ) throws {
    // Who sleeps has changed nothing since the snapshot that holds the entry.
    try writer.entry(entry.key, entry.value)
    entryCount += 1
  }

  /// What is found without reading the entities.
  func write(_ parts: GuideParts) { parts.write(to: writer) }

  /// Ends, syncs and names the file; `journal` must be durable up to `through`. Returns its size in
  /// bytes.
  func finish(of journal: some RecordSource) throws(JournalError) -> Int {
    try begin(.journal)
    let mark = try JournalMark(of: journal, at: position, through: through)
    try writer.entry(JournalMark.key, mark.bytes)
    try writer.finish()
    return writer.fileBytes
  }

  private func begin(
    _ part: SnapshotPart, keepingPlaces: Bool = false
  ) throws(JournalError) {
    try writer.beginSection(
      SnapshotSection(
        name: part.name, position: position,
        foldVersion: UInt64(versions[part]?.fold ?? part.foldVersion)),
      keepingPlaces: keepingPlaces)
  }
}
