package import Domain

/// What became of taking a snapshot.
package struct SnapshotSummary: Equatable, Sendable {
  package var position: Position
  package var entries: UInt64
  /// Of the file.
  package var bytes: Int

  package init(position: Position, entries: UInt64, bytes: Int) {
    self.position = position
    self.entries = entries
    self.bytes = bytes
  }
}
