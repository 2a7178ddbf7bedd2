import Glibc

/// The files of a run: snapshots lie on a real disk.
enum Files {
  static func makeTemporaryDirectory() throws -> String {
    var template = Array("/tmp/roost-simulation-XXXXXX".utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let path = buffer.baseAddress else { return false }
      return unsafe mkdtemp(path) != nil
    }
    guard isMade else { throw Violation("no temporary directory can be made") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func remove(_ path: String) { _ = unsafe unlink(path) }

  static func removeDirectory(_ path: String) { _ = unsafe rmdir(path) }

  static func truncate(_ path: String, to length: Int) {
    _ = unsafe Glibc.truncate(path, length)
  }

  /// Turns all bits of one byte around.
  static func flip(_ path: String, at offset: Int) {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    var byte: UInt8 = 0
    _ = unsafe pread(descriptor, &byte, 1, offset)
    byte = ~byte
    _ = unsafe pwrite(descriptor, &byte, 1, offset)
    close(descriptor)
  }
}
