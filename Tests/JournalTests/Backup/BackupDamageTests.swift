import Domain
import Testing

@testable import Journal

struct BackupDamageTests {
  /// Three segments and keys.
  private func backup(_ directory: TemporaryDirectory) throws -> String {
    var limits = JournalLimits()
    limits.blockBytesMax = 600
    let memory = try MemoryJournal(limits: limits)
    let path = directory.path + "/backup"
    for part in 0..<3 as Range<UInt64> {
      for index in 1...10 as ClosedRange<UInt64> {
        _ = try memory.journal.enqueue(.post(part * 10 + index, by: index % 2 == 0 ? alice : bob))
      }
      _ = try memory.journal.commitQueued()
      let job = try BackupJob(
        of: BackupSource(memory.journal), in: path, now: memory.clock.now)
      while try job.step() {}
      _ = try job.finish()
    }
    return path
  }

  private func check(_ path: String) throws {
    let reader = try BackupReader(directory: path)
    try reader.read(into: nil)
    try reader.restoreKeys(from: .own, erased: [], into: nil)
  }

  @Test func `one changed byte anywhere is found`() throws {
    let directory = TemporaryDirectory()
    let path = try backup(directory)
    try check(path)
    for name in try FileSystem.list(path) where name != "lock" {
      let file = path + "/" + name
      let whole = try readFile(file)
      for index in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
        var changed = whole
        changed[index] ^= 0x20
        try writeFile(file, changed)
        #expect(throws: JournalError.self, "\(name), byte \(index)") { try check(path) }
      }
      for bytes in [Array(whole.dropLast()), whole + [0], []] {
        try writeFile(file, bytes)
        #expect(throws: JournalError.self, "\(name), \(bytes.count) bytes") { try check(path) }
      }
      try writeFile(file, whole)
    }
    try check(path)
  }

  @Test func `the first position that cannot be trusted is named`() throws {
    let directory = TemporaryDirectory()
    let path = try backup(directory)
    let manifest = try BackupReader(directory: path).manifest
    let segment = path + "/" + manifest.segments[1].name
    let whole = try readFile(segment)
    var changed = whole
    changed[whole.count / 2] ^= 1
    try writeFile(segment, changed)
    let error = #expect(throws: JournalError.self) { try check(path) }
    #expect(error?.description.contains("is damaged at position 11") == true)
    // What lies before is still good.
    let reader = try BackupReader(directory: path)
    try reader.read(through: .position(Position(10)), into: nil)
    #expect(reader.position == Position(10))
    try FileSystem.removeFile(segment)
    let missing = #expect(throws: JournalError.self) { try check(path) }
    #expect(missing?.description.contains("is damaged at position 11") == true)
    #expect(missing?.description.contains("missing") == true)
  }

  @Test func `segments and keys that were exchanged are found`() throws {
    let directory = TemporaryDirectory()
    let path = try backup(directory)
    let manifest = try BackupReader(directory: path).manifest
    let (one, two) = (
      path + "/" + manifest.segments[0].name, path + "/" + manifest.segments[1].name
    )
    let (first, second) = (try readFile(one), try readFile(two))
    try writeFile(one, second)
    try writeFile(two, first)
    let error = #expect(throws: JournalError.self) { try check(path) }
    #expect(error?.description.contains("is damaged at position 1") == true)
    try writeFile(one, first)
    try writeFile(two, second)
    try check(path)

    let other = TemporaryDirectory()
    let keys = try BackupReader(directory: try backup(other)).manifest.keys
    let strange = try readFile(other.path + "/backup/" + (try #require(keys).name))
    try writeFile(path + "/keys.3", strange)
    // The same seed made the same keys: only another order of things is another file.
    try check(path)
  }

  @Test func `keys that do not open the text are found`() throws {
    let directory = TemporaryDirectory()
    let path = try backup(directory)
    let strange = MemoryKeyStore()
    strange.add([
      (alice, [UInt8](repeating: 1, count: 32)), (bob, [UInt8](repeating: 2, count: 32)),
    ])
    let reader = try BackupReader(directory: path)
    try reader.read(into: nil)
    let other = JournalReader(disk: MemoryDisk(), keys: strange)
    let error = #expect(throws: JournalError.self) {
      try reader.restoreKeys(from: .journal(other), erased: [], into: nil)
    }
    #expect(error?.description.contains("does not open their text") == true)
    let empty = JournalReader(disk: MemoryDisk(), keys: MemoryKeyStore())
    #expect(throws: BackupError.missingKeys(count: 2, first: alice, Position(2))) {
      try reader.restoreKeys(from: .journal(empty), erased: [], into: nil)
    }
    #expect(throws: Never.self) {
      try reader.restoreKeys(from: .journal(empty), erased: [alice, bob], into: nil)
    }
    #expect(throws: Never.self) { try reader.restoreKeys(from: .nowhere, erased: [], into: nil) }
  }
}
