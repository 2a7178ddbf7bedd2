internal import Domain
internal import Glibc

/// A backup's directory, held alone while it is written.
///
/// Nothing that is there is ever overwritten: a directory is made, or is empty, or has a manifest;
/// files are created only where there are none, symbolic links inside are not followed, and only
/// files with a backup's own names, which the manifest does not name, are removed.
final class BackupDirectory {
  let path: String
  private let lock: File

  /// `source` is the data directory, inside which no backup may lie.
  init(path: String, source: String?) throws {
    try Self.check(path)
    if FileSystem.exists(path) {
      try Self.checkContent(path)
      if let source { try Self.check(path, isOutside: source) }
    } else {
      if let source { try Self.check(Self.parent(of: path), isOutside: source) }
      try FileSystem.makeDirectory(path)
    }
    self.path = path
    lock = try File(path + "/" + BackupFormat.lockName, O_RDWR | O_CREAT | O_NOFOLLOW)
    if flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0 { throw BackupError.inUse(path: path) }
  }

  deinit { flock(lock.descriptor, LOCK_UN) }

  /// Keeps a backup from being written while it is read; where there is no lock file, as in a copy
  /// on a medium that cannot be written, nobody writes.
  static func lockForReading(_ path: String) throws -> File? {
    guard let file = try? File(path + "/" + BackupFormat.lockName, O_RDONLY | O_NOFOLLOW) else {
      return nil
    }
    if flock(file.descriptor, LOCK_SH | LOCK_NB) != 0 { throw BackupError.inUse(path: path) }
    return file
  }

  /// What a path must be before anything is looked at.
  static func check(_ path: String) throws(BackupError) {
    let bytes = path.utf8
    guard bytes.count <= BackupFormat.pathBytesMax else {
      throw .badPath("a path has at most \(BackupFormat.pathBytesMax) bytes")
    }
    guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .badPath("a path has no control characters and is not empty")
    }
  }

  /// Where a directory that is not there yet would lie.
  private static func parent(of path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return (path.hasPrefix("/") ? "/" : "./") + parts.joined(separator: "/")
  }

  private static func checkContent(_ path: String) throws {
    let names: [String]
    do throws(JournalError) {
      names = try FileSystem.list(path)
    } catch {
      throw BackupError.noBackup(path: path)
    }
    if names.contains(BackupFormat.manifestName) { return }
    // Where the very first manifest was about to be written.
    let early = [BackupFormat.lockName, BackupFormat.unfinishedManifestName]
    guard names.allSatisfy(early.contains) else { throw BackupError.noBackup(path: path) }
  }

  /// Goes up from the directory to the root, by inode, so that no name hides where it is.
  private static func check(_ path: String, isOutside source: String) throws {
    let forbidden = try FileSystem.identity(of: source)
    var here = path
    var last: FileSystem.Identity?
    while true {
      let identity = try FileSystem.identity(of: here)
      if identity == forbidden {
        throw BackupError.badPath("a backup does not lie in the data directory \(source)")
      }
      if identity == last { return }
      last = identity
      here += "/.."
    }
  }

  /// Nil before there is one.
  func manifest() throws(JournalError) -> BackupManifest? {
    guard FileSystem.exists(path + "/" + BackupFormat.manifestName) else { return nil }
    return try BackupManifest.read(path)
  }

  /// Takes the place of the manifest before, durably: all that it names must be synced.
  func write(_ manifest: BackupManifest) throws(JournalError) {
    let unfinished = path + "/" + BackupFormat.unfinishedManifestName
    try FileSystem.removeFile(unfinished)
    let file = try File(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    try file.write(Array(manifest.text.utf8))
    try file.sync()
    try FileSystem.syncDirectory(path)
    try FileSystem.rename(unfinished, to: path + "/" + BackupFormat.manifestName)
    try FileSystem.syncDirectory(path)
  }

  /// Removes what an interrupted backup left, and keys that were replaced.
  func removeUnnamed(by manifest: BackupManifest) throws(JournalError) {
    var named: Set<String> = [BackupFormat.manifestName, BackupFormat.lockName]
    for segment in manifest.segments { named.insert(segment.name) }
    if let keys = manifest.keys { named.insert(keys.name) }
    for name in try FileSystem.list(path) where BackupFormat.isOwn(name) && !named.contains(name) {
      try FileSystem.removeFile(path + "/" + name)
    }
    try FileSystem.syncDirectory(path)
  }
}

extension FileSystem {
  struct Identity: Equatable {
    var device: UInt64
    var inode: UInt64
  }

  static func identity(of path: String) throws(JournalError) -> Identity {
    var status = Glibc.stat()
    if unsafe stat(path, &status) != 0 { throw failure("examine", path) }
    return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}
