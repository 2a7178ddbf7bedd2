internal import Domain

/// Writes one snapshot file, streaming: holds one frame in memory.
///
/// The file appears under its name when `finish` has synced it; an unfinished one stays under a
/// temporary name and is removed with the next prune. Use from one thread.
package final class SnapshotWriter {
  static let unfinishedSuffix = ".writing"

  private let files: any SnapshotFiles
  private let file: any SnapshotFile
  private let directory: String
  private let temporary: String
  private let destination: String
  private let hash = BLAKE2b()
  private var encoder = CBOREncoder(reserving: SnapshotFormat.frameBytesMax + 4_096)
  private var sections: UInt64 = 0
  private var sectionEntries: UInt64 = 0
  private var allEntries: UInt64 = 0
  private var isInSection = false
  /// Of the section, while it keeps the places of its entries.
  private var places: SnapshotPlaces?
  private var guide = SnapshotGuide.Builder()
  /// Written so far, compressed.
  package private(set) var fileBytes = 0

  init(
    directory: String, name: String, header: SnapshotHeader,
    files: any SnapshotFiles = SystemFiles()
  ) throws(JournalError) {
    self.files = files
    self.directory = directory
    destination = directory + "/" + name
    temporary = destination + Self.unfinishedSuffix
    try files.remove(temporary)
    file = try files.create(temporary)
    try write(SnapshotFormat.magic)
    encoder.array(5)
    encoder.uint(SnapshotFormat.Item.header.rawValue)
    encoder.uint(SnapshotFormat.version)
    encoder.uint(header.position.raw)
    encoder.int(header.created.ms)
    encoder.bytes(header.fingerprint)
  }

  /// Ends the section before, if there is one. A section begins with a frame of its own. One that
  /// keeps the places of its entries has small frames, so that single entries can be read.
  package func beginSection(
    _ section: SnapshotSection, keepingPlaces: Bool = false
  ) throws(JournalError) {
    endSection()
    try flush()
    guide.note(section: section.name, at: UInt64(fileBytes))
    places = keepingPlaces ? SnapshotPlaces(section: section.name) : nil
    encoder.array(4)
    encoder.uint(SnapshotFormat.Item.section.rawValue)
    encoder.text(section.name)
    encoder.uint(section.position.raw)
    encoder.uint(section.foldVersion)
    sections += 1
    isInSection = true
    try flushFullFrames()
  }

  package func entry(_ key: [UInt8], _ value: [UInt8]) throws(JournalError) {
    precondition(isInSection, "an entry belongs to a section")
    guard max(key.count, value.count) <= SnapshotFormat.entryBytesMax else {
      throw .library(
        operation: "write a snapshot",
        reason: "an entry has more than \(SnapshotFormat.entryBytesMax) bytes")
    }
    if places != nil, encoder.bytes.count >= SnapshotFormat.placedFrameBytes { try flush() }
    places?.add(
      key, SnapshotPlace(frame: UInt64(fileBytes), offset: encoder.bytes.count), to: &guide)
    encoder.array(3)
    encoder.uint(SnapshotFormat.Item.entry.rawValue)
    encoder.bytes(key)
    encoder.bytes(value)
    sectionEntries += 1
    allEntries += 1
    try flushFullFrames()
  }

  /// Something to be found without reading the rest: what belongs to the file as a whole. Under one
  /// name there may be several, which are read in their order.
  package func guide(_ name: String, _ bytes: [UInt8]) { guide.add(name, bytes) }

  /// Ends, syncs and names the file. Once.
  package func finish() throws(JournalError) {
    endSection()
    encoder.array(3)
    encoder.uint(SnapshotFormat.Item.end.rawValue)
    encoder.uint(sections)
    encoder.uint(allEntries)
    try flush()
    let guideOffset = UInt64(fileBytes)
    for item in guide.items {
      encoder.encoded(item)
      try flushFullFrames()
    }
    try flush()
    // A frame of nothing ends the frames and says where the guide is; the hash over everything
    // before follows.
    try write(
      littleEndianBytes(UInt32(0)) + littleEndianBytes(UInt32(truncatingIfNeeded: guideOffset))
        + littleEndianBytes(UInt32(guideOffset >> 32)))
    try file.write(hash.finish())
    if !Mutation.snapshotUnsynced.isPlanted { try file.sync() }
    try files.rename(temporary, to: destination)
    try files.syncDirectory(directory)
  }

  private func endSection() {
    guard isInSection else { return }
    encoder.array(2)
    encoder.uint(SnapshotFormat.Item.sectionEnd.rawValue)
    encoder.uint(sectionEntries)
    sectionEntries = 0
    isInSection = false
    places?.flush(to: &guide)
    places = nil
  }

  /// Writes what waits, so that the next item begins a frame.
  private func flush() throws(JournalError) {
    try flushFullFrames()
    guard !encoder.bytes.isEmpty else { return }
    try writeFrame(encoder.bytes)
    encoder.reset()
  }

  private func flushFullFrames() throws(JournalError) {
    let frameBytes = SnapshotFormat.frameBytesMax
    guard encoder.bytes.count >= frameBytes else { return }
    let content = encoder.bytes
    var start = 0
    while content.count - start >= frameBytes {
      try writeFrame(Array(content[start..<(start + frameBytes)]))
      start += frameBytes
    }
    encoder.reset()
    encoder.encoded(content[start...])
  }

  private func writeFrame(_ content: [UInt8]) throws(JournalError) {
    try write(FrameHead.frame(of: content))
  }

  private func write(_ bytes: [UInt8]) throws(JournalError) {
    hash.update(bytes)
    try file.write(bytes)
    fileBytes += bytes.count
  }
}
