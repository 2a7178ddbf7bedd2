internal import Domain
private import Synchronization

/// Reads single entries of a snapshot file by their places, from any thread.
///
/// The file stays readable for as long as this lives, also when it has been removed. It must have
/// been verified; still, a frame's checksum is compared each time.
package final class SnapshotLookup: Sendable {
  /// The frame that was read last: what lies beside each other is often read after each other.
  private struct Latest {
    let frames: SnapshotFrames
    var offset = UInt64.max
    var content: [UInt8] = []
    var next: UInt64 = 0

    mutating func load(_ frame: UInt64) throws(JournalError) {
      guard frame != offset else { return }
      guard let (content, next) = try frames.frame(at: frame) else {
        throw frames.damage("there is no frame at byte \(frame)")
      }
      (self.content, self.next, offset) = (content, next, frame)
    }
  }

  private let latest: Mutex<Latest>

  package init(_ path: String) throws(JournalError) {
    latest = Mutex(Latest(frames: try SnapshotFrames(path)))
  }

  /// The key and the value of the entry that begins at a place. Costs a read and the decompression
  /// of a frame of about 16 KiB, unless that is the one of the last call.
  package func entry(
    at place: SnapshotPlace
  ) throws(JournalError) -> (key: [UInt8], value: [UInt8]) {
    try latest.withLock { latest throws(JournalError) in try Self.entry(at: place, &latest) }
  }

  private static func entry(
    at place: SnapshotPlace, _ latest: inout Latest
  ) throws(JournalError) -> (key: [UInt8], value: [UInt8]) {
    try latest.load(place.frame)
    guard place.offset < latest.content.count else {
      throw latest.frames.damage("a place is not in its frame")
    }
    var bytes = latest.content[place.offset...]
    var next = latest.next
    while true {
      do throws(CBORError) {
        var decoder = CBORDecoder(bytes)
        guard try decoder.array() == 3, try decoder.uint() == SnapshotFormat.Item.entry.rawValue
        else { throw .invalidValue }
        let key = Array(try decoder.bytes())
        return (key, Array(try decoder.bytes()))
      } catch {
        guard error == .truncated, let (content, following) = try latest.frames.frame(at: next)
        else { throw latest.frames.damage("what is at a place is no entry: \(error)") }
        bytes = bytes + content
        next = following
      }
    }
  }
}
