@unsafe @preconcurrency import Glibc

/// A fresh directory under the system's, removed with all that is in it.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/roost-bench-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe mkdtemp(buffer.baseAddress!) != nil
    }
    precondition(made, "a temporary directory can be made")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove(path) }

  func file(_ name: String) -> String { path + "/" + name }
}

private func remove(_ path: String) {
  guard let directory = unsafe opendir(path) else {
    unsafe unlink(path)
    return
  }
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { remove(path + "/" + name) }
  }
  unsafe closedir(directory)
  unsafe rmdir(path)
}
