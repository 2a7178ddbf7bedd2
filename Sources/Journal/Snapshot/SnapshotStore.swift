package import Domain
internal import Glibc

/// The snapshots of a data directory: DIR/snapshots/<position, 20 digits>.snapshot.
package struct SnapshotStore: Sendable {
  /// Of snapshots that `prune` leaves.
  package static let keptMax = 3
  private static let suffix = ".snapshot"
  private static let damagedSuffix = ".damaged"

  /// A snapshot by its file name alone; unread.
  package struct Item: Equatable, Sendable {
    package var position: Position
    package var path: String
    package var bytes: UInt64
  }

  /// A snapshot that was passed over, and why in one sentence.
  package struct Refusal: Equatable, Sendable {
    package var position: Position
    package var reason: String
  }

  package let directory: String
  /// The data directory.
  package let data: String

  private let files: any SnapshotFiles

  /// `directory` is the data directory. Makes `snapshots` in it if it is missing.
  package init(
    directory: String, files: any SnapshotFiles = SystemFiles()
  ) throws(JournalError) {
    self.files = files
    data = directory
    self.directory = directory + "/snapshots"
    try FileSystem.makeDirectory(self.directory)
  }

  /// The newest first.
  package func list() throws(JournalError) -> [Item] {
    var items: [Item] = []
    for name in try FileSystem.list(directory) {
      guard name.count == 20 + Self.suffix.count, name.hasSuffix(Self.suffix),
        let position = UInt64(name.dropLast(Self.suffix.count))
      else { continue }
      let path = directory + "/" + name
      let bytes = try File(path, O_RDONLY).status().length
      items.append(Item(position: Position(position), path: path, bytes: bytes))
    }
    return items.reversed()
  }

  /// Begins the snapshot of a position; it is there when its writer has finished.
  package func begin(_ header: SnapshotHeader) throws(JournalError) -> SnapshotWriter {
    try SnapshotWriter(
      directory: directory, name: Self.fileName(of: header.position), header: header, files: files)
  }

  /// Where the snapshot of a position is.
  package func path(of position: Position) -> String {
    directory + "/" + Self.fileName(of: position)
  }

  private static func fileName(of position: Position) -> String {
    let digits = String(position.raw)
    return String(repeating: "0", count: 20 - digits.count) + digits + suffix
  }

  /// The newest snapshot that is whole, has this fingerprint and is not beyond `last`; and those
  /// that were passed over on the way, for the log.
  package func newestGood(
    fingerprint: [UInt8], notAfter last: Position = Position(.max)
  ) throws(JournalError) -> (reader: SnapshotReader?, refused: [Refusal]) {
    var refused: [Refusal] = []
    for item in try list() {
      do throws(JournalError) {
        let reader = try SnapshotReader(item.path)
        if reader.header.position != item.position {
          throw .damaged(Finding("the snapshot \(item.path)", "it is of another position"))
        }
        if item.position > last {
          let reason = "the snapshot \(item.path) is beyond the end of the journal, \(last)"
          refused.append(Refusal(position: item.position, reason: reason))
        } else if reader.header.fingerprint != fingerprint {
          let reason = "the snapshot \(item.path) was written by another version"
          refused.append(Refusal(position: item.position, reason: reason))
        } else {
          return (reader, refused)
        }
      } catch {
        refused.append(Refusal(position: item.position, reason: "\(error)"))
      }
    }
    return (nil, refused)
  }

  package func remove(_ item: Item) throws(JournalError) {
    try files.remove(item.path)
    try files.syncDirectory(directory)
  }

  /// Keeps a snapshot that turned out to be damaged from every start; it stays for people to look
  /// at. Returns its path from then on.
  package func setAside(_ item: Item) throws(JournalError) -> String {
    let path = item.path + Self.damagedSuffix
    try files.rename(item.path, to: path)
    try files.syncDirectory(directory)
    return path
  }

  /// Removes all but the newest, and what unfinished writing left.
  package func prune(keeping kept: Int = keptMax) throws(JournalError) {
    precondition(kept > 0, "one snapshot is kept")
    for item in try list().dropFirst(kept) { try files.remove(item.path) }
    for name in try FileSystem.list(directory) where name.hasSuffix(SnapshotWriter.unfinishedSuffix)
    {
      try files.remove(directory + "/" + name)
    }
    try files.syncDirectory(directory)
  }
}
