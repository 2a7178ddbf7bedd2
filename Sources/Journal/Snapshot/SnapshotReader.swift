internal import Domain

/// Reads one snapshot file, streaming: holds one frame and one entry in memory.
///
/// Opening reads the file to its end and compares its hash, so what is read afterwards is what was
/// written. Use from one thread.
package final class SnapshotReader {
  private let frames: SnapshotFrames
  package let header: SnapshotHeader
  /// Whether sections were gone past: then the counts at the end say nothing.
  private var hasLeaped = false
  private var isInSection = false
  private var sections: UInt64 = 0
  private var sectionEntries: UInt64 = 0
  private var allEntries: UInt64 = 0

  /// Throws `damaged` for a file that is not whole, `unsupportedVersion` for another format.
  ///
  /// With `isVerified` the hash is not compared: the caller does so elsewhere, and forgets what was
  /// read here if it does not fit.
  package init(_ path: String, isVerified: Bool = false) throws(JournalError) {
    frames = try SnapshotFrames(path)
    if !isVerified { try frames.verify() }
    let version: UInt64
    (version, header) = try frames.item { decoder throws(CBORError) in
      guard try decoder.array() == 5, try decoder.uint() == SnapshotFormat.Item.header.rawValue
      else { throw .invalidValue }
      let version = try decoder.uint()
      let position = Position(try decoder.uint())
      let created = Instant(ms: try decoder.int())
      let fingerprint = Array(try decoder.bytes())
      return (
        version, SnapshotHeader(position: position, fingerprint: fingerprint, created: created)
      )
    }
    guard version == SnapshotFormat.version else {
      throw .unsupportedVersion(what: frames.what, found: version)
    }
  }

  /// Compares the hash of a whole file. Throws as opening does.
  package static func verify(_ path: String) throws(JournalError) {
    try SnapshotFrames(path).verify()
  }

  /// Compares the checksums of a whole file's frames: `SnapshotCheck` is what is left to do then.
  package static func checkFrames(of path: String) throws(JournalError) {
    try SnapshotFrames(path).checkFrames()
  }

  /// Goes on at a section without reading what is before it; false, with nothing changed, if the
  /// guide does not know it.
  package func leap(toSection name: String, by guide: SnapshotGuide) -> Bool {
    guard let offset = guide.offset(ofSection: name) else { return false }
    frames.seek(to: offset)
    isInSection = false
    hasLeaped = true
    return true
  }

  private enum Item {
    case section(SnapshotSection)
    case entry(ArraySlice<UInt8>, ArraySlice<UInt8>)
    case sectionEnd(UInt64)
    case end(sections: UInt64, entries: UInt64)
  }

  /// The next section, passing over what is left of the one before; nil at the end.
  package func nextSection() throws(JournalError) -> SnapshotSection? {
    while isInSection { _ = try nextEntryInPlace() }
    switch try nextItem() {
    case .section(let section):
      isInSection = true
      sections += 1
      sectionEntries = 0
      return section
    case .end(let sections, let entries)
    where hasLeaped || (sections == self.sections && entries == allEntries):
      return nil
    case .end, .entry, .sectionEnd:
      throw frames.damage("its parts are not in order")
    }
  }

  /// The next entry of the section; nil at its end.
  package func nextEntry() throws(JournalError) -> (key: [UInt8], value: [UInt8])? {
    try nextEntryInPlace().map { (Array($0.key), Array($0.value)) }
  }

  /// The same without a copy: it lies in the frame, whose memory it keeps.
  package func nextEntryInPlace() throws(JournalError) -> (
    key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  )? {
    guard isInSection else { return nil }
    switch try nextItem() {
    case .entry(let key, let value):
      sectionEntries += 1
      allEntries += 1
      return (key, value)
    case .sectionEnd(sectionEntries):
      isInSection = false
      return nil
    case .sectionEnd, .section, .end:
      throw frames.damage("a section has not as many entries as it says")
    }
  }

  private func nextItem() throws(JournalError) -> Item {
    try frames.item { decoder throws(CBORError) in
      let count = try decoder.array()
      guard let kind = SnapshotFormat.Item(rawValue: try decoder.uint()) else {
        throw .invalidValue
      }
      switch (kind, count) {
      case (.section, 4):
        let name = try decoder.text()
        let position = Position(try decoder.uint())
        return .section(
          SnapshotSection(
            name: name, position: position, foldVersion: try decoder.uint()))
      case (.entry, 3):
        let key = try decoder.bytes()
        return .entry(key, try decoder.bytes())
      case (.sectionEnd, 2):
        return .sectionEnd(try decoder.uint())
      case (.end, 3):
        let sections = try decoder.uint()
        return .end(sections: sections, entries: try decoder.uint())
      default:
        throw .invalidValue
      }
    }
  }
}
