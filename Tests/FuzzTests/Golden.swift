import Domain
import Glibc

@testable import Journal

/// Real encodings of every version, from the golden data: what fuzzing begins with.
enum Golden {
  private static let versions = ["v1", "v2", "v3", "v4"]
  private static let root = #filePath.split(separator: "/").dropLast(3)
    .reduce("") { $0 + "/" + $1 }

  /// As the journals hold them.
  static func blocks() throws -> [[UInt8]] {
    try versions.flatMap { version in
      let directory = try ScratchDirectory()
      defer { directory.remove() }
      for part in ["journal", "keys"] {
        try FileSystem.makeDirectory(directory.path + "/" + part)
        let name = "\(part)/data.mdb"
        try directory.write(try content("\(root)/Snapshots/\(version)/data/\(name)"), to: name)
      }
      let reader = try JournalReader(directory: directory.path)
      var blocks: [[UInt8]] = []
      var end = try reader.head().position
      while end > .zero, let block = try reader.rawBlock(atOrBefore: end) {
        blocks.append(block.bytes)
        end = Position(block.first - 1)
      }
      return blocks
    }
  }

  /// Those of all blocks, without checksums.
  static func records() throws -> [[UInt8]] {
    var records: [[UInt8]] = []
    for block in try blocks() {
      let plain = try BlockPacking.plain(block, try BlockHeader.read(block))
      try BlockDecoder.forEachStored(in: plain.bytes, plain.header) { _, content in
        records.append(Array(content))
      }
    }
    return records
  }

  /// The parts of a packed block, as the target `blocks` reads them.
  static func parts(of block: [UInt8]) -> [UInt8]? {
    guard let header = try? BlockHeader.read(block), let packed = header.packed,
      header.count <= 16, let open = try? BlockPacking.open(of: block.span, header, packed)
    else { return nil }
    let texts = block[packed.texts]
    return [UInt8(header.count - 1)] + bigEndianBytes(header.first.raw)
      + bigEndianBytes(UInt64(bitPattern: header.baseTime.ms)) + [header.salt.isEmpty ? 0 : 1]
      + [UInt8(texts.count >> 8), UInt8(texts.count & 0xFF)] + texts + open
  }

  /// Whole files.
  static func snapshots() throws -> [[UInt8]] {
    try versions.flatMap { version in
      let directory = "\(root)/Snapshots/\(version)/data/snapshots"
      return try FileSystem.list(directory).map { try content("\(directory)/\($0)") }
    }
  }

  private static func content(_ path: String) throws -> [UInt8] {
    let file = try File(path, O_RDONLY)
    return try file.read(at: 0, count: Int(try file.status().length))
  }
}

/// A directory of its own in memory, for what reads files.
struct ScratchDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/dev/shm/roost-fuzz-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw FileSystem.failure("create", "/dev/shm") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try File(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC).write(bytes)
  }

  /// Two levels deep.
  func remove() {
    for name in (try? FileSystem.list(path)) ?? [] {
      let inner = path + "/" + name
      if (try? FileSystem.removeDirectory(inner)) == nil { try? FileSystem.removeFile(inner) }
    }
    try? FileSystem.removeDirectory(path)
  }
}

/// One file in memory that takes the content of one input after the other, for what reads a path.
/// It is gone with the process.
@safe final class ScratchFile: @unchecked Sendable {
  static let shared = ScratchFile()

  let path: String
  private let descriptor: Int32

  private init() {
    var template = Array("/dev/shm/roost-fuzz-XXXXXX".utf8CString)
    descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0, unsafe unlink(template) == 0 else {
      fatalError("there is no file in memory")
    }
    path = "/proc/self/fd/\(descriptor)"
  }

  /// Replaces the content. One thread at a time.
  func fill(_ bytes: [UInt8]) {
    guard ftruncate(descriptor, 0) == 0,
      unsafe pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    else { fatalError("a file in memory cannot be written") }
  }
}
