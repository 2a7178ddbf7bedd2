internal import Glibc

/// The few calls to the system that the journal needs, with errors that name the path.
enum FileSystem {
  static let fileMode: mode_t = 0o600
  static let directoryMode: mode_t = 0o700
  /// A file system with fewer free bytes is full: a failed write may leave some.
  static let roomMin: UInt64 = 1 << 20

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Throws `missing` for what is not there, `system` for what cannot be looked at.
  static func require(_ path: String) throws(JournalError) {
    guard unsafe access(path, F_OK) != 0 else { return }
    throw errno == ENOENT || errno == ENOTDIR ? .missing(path: path) : failure("open", path)
  }

  static func makeDirectory(_ path: String) throws(JournalError) {
    if unsafe mkdir(path, directoryMode) != 0, errno != EEXIST {
      throw failure("create", path)
    }
  }

  static func rename(_ old: String, to new: String) throws(JournalError) {
    if unsafe Glibc.rename(old, new) != 0 { throw failure("rename", old) }
  }

  /// A second name for a file, in the same file system.
  static func link(_ path: String, as other: String) throws(JournalError) {
    if unsafe Glibc.link(path, other) != 0 { throw failure("link", path) }
  }

  static func removeFile(_ path: String) throws(JournalError) {
    if unsafe unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
  }

  /// Removes a directory and the files in it, one level deep.
  static func removeDirectory(_ path: String) throws(JournalError) {
    guard exists(path) else { return }
    for name in try list(path) { try removeFile(path + "/" + name) }
    if unsafe rmdir(path) != 0 { throw failure("remove", path) }
  }

  /// Names in a directory, without "." and "..", sorted.
  static func list(_ path: String) throws(JournalError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw failure("list", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func inode(of path: String) throws(JournalError) -> UInt64 {
    var status = Glibc.stat()
    if unsafe stat(path, &status) != 0 { throw failure("examine", path) }
    return UInt64(status.st_ino)
  }

  /// The directory in which a file is.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a rename or a creation in the directory durable.
  static func syncDirectory(_ path: String) throws(JournalError) {
    let file = try File(path, O_RDONLY | O_DIRECTORY)
    try file.sync()
  }

  /// Makes the name of a directory itself durable: without it, all that is synced inside is lost
  /// with the power. Where its parent may not be read somebody else has made it, and had to see to
  /// that.
  static func syncName(ofDirectory path: String) throws(JournalError) {
    let parent = path + "/.."
    if unsafe access(parent, R_OK) != 0, errno == EACCES { return }
    try syncDirectory(parent)
  }

  /// LMDB takes a write that was cut short for EIO: where there is no room, that is why.
  static func cause(of code: Int32, at path: String) -> Int32 {
    var status = Glibc.statvfs()
    guard code == EIO, unsafe statvfs(path, &status) == 0 else { return code }
    return cause(of: code, room: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }

  static func cause(of code: Int32, room: UInt64) -> Int32 {
    code == EIO && room < roomMin ? ENOSPC : code
  }

  static func failure(_ operation: String, _ path: String) -> JournalError {
    let code = errno
    return .system(
      operation: operation, path: path, code: code, reason: unsafe String(cString: strerror(code)))
  }
}

/// An open file, closed when it is released.
final class File: Sendable {
  let path: String
  let descriptor: Int32

  /// `flags` as for open(2); a new file is readable by its owner alone.
  init(_ path: String, _ flags: Int32) throws(JournalError) {
    descriptor = unsafe open(path, flags | O_CLOEXEC, FileSystem.fileMode)
    self.path = path
    if descriptor < 0 {
      throw errno == ENOENT ? .missing(path: path) : FileSystem.failure("open", path)
    }
  }

  deinit { close(descriptor) }

  /// Length in bytes and inode number.
  func status() throws(JournalError) -> (length: UInt64, inode: UInt64) {
    var status = stat()
    if unsafe fstat(descriptor, &status) != 0 { throw FileSystem.failure("examine", path) }
    return (UInt64(status.st_size), UInt64(status.st_ino))
  }

  /// Up to `count` bytes from `offset`; fewer only at the end of the file.
  func read(at offset: UInt64, count: Int) throws(JournalError) -> [UInt8] {
    // No file goes further: what damaged bytes name.
    guard let start = off_t(exactly: offset) else { return [] }
    var error: JournalError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = unsafe pread(
          descriptor, buffer.baseAddress! + filled, count - filled,
          start &+ off_t(filled))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { error = FileSystem.failure("read", path) }
        if got <= 0 { break }
        filled += got
      }
    }
    if let error { throw error }
    return bytes
  }

  func write(_ bytes: ArraySlice<UInt8>) throws(JournalError) {
    var error: JournalError?
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let wrote = unsafe Glibc.write(
          descriptor, buffer.baseAddress! + done, buffer.count - done)
        if wrote < 0 && errno == EINTR { continue }
        if wrote < 0 {
          error = FileSystem.failure("write", path)
          break
        }
        done += wrote
      }
    }
    if let error { throw error }
  }

  func write(_ bytes: [UInt8]) throws(JournalError) { try write(bytes[...]) }

  func truncate() throws(JournalError) {
    if ftruncate(descriptor, 0) != 0 { throw FileSystem.failure("truncate", path) }
  }

  func sync() throws(JournalError) {
    if fsync(descriptor) != 0 { throw FileSystem.failure("sync", path) }
  }
}
