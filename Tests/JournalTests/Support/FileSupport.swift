import Glibc
import Testing

/// A whole file.
func readFile(_ path: String) throws -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY)
  try #require(descriptor >= 0, "\(path) can be opened")
  defer { close(descriptor) }
  var status = stat()
  unsafe fstat(descriptor, &status)
  let count = Int(status.st_size)
  return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    filled = unsafe pread(descriptor, buffer.baseAddress, count, 0)
  }
}

/// Replaces a whole file.
func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  try #require(descriptor >= 0, "\(path) can be written")
  defer { close(descriptor) }
  #expect(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
}

func fileMode(_ path: String) -> mode_t {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

func fileExists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
