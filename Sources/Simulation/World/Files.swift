import Glibc

/// The files of a run: snapshots lie on a real disk.
enum Files {
  static func makeTemporaryDirectory() throws -> String {
    // In memory where that is possible: many short runs would wait for nothing but a real disk.
    let isInMemory = unsafe access("/dev/shm", W_OK) == 0
    let parent = isInMemory ? "/dev/shm" : "/tmp"
    var template = Array("\(parent)/roost-simulation-XXXXXX".utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let path = buffer.baseAddress else { return false }
      return unsafe mkdtemp(path) != nil
    }
    guard isMade else { throw Violation("no temporary directory can be made") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func remove(_ path: String) { _ = unsafe unlink(path) }

  /// With the files in it.
  static func removeDirectory(_ path: String) {
    if let directory = unsafe opendir(path) {
      defer { unsafe closedir(directory) }
      while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { remove(path + "/" + name) }
      }
    }
    _ = unsafe rmdir(path)
  }

  static func truncate(_ path: String, to length: Int) {
    _ = unsafe Glibc.truncate(path, length)
  }

  /// As if these bytes had never been written.
  static func zero(_ path: String, at offset: Int, count: Int) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let zeros = [UInt8](repeating: 0, count: count)
    _ = unsafe pwrite(descriptor, zeros, count, offset)
    close(descriptor)
  }

  /// Who has the file open goes on with what it was, whatever becomes of the copy.
  static func replaceWithCopy(_ path: String) {
    let copy = path + ".copy"
    let source = unsafe open(path, O_RDONLY | O_CLOEXEC)
    let target = unsafe open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { for descriptor in [source, target] where descriptor >= 0 { close(descriptor) } }
    guard source >= 0, target >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(source, &buffer, buffer.count)
      guard count > 0 else { break }
      _ = unsafe write(target, buffer, count)
    }
    _ = unsafe rename(copy, path)
  }

  static func makeDirectory(_ path: String) { _ = unsafe mkdir(path, 0o700) }

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
