import Domain
import Journal
import Testing

private let fingerprint: [UInt8] = [1, 2, 3]

private func header(_ position: UInt64, _ mark: [UInt8] = fingerprint) -> SnapshotHeader {
  SnapshotHeader(position: Position(position), fingerprint: mark, created: Instant(ms: 5))
}

/// Two sections: many small entries, and one that is larger than a frame.
private func write(_ store: SnapshotStore, _ header: SnapshotHeader) throws {
  let writer = try store.begin(header)
  try writer.beginSection(.init(name: "users", position: header.position, foldVersion: 7))
  for number in 0..<30_000 {
    try writer.entry([UInt8(number % 251)], Array("user number \(number) of many".utf8))
  }
  try writer.beginSection(.init(name: "empty", position: header.position, foldVersion: 1))
  try writer.beginSection(.init(name: "large", position: Position(3), foldVersion: 2))
  try writer.entry([1], incompressible(3_000_000))
  try writer.entry([2], [])
  try writer.finish()
}

private func incompressible(_ count: Int) -> [UInt8] {
  var generator = SeededGenerator(seed: 9)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
}

@Test func `a snapshot is read as it was written`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  try write(store, header(42))
  let (found, refused) = try store.newestGood(fingerprint: fingerprint)
  let reader = try #require(found)
  #expect(refused.isEmpty)
  #expect(reader.header == header(42))
  #expect(
    try reader.nextSection() == .init(name: "users", position: Position(42), foldVersion: 7))
  var count = 0
  while let (key, value) = try reader.nextEntry() {
    #expect(key == [UInt8(count % 251)] && value == Array("user number \(count) of many".utf8))
    count += 1
  }
  #expect(count == 30_000)
  #expect(try reader.nextSection()?.name == "empty")
  #expect(try reader.nextEntry() == nil)
  #expect(
    try reader.nextSection() == .init(name: "large", position: Position(3), foldVersion: 2))
  #expect(try reader.nextEntry()?.value == incompressible(3_000_000))
  let last = try #require(try reader.nextEntry())
  #expect(last.key == [2] && last.value.isEmpty)
  #expect(try reader.nextSection() == nil)
}

@Test func `a section can be passed over`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  try write(store, header(42))
  let reader = try #require(try store.newestGood(fingerprint: fingerprint).reader)
  var names: [String] = []
  while let section = try reader.nextSection() { names.append(section.name) }
  #expect(names == ["users", "empty", "large"])
}

@Test func `a damaged, cut or foreign snapshot is passed over and named`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  for position: UInt64 in [10, 20, 30, 40] { try write(store, header(position)) }
  try write(store, header(50, [9]))
  try write(store, header(60))
  let items = try store.list()
  #expect(items.map(\.position.raw) == [60, 50, 40, 30, 20, 10])

  var bytes = try readFile(items[2].path)
  bytes[bytes.count / 2] ^= 0x10
  try writeFile(items[2].path, bytes)
  try writeFile(items[3].path, Array(try readFile(items[3].path).dropLast(1_000)))

  let (reader, refused) = try store.newestGood(fingerprint: fingerprint, notAfter: Position(59))
  #expect(reader?.header.position == Position(20))
  try #require(refused.map(\.position.raw) == [60, 50, 40, 30])
  #expect(refused[0].reason.contains("beyond the end of the journal"))
  #expect(refused[1].reason.contains("another version"))
  #expect(refused[2].reason.contains("frame at byte"))
  #expect(refused[3].reason.contains("damaged"))
}

@Test func `any flipped byte of a snapshot is noticed`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  let writer = try store.begin(header(1))
  try writer.beginSection(.init(name: "s", position: Position(1), foldVersion: 1))
  try writer.entry([1], Array("value".utf8))
  try writer.finish()
  let path = try store.list()[0].path
  let bytes = try readFile(path)
  for index in bytes.indices {
    var changed = bytes
    changed[index] ^= 1 << UInt8(index % 8)
    try writeFile(path, changed)
    #expect(try store.newestGood(fingerprint: fingerprint).reader == nil, "byte \(index)")
  }
}

/// In how many steps of so many bytes the hash of a file is compared.
private func hashSteps(_ path: String, bytes: UInt64) throws -> Int {
  var check = try SnapshotCheck(path)
  var steps = 1
  while try check.step(bytes: bytes) { steps += 1 }
  return steps
}

@Test func `a flipped byte is told by its frame, or by the hash that is compared later`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  let writer = try store.begin(header(1))
  writer.guide("what", [7])
  try writer.beginSection(.init(name: "s", position: Position(1), foldVersion: 1))
  try writer.entry([1], Array("value".utf8))
  try writer.finish()
  let path = try store.list()[0].path
  let bytes = try readFile(path)
  try SnapshotReader.checkFrames(of: path)
  for index in bytes.indices {
    var changed = bytes
    changed[index] ^= 1 << UInt8(index % 8)
    try writeFile(path, changed)
    // All but the hash.
    if index < bytes.count - 32 {
      #expect(throws: JournalError.self, "byte \(index)") {
        try SnapshotReader.checkFrames(of: path)
      }
    }
    #expect(throws: JournalError.self, "byte \(index)") { _ = try hashSteps(path, bytes: .max) }
  }
  for count in [bytes.count - 1, bytes.count - 44, bytes.count / 2, 60, 0] {
    try writeFile(path, Array(bytes[..<count]))
    #expect(throws: JournalError.self) { try SnapshotReader.checkFrames(of: path) }
  }
}

@Test func `a hash is compared in as many steps as it takes`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  try write(store, header(1))
  let item = try store.list()[0]
  try SnapshotReader.checkFrames(of: item.path)
  #expect(try hashSteps(item.path, bytes: .max) == 1)
  // A megabyte is read at once.
  #expect(try hashSteps(item.path, bytes: 1) == Int(item.bytes - 32 + (1 << 20) - 1) >> 20)

  let aside = try store.setAside(item)
  #expect(try store.list().isEmpty && fileExists(aside))
}

@Test func `the newest snapshots are kept, and nothing unfinished`() throws {
  let directory = TemporaryDirectory()
  let store = try SnapshotStore(directory: directory.path)
  for position: UInt64 in 1...5 { try write(store, header(position)) }
  _ = try store.begin(header(6))
  let unfinished = store.directory + "/00000000000000000006.snapshot.writing"
  #expect(fileExists(unfinished))
  #expect(try store.list().map(\.position.raw) == [5, 4, 3, 2, 1])
  try store.prune()
  #expect(try store.list().map(\.position.raw) == [5, 4, 3])
  #expect(!fileExists(unfinished))
  #expect(fileMode(try store.list()[0].path) == 0o600)
}
