internal import CLMDB
internal import Glibc

/// The two meta pages of an environment as they were before a commit, to be put back if it fails.
///
/// Where the write of a meta page fails, LMDB (0.9.24, `mdb_env_write_meta`) puts the page's old
/// transaction number back, and leaves it pointing at the trees of the commit that failed. A file
/// like that cannot be told from one in whose newest meta page a byte has changed, and is refused:
/// so it must not be left behind. Whether the bytes reach the disk matters as little as with what
/// LMDB puts back: the next start syncs what it finds.
///
/// The descriptor is LMDB's, and open as long as the environment: for the length of a commit.
@safe struct MetaPageCopies {
  /// Of a page's header and its meta, in LMDB's file format.
  private static let bytes = 16 + 136

  private let descriptor: Int32
  private let pageBytes: Int
  private let pages: [[UInt8]]

  /// On the writer's thread, with nothing of the commit written.
  init(of handle: OpaquePointer) {
    var descriptor: Int32 = -1
    var statistics = MDB_stat()
    unsafe mdb_env_get_fd(handle, &descriptor)
    unsafe mdb_env_stat(handle, &statistics)
    let pageBytes = Int(statistics.ms_psize)
    self.descriptor = descriptor
    self.pageBytes = pageBytes
    pages = (0..<2).map { number in
      unsafe [UInt8](unsafeUninitializedCapacity: Self.bytes) { buffer, count in
        let got = unsafe pread(
          descriptor, buffer.baseAddress, Self.bytes, off_t(number * pageBytes))
        count = max(0, got)
      }
    }
  }

  /// For a commit that has failed: nothing else is written any more.
  func putBack() {
    for (number, page) in pages.enumerated() where page.count == Self.bytes {
      _ = unsafe pwrite(descriptor, page, page.count, off_t(number * pageBytes))
    }
  }
}
