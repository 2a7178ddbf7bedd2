internal import Domain
internal import Glibc

/// The frames of a snapshot file, and the items in them, which may cross from frame to frame.
final class SnapshotFrames {
  let what: String
  private let file: File
  private var offset: UInt64
  private var buffer: [UInt8] = []
  /// Read from the buffer already.
  private var consumed = 0

  init(_ path: String) throws(JournalError) {
    file = try File(path, O_RDONLY)
    what = "the snapshot \(path)"
    offset = UInt64(SnapshotFormat.magic.count)
  }

  /// Goes on with the frame that begins at byte `offset`.
  func seek(to offset: UInt64) {
    self.offset = offset
    buffer = []
    consumed = 0
  }

  /// Whether all frames have been read.
  var isAtEnd: Bool {
    get throws(JournalError) {
      guard consumed == buffer.count else { return false }
      return FrameHead(try head(at: offset)).isEnd
    }
  }

  /// Where the guide begins, as the head that ends the frames says; nil if there is none.
  var guideOffset: UInt64? {
    get throws(JournalError) {
      let length = try file.status().length
      let tail = UInt64(FrameHead.bytes + BLAKE2b.length)
      guard length > tail else { throw cutOff(length) }
      let offset = Page(number: 0, bytes: try head(at: length - tail)).value(4, 8)
      guard offset < length - tail else { throw damage("its guide is nowhere in it") }
      return offset > 0 ? offset : nil
    }
  }

  private func head(at offset: UInt64) throws(JournalError) -> [UInt8] {
    let head = try file.read(at: offset, count: FrameHead.bytes)
    guard head.count == FrameHead.bytes else { throw cutOff(offset) }
    return head
  }

  func damage(_ problem: String) -> JournalError { .damaged(Finding(what, problem)) }

  /// Compares the hash of the whole file.
  func verify() throws(JournalError) {
    var check = try SnapshotCheck(self)
    while try check.step(bytes: .max) {}
  }

  /// Compares each frame's own checksum, to the end of the file: finds what has changed in any byte
  /// but those of the hash. Whole frames that somebody moved or took away, the hash alone tells.
  func checkFrames() throws(JournalError) {
    let end = try length() - UInt64(FrameHead.bytes + BLAKE2b.length)
    let guide = try guideOffset
    var hasGuide = guide == nil
    var at = UInt64(SnapshotFormat.magic.count)
    while at < end {
      let bytes = try file.read(at: at, count: Int(min(end - at, UInt64(Self.checkedAtOnceBytes))))
      at += UInt64(try checkedBytes(of: bytes, at: at) { if $0 == guide { hasGuide = true } })
    }
    guard at == end, FrameHead(try head(at: at)).isEnd else { throw cutOff(at) }
    guard hasGuide else { throw damage("its guide is not where it says") }
  }

  /// Room for any frame.
  private static let checkedAtOnceBytes = 2 * SnapshotFormat.frameBytesMax + FrameHead.bytes

  /// Of the frames that are there whole, each of which is told of; at least of one.
  private func checkedBytes(
    of bytes: [UInt8], at offset: UInt64, _ begins: (_ offset: UInt64) -> Void
  ) throws(JournalError) -> Int {
    var start = 0
    while bytes.count - start >= FrameHead.bytes {
      let content = start + FrameHead.bytes
      let head = FrameHead(Array(bytes[start..<content]))
      let next = content + head.compressedBytes
      guard !head.isEnd, head.fits(contentMax: SnapshotFormat.frameBytesMax) else {
        throw damage("the frame at byte \(offset + UInt64(start)) is none")
      }
      if next > bytes.count { break }
      begins(offset + UInt64(start))
      guard head.fits(bytes.span.extracting(content..<next)) else {
        throw damage("the checksum of the frame at byte \(offset + UInt64(start)) does not fit")
      }
      start = next
    }
    guard start > 0 else { throw cutOff(offset) }
    return start
  }

  /// Of the file; throws where it is too short to be a snapshot, or another one.
  func length() throws(JournalError) -> UInt64 {
    let length = try file.status().length
    let smallest = SnapshotFormat.magic.count + FrameHead.bytes + BLAKE2b.length
    guard length >= UInt64(smallest),
      try file.read(at: 0, count: SnapshotFormat.magic.count) == SnapshotFormat.magic
    else { throw damage("it is not a snapshot, or was cut off at its beginning") }
    return length
  }

  /// Some bytes of the file, at least one.
  func bytes(at offset: UInt64, count: Int) throws(JournalError) -> [UInt8] {
    let bytes = try file.read(at: offset, count: count)
    guard !bytes.isEmpty else { throw damage("it became shorter while it was read") }
    return bytes
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
      if consumed == buffer.count {
        buffer = frame
      } else {
        buffer.removeFirst(consumed)
        buffer += frame
      }
      consumed = 0
    }
  }

  /// Nil at the empty frame that ends them.
  private func nextFrame() throws(JournalError) -> [UInt8]? {
    guard let (content, next) = try frame(at: offset) else { return nil }
    offset = next
    return content
  }

  /// The content of the frame at byte `offset`, and where the next one begins; nil at the empty
  /// frame that ends them.
  func frame(at offset: UInt64) throws(JournalError) -> (content: [UInt8], next: UInt64)? {
    let head = FrameHead(try head(at: offset))
    if head.isEnd { return nil }
    guard head.fits(contentMax: SnapshotFormat.frameBytesMax) else {
      throw damage("the frame at byte \(offset) is too large")
    }
    let start = offset + UInt64(FrameHead.bytes)
    let compressed = try file.read(at: start, count: head.compressedBytes)
    guard compressed.count == head.compressedBytes else { throw cutOff(offset) }
    guard let content = head.content(of: compressed) else {
      throw damage("the checksum of the frame at byte \(offset) does not fit")
    }
    return (content, start + UInt64(compressed.count))
  }

  private func cutOff(_ offset: UInt64) -> JournalError {
    damage("it was cut off at byte \(offset)")
  }

  /// Where the damage is, as far as the frames' own checksums tell.
  func firstBadFrame() throws(JournalError) -> String? {
    seek(to: UInt64(SnapshotFormat.magic.count))
    do throws(JournalError) {
      while try nextFrame() != nil {}
      return nil
    } catch {
      guard case .damaged(let finding) = error else { throw error }
      return finding.problem
    }
  }
}
