internal import Journal
internal import Projections

extension SnapshotReader {
  /// What is left of the section that was begun, as entries, however it is stored.
  func forEachEntry(
    of section: SnapshotSection, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    let projection = SnapshotPart(name: section.name)?.projection
    var stored = StoredEntries()
    while let (key, value) = try nextEntry() {
      guard let projection else {
        try body(key, value)
        continue
      }
      if let entry = try stored.entry(of: projection, key: key, value: value) {
        try body(entry.key, entry.value)
      }
    }
  }
}
