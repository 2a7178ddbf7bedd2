internal import Domain
internal import Journal
internal import Projections

/// A snapshot file that offline rebuilds compare with and write anew, entry by entry: nothing of it
/// is held in memory.
struct SnapshotFile {
  let item: SnapshotStore.Item
  let fingerprint: SnapshotFingerprint

  /// The newest one that is whole, of this journal and these limits; nil if there is none.
  static func newest(
    of directory: String, _ journal: some RecordSource, limits: ProjectionLimits
  ) throws -> SnapshotFile? {
    guard FileSizes.exists(directory + "/snapshots") else { return nil }
    for item in try SnapshotStore(directory: directory).list() {
      guard let reader = try? SnapshotReader(item.path),
        let fingerprint = SnapshotFingerprint(reader.header.fingerprint),
        fingerprint.limits == limits, reader.header.position == item.position
      else { continue }
      var nobody = ModelsReceiver([])
      do throws(SnapshotError) {
        try SnapshotDecoder(reader).read([.journal], into: &nobody, of: journal)
      } catch {
        continue
      }
      return SnapshotFile(item: item, fingerprint: fingerprint)
    }
    return nil
  }

  /// Whether a projection's entries are written as today.
  func isReadable(_ name: ProjectionName) -> Bool {
    let part = SnapshotPart.projection(name)
    return fingerprint.versions[part]?.encoding == PartVersions.current[part]?.encoding
  }

  /// Whether everything but these projections is of today's versions.
  func isCurrent(but targets: ProjectionSet) -> Bool {
    SnapshotPart.all.allSatisfy { part in
      part.projection.map(targets.contains) ?? false
        || fingerprint.versions[part] == PartVersions.current[part]
    }
  }

  func forEachEntry(
    of name: ProjectionName, _ body: (_ key: [UInt8], _ value: [UInt8]) -> Void
  ) throws {
    let reader = try SnapshotReader(item.path)
    while let section = try reader.nextSection() {
      guard section.name == SnapshotPart.projection(name).name else { continue }
      return try reader.forEachEntry(of: section, body)
    }
  }

  /// Whether the people in it have the row numbers that `models` give them.
  func numbersPeople(as models: ReadModels) throws -> Bool {
    guard models.folding.contains(.people) else { return true }
    var people = ReadModels(
      shard: .first, of: 1, limits: models.limits, folding: ProjectionSet([.people]))
    var failure: ProjectionError?
    try forEachEntry(of: .people) { key, value in
      do throws(ProjectionError) {
        try people.restore(.people, key: key[...], value: value[...])
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return models.numbersPeople(as: people)
  }

  /// Writes it anew with the projections of `models` in the place of its own.
  func rewrite(
    _ targets: ProjectionSet, from models: ReadModels,
    begin: (SnapshotHeader) throws(JournalError) -> SnapshotWriter
  ) throws -> SnapshotSummary {
    let reader = try SnapshotReader(item.path)
    var header = reader.header
    header.fingerprint = SnapshotFingerprint.bytes(models.limits)
    let writer = try begin(header)
    var entries: UInt64 = 0
    while let section = try reader.nextSection() {
      var section = section
      guard let part = SnapshotPart(name: section.name) else { continue }
      section.foldVersion = UInt64(part.foldVersion)
      try writer.beginSection(section, keepingPlaces: part.kind != nil)
      if let name = part.projection, targets.contains(name) {
        var failure: JournalError?
        models.forEachStored(of: name) { key, value in
          guard failure == nil else { return }
          do throws(JournalError) { try writer.entry(key, value) } catch { failure = error }
          entries += 1
        }
        if let failure { throw failure }
      } else {
        while let (key, value) = try reader.nextEntry() {
          try writer.entry(key, value)
          entries += 1
        }
      }
    }
    if let guide = try SnapshotGuide(of: item.path), let parts = try GuideParts(guide) {
      parts.write(to: writer)
    }
    try writer.finish()
    return SnapshotSummary(
      position: item.position, entries: entries, bytes: writer.fileBytes)
  }
}
