import Domain
import Entities
import Journal
import Projections
import Testing

@testable import Engine

struct EntriesTests {
  private func folded(_ planted: Planted, through position: UInt64 = .max) throws -> FoldedEntries {
    var fold = FoldedEntries(of: StatePart.all)
    try fold.run(planted.reader, through: min(Position(position), try planted.reader.end()))
    return fold
  }

  private func lines(_ part: StatePart, _ state: FoldedEntries) throws -> [String] {
    var lines: [String] = []
    try EntryFile.write(part, of: state, written: 0) { lines.append($0) }
    return lines
  }

  @Test func `every entry of every part reads by what its coding says it means`() async throws {
    let planted = try await Planted(seed: 51, steps: 900)
    let fold = try folded(planted)
    for part in StatePart.all {
      let lines = try lines(part, fold)
      #expect(lines.count > 2, "\(part.name) has entries")
      for line in lines.dropFirst().dropLast() {
        let json = JSONText(Array(line.utf8))
        #expect(json["key"] != nil && json["value"] != nil)
      }
    }
  }

  @Test func `what is printed ends with the digest of the live state`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 52)
    await people.live(400)
    await town.settle()
    let live = try await town.engine.digests()
    await town.close()
    let reader = try JournalReader(directory: directory.path)
    var fold = FoldedEntries(of: StatePart.all)
    try fold.run(reader, through: live.position)
    for part in StatePart.all {
      let last = JSONText(Array(try #require(try lines(part, fold).last).utf8))
      #expect(last["digest"]?.string == live[part.name]?.description)
    }
  }

  @Test func `entries come in the order of their keys, in however many passes`() async throws {
    let planted = try await Planted(seed: 53)
    let fold = try folded(planted)
    for part in StatePart.all {
      var (whole, pieces): ([[UInt8]], [[UInt8]]) = ([], [])
      let one = try SortedEntries(fold, of: part).forEach { key, _ in whole.append(key) }
      let other = try SortedEntries(fold, of: part, passBytes: 1).forEach { key, _ in
        pieces.append(key)
      }
      #expect(whole == pieces && one.digest == other.digest && one.count == whole.count)
      #expect(zip(whole, whole.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }
  }

  @Test func `two positions differ by what happened between them, and no position from itself`()
    async throws
  {
    let planted = try await Planted(seed: 54)
    let end = try planted.reader.end().raw
    let (early, late) = (try folded(planted, through: end / 2), try folded(planted))
    for part in StatePart.all {
      let same = try EntryComparison(part, .state(late), .state(late), shownMax: 5)
      #expect(same.isEqual && same.shown.isEmpty)
      let there = try EntryComparison(part, .state(early), .state(late), shownMax: 3)
      let back = try EntryComparison(part, .state(late), .state(early), shownMax: 3)
      #expect(
        [there.onlyInFirst, there.onlyInSecond, there.changed, there.equal]
          == [back.onlyInSecond, back.onlyInFirst, back.changed, back.equal])
      #expect(there.shown.count <= 9)
    }
    let people = try EntryComparison(
      .projection(.people), .state(early), .state(late), shownMax: 1)
    #expect(people.onlyInSecond > 1 && people.shown.filter { $0.first == nil }.count == 1)
  }

  @Test func `what was written of a state is compared with it by meaning`() async throws {
    let planted = try await Planted(seed: 55)
    let end = try planted.reader.end().raw
    let (early, late) = (try folded(planted, through: end / 2), try folded(planted))
    let file = EntryFile(path: planted.directory.file("entries.json"))
    var text = ""
    for part in StatePart.all {
      try EntryFile.write(part, of: early, written: nil) { text += $0 + "\n" }
    }
    writeFile(file.path, Array(text.utf8))
    for part in StatePart.all {
      #expect(try EntryComparison(part, .file(file), .state(early), shownMax: 5).isEqual)
      let byMeaning = try EntryComparison(part, .file(file), .state(late), shownMax: 5)
      let byCoding = try EntryComparison(part, .state(early), .state(late), shownMax: 5)
      #expect(byMeaning.changed == byCoding.changed)
      #expect(byMeaning.onlyInSecond == byCoding.onlyInSecond)
    }
    writeFile(file.path, Array(text.utf8.prefix(text.utf8.count / 2)))
    #expect(throws: (any Error).self) {
      try EntryComparison(.entities(.tag), .file(file), .state(late), shownMax: 5)
    }
  }

  @Test func `a line of a file has a longest length`() async throws {
    let planted = try await Planted(seed: 57, steps: 60)
    let fold = try folded(planted)
    let lines = try lines(.projection(.people), fold)
    let longest = try #require(lines.map(\.utf8.count).max())
    let path = planted.directory.file("people.json")
    writeFile(path, lines.joined(separator: "\n") + "\n")
    let (fits, short) = (
      EntryFile(path: path, lineBytesMax: longest), EntryFile(path: path, lineBytesMax: longest - 1)
    )
    #expect(
      try EntryComparison(.projection(.people), .file(fits), .state(fold), shownMax: 1).isEqual)
    #expect(throws: EntriesError.self) {
      try EntryComparison(.projection(.people), .file(short), .state(fold), shownMax: 1)
    }
  }

  @Test func `a snapshot taken while others write is what the fold beside it is`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 56)
    await people.live(300)
    let writer = Task { [people] in
      var people = people
      await people.live(400, from: "later")
    }
    _ = try await town.snapshot()
    await writer.value
    await town.close()
    let reader = try JournalReader(directory: directory.path)
    let snapshot = try SnapshotEntries(path: try town.store.list()[0].path)
    var fold = FoldedEntries(of: StatePart.all)
    try fold.run(reader, through: snapshot.position)
    try fold.stand(as: snapshot, in: reader)
    for part in StatePart.all {
      #expect(
        try EntryComparison(part, .state(fold), .state(snapshot), shownMax: 3).isEqual,
        "\(part.name)")
    }
  }

  @Test func `parts are named as digests name them, or shorter`() {
    #expect(StatePart(name: "home") == .projection(.home))
    #expect(StatePart(name: "tags") == .projection(.tags))
    #expect(StatePart(name: "entities.tags") == .entities(.tag))
    #expect(StatePart(name: "users") == .entities(.user))
    #expect(StatePart(name: "") == nil && StatePart(name: "s") == nil)
    for part in StatePart.all { #expect(StatePart(name: part.name) == part) }
  }

  @Test(
    arguments: [
      (#"{"a":1,"b":[1,2]}"#, #"{"a":1,"b":[2,3]}"#, ["b 1 ", "b  3"]),
      (#"{"a":{"x":"q\"}"}}"#, #"{"a":{"x":"r"}}"#, [#"a.x "q\"}" "r""#]),
      ("[1,2]", "[2,1]", [" [1,2] [2,1]"]), ("[]", "[[]]", ["  []"]), ("7", "7", []),
    ])
  func `values differ by their parts`(_ one: String, _ other: String, _ parts: [String]) {
    let found = JSONText.differences(JSONText(Array(one.utf8)), JSONText(Array(other.utf8)))
    #expect(found.map { "\($0.path) \($0.first ?? "") \($0.second ?? "")" } == parts)
  }
}
