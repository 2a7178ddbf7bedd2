internal import Glibc

/// What snapshots are written with: the file system, or under simulation one that loses what was
/// not synced, and fails.
package protocol SnapshotFiles: Sendable {
  /// A new file to be written, which must not be there.
  func create(_ path: String) throws(JournalError) -> any SnapshotFile
  /// Does nothing if it is not there.
  func remove(_ path: String) throws(JournalError)
  func rename(_ old: String, to new: String) throws(JournalError)
  /// Makes creations, renames and removals in a directory durable.
  func syncDirectory(_ path: String) throws(JournalError)
}

/// A file that is being written from its beginning to its end.
package protocol SnapshotFile: Sendable {
  func write(_ bytes: [UInt8]) throws(JournalError)
  /// Makes what was written durable.
  func sync() throws(JournalError)
}

/// The file system.
package struct SystemFiles: SnapshotFiles {
  package init() {}

  package func create(_ path: String) throws(JournalError) -> any SnapshotFile {
    try File(path, O_WRONLY | O_CREAT | O_EXCL)
  }

  package func remove(_ path: String) throws(JournalError) { try FileSystem.removeFile(path) }

  package func rename(_ old: String, to new: String) throws(JournalError) {
    try FileSystem.rename(old, to: new)
  }

  package func syncDirectory(_ path: String) throws(JournalError) {
    try FileSystem.syncDirectory(path)
  }
}

extension File: SnapshotFile {}
