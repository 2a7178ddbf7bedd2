@unsafe @preconcurrency import Glibc
import Testing

/// A fresh directory under the system's, removed with all that is in it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/roost-engine-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe mkdtemp(buffer.baseAddress!) != nil
    }
    precondition(made, "a temporary directory can be made")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { removeTree(path) }

  func file(_ name: String) -> String { path + "/" + name }
}

// No program is run for any of this: a child would hold the journals' locks until it has begun.

/// Names in a directory, in no order; none if it is none.
func fileNames(_ path: String) -> [String] { names(in: path) ?? [] }

/// Names in a directory; nil if it is none.
private func names(in path: String) -> [String]? {
  guard let directory = unsafe opendir(path) else { return nil }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Removes a file, or a directory with all that is in it.
func removeTree(_ path: String) {
  for name in names(in: path) ?? [] { removeTree(path + "/" + name) }
  unsafe remove(path)
}

/// Copies a file, or a directory with all that is in it.
func copyTree(_ from: String, to: String) {
  guard let names = names(in: from) else { return writeFile(to, readFile(from)) }
  unsafe mkdir(to, 0o700)
  for name in names { copyTree(from + "/" + name, to: to + "/" + name) }
}

/// A gzip file (RFC 1952) with the content stored as it is, in blocks.
func gzip(_ content: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  var rest = content[...]
  repeat {
    let block = rest.prefix(0xFFFF)
    rest = rest.dropFirst(block.count)
    bytes.append(rest.isEmpty ? 1 : 0)
    bytes += littleEndian(UInt64(block.count), 2) + littleEndian(UInt64(~block.count & 0xFFFF), 2)
    bytes += block
  } while !rest.isEmpty
  return bytes + littleEndian(UInt64(crc32(content)), 4) + littleEndian(UInt64(content.count), 4)
}

private func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = .max
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return ~crc
}

func readFile(_ path: String) -> [UInt8] {
  guard let file = unsafe fopen(path, "rb") else { return [] }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = unsafe fread(&piece, 1, piece.count, file)
    if count == 0 { return bytes }
    bytes += piece[..<count]
  }
}

func writeFile(_ path: String, _ bytes: [UInt8]) {
  guard let file = unsafe fopen(path, "wb") else {
    Issue.record("cannot write \(path)")
    return
  }
  unsafe fwrite(bytes, 1, bytes.count, file)
  unsafe fclose(file)
}

/// Changes one byte in place, as a bad disk would: also under a journal that is open.
func patchFile(_ path: String, at offset: Int, _ byte: UInt8) {
  guard let file = unsafe fopen(path, "r+b") else {
    Issue.record("cannot change \(path)")
    return
  }
  unsafe fseek(file, offset, SEEK_SET)
  unsafe fputc(Int32(byte), file)
  unsafe fclose(file)
}

func writeFile(_ path: String, _ text: String) { writeFile(path, Array(text.utf8)) }

/// Where the package is: three folders up from here.
func packagePath(_ file: String = #filePath) -> String {
  file.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
}
