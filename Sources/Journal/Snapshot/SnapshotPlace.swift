/// Where an entry begins in a snapshot file: the frame, and the byte in its content. 8 bytes.
package struct SnapshotPlace: Hashable, Comparable, Sendable {
  private static let offsetBits = UInt64(20)

  package let raw: UInt64

  package init(raw: UInt64) { self.raw = raw }

  /// `frame` counts bytes from the beginning of the file; `offset` is below the largest frame.
  init(frame: UInt64, offset: Int) {
    precondition(
      offset < SnapshotFormat.frameBytesMax && frame < 1 << (64 - Self.offsetBits),
      "places are in files of less than 16 TiB")
    raw = frame << Self.offsetBits | UInt64(offset)
  }

  var frame: UInt64 { raw >> Self.offsetBits }
  var offset: Int { Int(raw & (1 << Self.offsetBits - 1)) }

  package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}

/// Collects the places of a section's entries, in pieces that a guide takes.
struct SnapshotPlaces {
  /// Entries in a piece.
  private static let pieceMax = 4_096

  private let name: String
  private var piece = CBOREncoder()
  private var count = 0

  init(section: String) { name = SnapshotGuide.places(of: section) }

  mutating func add(_ key: [UInt8], _ place: SnapshotPlace, to guide: inout SnapshotGuide.Builder) {
    piece.bytes(key)
    piece.uint(place.raw)
    count += 1
    if count == Self.pieceMax { flush(to: &guide) }
  }

  /// Also where there is none: that a section kept places can be told by its having a piece.
  mutating func flush(to guide: inout SnapshotGuide.Builder) {
    guide.add(name, piece.bytes)
    piece.reset()
    count = 0
  }
}
