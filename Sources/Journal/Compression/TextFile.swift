internal import CZlib
internal import Glibc

/// A text file read in pieces, whether it is compressed with gzip or not. Not to be shared between
/// threads.
@safe package final class TextFile {
  package let path: String
  /// The size of the file itself, in bytes.
  package let size: UInt64
  private let file: gzFile

  package init(path: String) throws(JournalError) {
    size = try File(path, O_RDONLY).status().length
    guard let file = unsafe gzopen(path, "rb") else { throw FileSystem.failure("open", path) }
    self.path = path
    unsafe self.file = file
  }

  deinit { unsafe gzclose(file) }

  /// How much of the file itself has been read, in bytes.
  package var offset: UInt64 { UInt64(max(0, unsafe gzoffset(file))) }

  /// Up to `count` bytes of text; none at the end. Throws if the compression is damaged or cut off.
  package func read(count: Int) throws(JournalError) -> [UInt8] {
    var result: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      unsafe result = gzread(file, buffer.baseAddress, UInt32(clamping: count))
      filled = Int(max(0, result))
    }
    var code: Int32 = 0
    let message = unsafe gzerror(file, &code)
    guard result >= 0, code == Z_OK || code == Z_STREAM_END else {
      let reason = unsafe message.map { unsafe String(cString: $0) } ?? "unknown"
      throw .library(operation: "read \(path)", reason: reason)
    }
    return bytes
  }
}
