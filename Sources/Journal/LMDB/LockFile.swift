internal import Glibc

/// The file `lock.mdb` beside an environment's data, which LMDB writes to through a map.
///
/// LMDB makes it with holes. Where one of them is written to when the disk is full, the kernel ends
/// the process with SIGBUS: in the middle of an erasure, say, which makes a new environment. So its
/// space is there before it is mapped, or the environment is not opened.
enum LockFile {
  /// As LMDB makes it for `LMDBEnvironment.readersMax`: 192 bytes, and 64 for all readers but one.
  static let bytes = 192 + 64 * (Int(LMDBEnvironment.readersMax) - 1)

  /// Does nothing where this process may not write: then LMDB does without, or says why not.
  ///
  /// Only before the environment is opened in this process: closing the file ends every lock that
  /// the process has on it.
  static func reserve(in directory: String) throws(JournalError) {
    let path = directory + "/lock.mdb"
    guard let file = try? File(path, O_RDWR | O_CREAT) else { return }
    let code = posix_fallocate(file.descriptor, 0, off_t(bytes))
    guard code == ENOSPC || code == EDQUOT || code == EIO else { return }
    errno = code
    throw FileSystem.failure("reserve", path)
  }
}
