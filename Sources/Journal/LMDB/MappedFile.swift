internal import Glibc

/// Where a file is mapped into this process's memory.
enum MappedFile {
  /// Gives the memory back through which a file was read: what was read stays in the system's cache
  /// of files, and comes back from there when it is read again. Nothing may unmap it meanwhile.
  static func release(_ path: String) {
    let name = path.split(separator: "/").last ?? ""
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return }
    // Of each mapping: addresses, rights, offset, device, inode, path.
    for line in String(decoding: maps(), as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5)
      guard fields.count == 6, fields[4] == "\(status.st_ino)", fields[5].hasSuffix(name) else {
        continue
      }
      let addresses = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
      guard addresses.count == 2,
        let start = unsafe UnsafeMutableRawPointer(bitPattern: addresses[0])
      else { continue }
      _ = unsafe madvise(start, Int(addresses[1] - addresses[0]), MADV_DONTNEED)
    }
  }

  /// What the system says of all mappings; nothing where it cannot.
  private static func maps() -> [UInt8] {
    var bytes: [UInt8] = []
    guard let file = try? File("/proc/self/maps", O_RDONLY) else { return bytes }
    while let more = try? file.read(at: UInt64(bytes.count), count: 1 << 16), !more.isEmpty {
      bytes += more
    }
    return bytes
  }
}
