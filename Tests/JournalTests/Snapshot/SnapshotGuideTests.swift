import Domain
import Journal
import Testing

private let header = SnapshotHeader(
  position: Position(9), fingerprint: [1], created: Instant(ms: 5))

private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
}

/// Entries of a section that keeps places: many small ones and one larger than a frame.
private func entries() -> [(key: [UInt8], value: [UInt8])] {
  (0..<5_000).map { number in
    let key = Array("key \(number)".utf8)
    return (key, number == 2_500 ? noise(2_500_000, seed: 3) : noise(number % 90, seed: 1))
  }
}

private func write(_ store: SnapshotStore) throws -> String {
  let writer = try store.begin(header)
  try writer.beginSection(.init(name: "before", position: header.position, foldVersion: 1))
  try writer.entry([1], noise(2_000_000, seed: 8))
  try writer.beginSection(
    .init(name: "placed", position: header.position, foldVersion: 1), keepingPlaces: true)
  for entry in entries() { try writer.entry(entry.key, entry.value) }
  try writer.beginSection(
    .init(name: "nobody", position: header.position, foldVersion: 1), keepingPlaces: true)
  try writer.beginSection(.init(name: "after", position: header.position, foldVersion: 1))
  try writer.entry([7], [8])
  writer.guide("more", [1, 2])
  writer.guide("more", [])
  try writer.finish()
  return try store.list()[0].path
}

struct SnapshotGuideTests {
  @Test func `single entries are read by their places`() throws {
    let directory = TemporaryDirectory()
    let path = try write(try SnapshotStore(directory: directory.path))
    let guide = try #require(try SnapshotGuide(of: path))
    let lookup = try SnapshotLookup(path)
    var places: [(key: [UInt8], place: SnapshotPlace)] = []
    guide.forEachPlace(ofSection: "placed") { places.append((Array($0), $1)) }
    let expected = entries()
    try #require(places.count == expected.count)
    for (index, (key, place)) in places.enumerated().reversed()
    where index % 7 == 0 || index == 2_500 {
      let entry = try lookup.entry(at: SnapshotPlace(raw: place.raw))
      #expect(key == expected[index].key)
      #expect(entry.key == expected[index].key && entry.value == expected[index].value)
    }
    #expect(places.map(\.place) == places.map(\.place).sorted())
  }

  @Test func `a guide tells which sections keep places, and what was put there`() throws {
    let directory = TemporaryDirectory()
    let path = try write(try SnapshotStore(directory: directory.path))
    let guide = try #require(try SnapshotGuide(of: path))
    #expect(guide.hasPlaces(ofSection: "placed") && guide.hasPlaces(ofSection: "nobody"))
    #expect(!guide.hasPlaces(ofSection: "after") && !guide.hasPlaces(ofSection: "none"))
    #expect(guide["more"] == [[1, 2], []] && guide["less"] == nil)
  }

  @Test func `a reader leaps to a section, and goes on from there to the end`() throws {
    let directory = TemporaryDirectory()
    let path = try write(try SnapshotStore(directory: directory.path))
    let guide = try #require(try SnapshotGuide(of: path))
    let reader = try SnapshotReader(path)
    #expect(try reader.nextSection()?.name == "before")
    #expect(reader.leap(toSection: "after", by: guide))
    #expect(try reader.nextSection()?.name == "after")
    #expect(try reader.nextEntry()?.value == [8])
    #expect(try reader.nextSection() == nil)
    #expect(reader.leap(toSection: "before", by: guide))
    #expect(try reader.nextSection()?.name == "before")
    #expect(!reader.leap(toSection: "none", by: guide))
    #expect(try reader.nextEntry()?.key == [1])
  }

  @Test func `whoever reads to the end sees nothing of the guide`() throws {
    let directory = TemporaryDirectory()
    let reader = try SnapshotReader(try write(try SnapshotStore(directory: directory.path)))
    var names: [String] = []
    var count = 0
    while let section = try reader.nextSection() {
      names.append(section.name)
      while try reader.nextEntry() != nil { count += 1 }
    }
    #expect(names == ["before", "placed", "nobody", "after"] && count == 5_002)
  }

  @Test func `a place where nothing begins is refused, and so is a flipped byte`() throws {
    let directory = TemporaryDirectory()
    let path = try write(try SnapshotStore(directory: directory.path))
    let guide = try #require(try SnapshotGuide(of: path))
    var places: [SnapshotPlace] = []
    guide.forEachPlace(ofSection: "placed") { places.append($1) }
    let lookup = try SnapshotLookup(path)
    #expect(throws: JournalError.self) { try lookup.entry(at: SnapshotPlace(raw: .max)) }
    #expect(throws: JournalError.self) {
      try lookup.entry(at: SnapshotPlace(raw: places[0].raw + 1))
    }
    var bytes = try readFile(path)
    bytes[bytes.count / 2] ^= 1
    try writeFile(path, bytes)
    #expect(throws: JournalError.self) { try SnapshotReader.verify(path) }
    let other = try SnapshotLookup(path)
    let results = places.map { place in Result { try other.entry(at: place) } }
    let failed = results.count { if case .failure = $0 { true } else { false } }
    #expect(failed > 0 && failed < places.count)
  }
}
