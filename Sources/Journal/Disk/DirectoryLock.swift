internal import Glibc

/// Holds DIR/roost.lock as the one writer of a data directory, for as long as it lives.
///
/// The lock is flock's: it ends with the process, however that ends. The file holds the process id
/// in decimal, for the error of the next one.
final class DirectoryLock: Sendable {
  let directory: String
  private let file: File

  init(directory: String) throws(JournalError) {
    self.directory = directory
    file = try File(directory + "/roost.lock", O_RDWR | O_CREAT)
    if flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      let holder = String(decoding: try file.read(at: 0, count: 16), as: UTF8.self)
      throw .locked(path: directory, pid: Int32(holder.prefix { $0.isNumber }))
    }
    try file.truncate()
    try file.write(Array("\(getpid())\n".utf8))
  }

  /// Unlocks by name: a child between fork and exec may still hold the descriptor.
  deinit { flock(file.descriptor, LOCK_UN) }
}
