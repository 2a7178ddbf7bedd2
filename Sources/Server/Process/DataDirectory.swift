internal import Glibc

/// Who may enter the data directory: its owner. It holds keys and a token, and what is in it may
/// have been copied there by tools that let everybody read.
enum DataDirectory {
  private static let othersMask: mode_t = 0o077

  /// Shuts the directory, and the token's file in it, to others; says so where they were open.
  /// Throws where that can't be done: what others may read is no secret.
  static func shut(_ path: String, log: (String) -> Void) throws(SystemError) {
    try shut(path, to: 0o700, log)
    try shut(path + "/" + AdminAccount.tokenFile, to: 0o600, log)
  }

  private static func shut(
    _ path: String, to mode: mode_t, _ log: (String) -> Void
  ) throws(SystemError) {
    var status = Glibc.stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & othersMask != 0 else { return }
    guard unsafe chmod(path, mode) == 0 else { throw .last }
    let was = String(status.st_mode & 0o777, radix: 8)
    log("\(path) was open to others (mode \(was)); it is \(String(mode, radix: 8)) now")
  }
}
