internal import CZlib
internal import Glibc

/// A new text file, written in pieces, compressed with gzip or not. Not to be shared between
/// threads.
@safe package final class OutputFile {
  private static let pieceBytes = 262_144

  private let path: String
  private let file: gzFile
  private var buffer: [UInt8] = []
  private var isClosed = false

  /// Makes the file, which must not be there.
  package init(path: String, isCompressed: Bool) throws(JournalError) {
    _ = try File(path, O_WRONLY | O_CREAT | O_EXCL)
    // T: as it is.
    guard let file = unsafe gzopen(path, isCompressed ? "wb4" : "wbT") else {
      throw FileSystem.failure("open", path)
    }
    self.path = path
    unsafe self.file = file
  }

  deinit { if !isClosed { unsafe gzclose(file) } }

  package func write(_ text: String) throws(JournalError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.pieceBytes { try flush() }
  }

  /// Ends and syncs the file. Once.
  package func finish() throws(JournalError) {
    try flush()
    isClosed = true
    guard unsafe gzclose(file) == Z_OK else { throw FileSystem.failure("write", path) }
    try File(path, O_RDONLY).sync()
  }

  private func flush() throws(JournalError) {
    guard !buffer.isEmpty else { return }
    let count = unsafe gzwrite(file, buffer, UInt32(buffer.count))
    guard Int(count) == buffer.count else { throw FileSystem.failure("write", path) }
    buffer.removeAll(keepingCapacity: true)
  }
}
