/// Compares the hash of a snapshot file, a piece at a time: so that it can be done while what was
/// read from it is served. Use from one thread.
package struct SnapshotCheck {
  private static let readAtOnceBytes: UInt64 = 1 << 20

  private let frames: SnapshotFrames
  private let hash = BLAKE2b()
  private let end: UInt64
  private var position: UInt64 = 0

  /// From here on the file stays readable, also when it is removed. Throws where there is none.
  package init(_ path: String) throws(JournalError) {
    try self.init(SnapshotFrames(path))
  }

  init(_ frames: SnapshotFrames) throws(JournalError) {
    self.frames = frames
    end = try frames.length() - UInt64(BLAKE2b.length)
  }

  /// Goes on for at least so many bytes; false at the end. Throws `damaged` there if the hash does
  /// not fit, with the first frame that is not what was written.
  package mutating func step(bytes: UInt64) throws(JournalError) -> Bool {
    let first = position
    while position < end {
      if position - first >= bytes { return true }
      let read = try frames.bytes(
        at: position, count: Int(min(end - position, Self.readAtOnceBytes)))
      hash.update(read)
      position += UInt64(read.count)
    }
    let isWhole = try frames.bytes(at: end, count: BLAKE2b.length) == hash.finish()
    guard isWhole || Mutation.snapshotHashSkipped.isPlanted else {
      throw frames.damage(
        "its hash does not fit: \(try frames.firstBadFrame() ?? "its end is damaged")")
    }
    return false
  }
}
