internal import Domain
internal import Glibc

/// Writes one file of a backup: CBOR items in compressed frames, each with a checksum, and a hash
/// over everything. Use from one thread.
final class BackupFrameWriter {
  let name: String
  private let file: File
  private let hash = BLAKE2b()
  private var encoder = CBOREncoder(reserving: BackupFormat.frameBytes + 65_536)
  /// Of the file, so far.
  private(set) var bytes: UInt64 = 0

  /// Makes the file, which must not be there.
  init(directory: String, name: String, magic: [UInt8]) throws(JournalError) {
    self.name = name
    file = try File(directory + "/" + name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    try write(magic)
  }

  func item(_ body: (inout CBOREncoder) -> Void) throws(JournalError) {
    body(&encoder)
    if encoder.bytes.count >= BackupFormat.frameBytes { try flush() }
  }

  /// Ends and syncs the file; its hash.
  func finish() throws(JournalError) -> [UInt8] {
    try flush()
    try write(FrameHead.end)
    try file.sync()
    return hash.finish()
  }

  private func flush() throws(JournalError) {
    guard !encoder.bytes.isEmpty else { return }
    try write(FrameHead.frame(of: encoder.bytes))
    encoder.reset()
  }

  private func write(_ piece: [UInt8]) throws(JournalError) {
    hash.update(piece)
    try file.write(piece)
    bytes += UInt64(piece.count)
  }
}

/// Reads what `BackupFrameWriter` wrote; compares every frame's checksum, and at the end the hash.
final class BackupFrameReader {
  private let file: File
  private let what: String
  private let hash = BLAKE2b()
  private var offset: UInt64 = 0

  init(directory: String, name: String, magic: [UInt8]) throws(JournalError) {
    let path = directory + "/" + name
    what = "the backup's file \(path)"
    do throws(JournalError) {
      file = try File(path, O_RDONLY | O_NOFOLLOW)
    } catch .missing {
      throw .damaged(Finding("the backup", "its file \(path) is missing"))
    }
    guard try take(magic.count) == magic else { throw damage("it does not begin as one does") }
  }

  /// Nil at the end.
  func nextFrame() throws(JournalError) -> [UInt8]? {
    let head = FrameHead(try take(FrameHead.bytes))
    if head.isEnd { return nil }
    guard head.fits(contentMax: BackupFormat.frameBytesMax) else {
      throw damage("a frame before byte \(offset) is too large")
    }
    guard let content = head.content(of: try take(head.compressedBytes)) else {
      throw damage("the checksum of the frame before byte \(offset) does not fit")
    }
    return content
  }

  /// After the last frame: nothing follows, and the hash of all that was read is this one.
  func finish(expecting expected: [UInt8]) throws(JournalError) {
    guard try file.status().length == offset else { throw damage("something follows its end") }
    guard hash.finish() == expected else { throw damage("its hash is not the manifest's") }
  }

  /// Calls `body` with a decoder at the beginning of each item.
  func forEachItem(
    _ body: (inout CBORDecoder) throws(JournalError) -> Void
  ) throws(JournalError) {
    while let frame = try nextFrame() {
      var decoder = CBORDecoder(frame)
      while !decoder.isAtEnd { try body(&decoder) }
    }
  }

  func damage(_ problem: String) -> JournalError { .damaged(Finding(what, problem)) }

  private func take(_ count: Int) throws(JournalError) -> [UInt8] {
    let bytes = try file.read(at: offset, count: count)
    guard bytes.count == count else { throw damage("it was cut off at byte \(offset)") }
    hash.update(bytes)
    offset += UInt64(count)
    return bytes
  }
}
