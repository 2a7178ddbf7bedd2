internal import Glibc

/// A directory that is made under another name and appears under its own when it is whole.
///
/// What an interrupted earlier attempt left under the other name is removed, if it is one: it has a
/// file that says so.
package final class StagedDirectory {
  private static let suffix = ".unfinished"
  private static let markName = "unfinished"
  /// How deep directories lie in each other.
  private static let depthMax = 3

  /// Where it is to appear.
  package let destination: String
  /// Where it is made.
  package let path: String
  /// Between the making of the directory and its naming: then it goes with this.
  private var isUnfinished = false

  /// Throws `BackupError.notEmpty` if something is there already; an empty directory is taken.
  package init(_ destination: String) throws {
    try BackupDirectory.check(destination)
    var destination = destination
    while destination.count > 1, destination.hasSuffix("/") { destination.removeLast() }
    self.destination = destination
    path = destination + Self.suffix
    if FileSystem.exists(destination) {
      guard (try? FileSystem.list(destination))?.isEmpty == true else {
        throw BackupError.notEmpty(path: destination)
      }
    }
    if FileSystem.exists(path) {
      guard FileSystem.exists(path + "/" + Self.markName) else {
        throw BackupError.notEmpty(path: path)
      }
      try Self.remove(path)
    }
    try FileSystem.makeDirectory(path)
    _ = try File(path + "/" + Self.markName, O_WRONLY | O_CREAT | O_EXCL)
    isUnfinished = true
  }

  deinit { if isUnfinished { try? Self.remove(path) } }

  /// Gives it its name, durably. What is in it is synced already.
  package func finish() throws {
    try FileSystem.removeFile(path + "/" + Self.markName)
    try FileSystem.syncDirectory(path)
    try FileSystem.rename(path, to: destination)
    isUnfinished = false
    let parts = destination.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let parent = parts.joined(separator: "/")
    try FileSystem.syncDirectory(parent.isEmpty ? (parts.isEmpty ? "." : "/") : parent)
  }

  private static func remove(_ path: String, depth: Int = 0) throws(JournalError) {
    for name in try FileSystem.list(path) where name != markName {
      let item = path + "/" + name
      if depth < depthMax, FileSystem.isDirectory(item) {
        try remove(item, depth: depth + 1)
      } else {
        try FileSystem.removeFile(item)
      }
    }
    // The mark goes last: what is left of an interrupted removal still has it.
    try FileSystem.removeFile(path + "/" + markName)
    try FileSystem.removeDirectory(path)
  }
}

extension FileSystem {
  /// Not through a symbolic link.
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
