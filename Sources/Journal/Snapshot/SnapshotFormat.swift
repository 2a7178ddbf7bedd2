package import Domain

/// What is fixed about snapshot files; docs/format.md describes them.
package enum SnapshotFormat {
  package static let version: UInt64 = 1
  static let magic = Array("ROOSTSNP".utf8)
  /// Of content in a frame, before compression.
  package static let frameBytesMax = 1 << 20
  /// Of content in the frames of a section that keeps places, about: what is read and decompressed
  /// to get at one entry.
  static let placedFrameBytes = 16 << 10
  /// Of one key or value: a snapshot with a larger one is not written.
  package static let entryBytesMax = 1 << 30

  /// The first element of an item.
  enum Item: UInt64 {
    case header = 0
    case section = 1
    case entry = 2
    case sectionEnd = 3
    case end = 4
    case guide = 5
  }
}

/// What a snapshot says about itself.
package struct SnapshotHeader: Equatable, Sendable {
  /// Everything up to and including this position is folded in.
  package var position: Position
  /// Of schema and fold versions: of another one, a snapshot is not used.
  package var fingerprint: [UInt8]
  package var created: Instant

  package init(position: Position, fingerprint: [UInt8], created: Instant) {
    self.position = position
    self.fingerprint = fingerprint
    self.created = created
  }
}

/// One part of a snapshot: the entities of a kind, or a projection.
package struct SnapshotSection: Equatable, Sendable {
  package var name: String
  package var position: Position
  package var foldVersion: UInt64

  package init(name: String, position: Position, foldVersion: UInt64) {
    self.name = name
    self.position = position
    self.foldVersion = foldVersion
  }
}
