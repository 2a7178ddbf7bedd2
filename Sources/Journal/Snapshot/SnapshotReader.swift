internal import Domain
internal import Glibc

/// Reads one snapshot file, streaming: holds one frame and one entry in memory.
///
/// Opening reads the file to its end and compares its hash, so what is read afterwards is what was
/// written. Use from one thread.
package final class SnapshotReader {
  private let frames: SnapshotFrames
  package let header: SnapshotHeader
  private var isInSection = false
  private var sections: UInt64 = 0
  private var sectionEntries: UInt64 = 0
  private var allEntries: UInt64 = 0

  /// Throws `damaged` for a file that is not whole, `unsupportedVersion` for another format.
  package init(_ path: String) throws(JournalError) {
    frames = try SnapshotFrames(path)
    try frames.verify()
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

  private enum Item {
    case section(SnapshotSection)
    case entry([UInt8], [UInt8])
    case sectionEnd(UInt64)
    case end(sections: UInt64, entries: UInt64)
  }

  /// The next section, passing over what is left of the one before; nil at the end.
  package func nextSection() throws(JournalError) -> SnapshotSection? {
    while isInSection { _ = try nextEntry() }
    switch try nextItem() {
    case .section(let section):
      isInSection = true
      sections += 1
      sectionEntries = 0
      return section
    case .end(sections, allEntries):
      return nil
    case .end, .entry, .sectionEnd:
      throw frames.damage("its parts are not in order")
    }
  }

  /// The next entry of the section; nil at its end.
  package func nextEntry() throws(JournalError) -> (key: [UInt8], value: [UInt8])? {
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
        let key = Array(try decoder.bytes())
        return .entry(key, Array(try decoder.bytes()))
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

/// The frames of a snapshot file, and the items in them, which may cross from frame to frame.
final class SnapshotFrames {
  let what: String
  private let file: File
  private let zstd = Zstd()
  private var offset: UInt64
  private var buffer: [UInt8] = []
  /// Read from the buffer already.
  private var consumed = 0

  init(_ path: String) throws(JournalError) {
    file = try File(path, O_RDONLY)
    what = "the snapshot \(path)"
    offset = UInt64(SnapshotFormat.magic.count)
  }

  func damage(_ problem: String) -> JournalError { .damaged(Finding(what, problem)) }

  /// Compares the hash of the whole file.
  func verify() throws(JournalError) {
    let length = try file.status().length
    let smallest = SnapshotFormat.magic.count + SnapshotFormat.frameHeaderBytes + BLAKE2b.length
    guard length >= UInt64(smallest),
      try file.read(at: 0, count: SnapshotFormat.magic.count) == SnapshotFormat.magic
    else { throw damage("it is not a snapshot, or was cut off at its beginning") }
    let end = length - UInt64(BLAKE2b.length)
    let hash = BLAKE2b()
    var position: UInt64 = 0
    while position < end {
      let bytes = try file.read(at: position, count: Int(min(end - position, 1 << 20)))
      guard !bytes.isEmpty else { throw damage("it became shorter while it was read") }
      hash.update(bytes)
      position += UInt64(bytes.count)
    }
    guard try file.read(at: end, count: BLAKE2b.length) == hash.finish() else {
      throw damage("its hash does not fit: \(try firstBadFrame() ?? "its end is damaged")")
    }
  }

  /// The next item, as `read` understands it.
  func item<R>(
    _ read: (inout CBORDecoder) throws(CBORError) -> R
  ) throws(JournalError) -> R {
    while true {
      do throws(CBORError) {
        var decoder = CBORDecoder(buffer[consumed...])
        let result = try read(&decoder)
        consumed = decoder.index
        return result
      } catch {
        guard error == .truncated else { throw damage("byte \(offset): \(error)") }
      }
      guard let frame = try nextFrame() else { throw damage("it ends too early") }
      buffer.removeFirst(consumed)
      buffer += frame
      consumed = 0
    }
  }

  /// Nil at the empty frame that ends them.
  private func nextFrame() throws(JournalError) -> [UInt8]? {
    let header = try file.read(at: offset, count: SnapshotFormat.frameHeaderBytes)
    guard header.count == SnapshotFormat.frameHeaderBytes else { throw cutOff() }
    let fields = Page(number: 0, bytes: header)
    let compressed = Int(fields.value(0, 4))
    let content = Int(fields.value(4, 4))
    guard compressed > 0 else { return nil }
    guard content <= SnapshotFormat.frameBytesMax, compressed <= 2 * SnapshotFormat.frameBytesMax
    else { throw damage("the frame at byte \(offset) is too large") }
    let start = offset + UInt64(SnapshotFormat.frameHeaderBytes)
    let frame = try file.read(at: start, count: compressed)
    guard frame.count == compressed else { throw cutOff() }
    guard UInt64(crc32Checksum(frame)) == fields.value(8, 4),
      let bytes = zstd.decompress(frame, count: content)
    else { throw damage("the checksum of the frame at byte \(offset) does not fit") }
    offset = start + UInt64(compressed)
    return bytes
  }

  private func cutOff() -> JournalError { damage("it was cut off at byte \(offset)") }

  /// Where the damage is, as far as the frames' own checksums tell.
  private func firstBadFrame() throws(JournalError) -> String? {
    do throws(JournalError) {
      while try nextFrame() != nil {}
      return nil
    } catch {
      guard case .damaged(let finding) = error else { throw error }
      return finding.problem
    }
  }
}
