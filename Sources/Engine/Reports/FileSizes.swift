private import Glibc

/// How much room files take.
package enum FileSizes {
  /// The bytes that the file system has set aside for a file; less than its length where it has
  /// holes. Nil if there is no such file.
  package static func allocated(_ path: String) -> UInt64? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return UInt64(status.st_blocks) * 512
  }

  package static func exists(_ path: String) -> Bool { allocated(path) != nil }
}
