import Domain
import Journal
import Testing

@Test func `a destroyed key erases text wherever it was, and the chain still verifies`() throws {
  let directory = TemporaryDirectory()
  let journal = try openJournal(directory)
  _ = try journal.enqueue(.post(1, by: alice, text: "to be erased"))
  _ = try journal.enqueue(.post(2, by: bob, text: "stays"))
  _ = try journal.commitQueued()
  try journal.destroyKey(of: alice)
  #expect(try journal.secret(at: Position(1)) == .erased)
  #expect(try journal.secret(at: Position(2)) == .text(Secret([.text: "stays"])))
  #expect(try JournalVerifier(journal).verify() == [])

  // What comes late from an erased person is erased as well.
  _ = try journal.enqueue(.post(3, by: alice, text: "late"))
  _ = try journal.commitQueued()
  #expect(try journal.secret(at: Position(3)) == .erased)
  #expect(try journal.record(at: Position(3))?.hasSecret == true)
  journal.drainAndStop()
}

@Test func `no file under the directory holds a destroyed key or sealed text in the clear`() throws
{
  let directory = TemporaryDirectory()
  let random = SeededRandom(seed: 77)
  let key = SeededRandom(seed: 77).bytes(32)
  let journal = try Journal.open(
    directory: directory.path, clock: ManualClock(ms: 1), random: random, onFatal: { _ in })
  journal.createKey(for: alice)
  for user in 200..<600 { journal.createKey(for: UserID(UInt64(user))) }
  _ = try journal.enqueue(.post(1, by: alice, text: "needle in the haystack"))
  _ = try journal.commitQueued()
  let files = ["journal/data.mdb", "keys/data.mdb"].map { directory.path + "/" + $0 }
  #expect(try contains(readFile(files[1]), key))
  try journal.destroyKey(of: alice)
  for file in files {
    #expect(try !contains(readFile(file), key))
    #expect(try !contains(readFile(file), Array("needle".utf8)))
  }
  #expect(!fileExists(directory.path + "/keys.old") && !fileExists(directory.path + "/keys.new"))
  #expect(try journal.secret(at: Position(1)) == .erased)
  journal.drainAndStop()
}

private func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
  guard bytes.count >= needle.count else { return false }
  return (0...(bytes.count - needle.count)).contains { start in
    bytes[start] == needle[0] && bytes[start..<(start + needle.count)].elementsEqual(needle)
  }
}

@Test func `a replacement of the keys that was interrupted is brought to its end`() throws {
  for step in 0..<3 {
    let directory = TemporaryDirectory()
    let journal = try openJournal(directory)
    _ = try journal.enqueue(.post(1, text: "kept"))
    _ = try journal.commitQueued()
    journal.drainAndStop()
    let keys = directory.path + "/keys"
    // As a crash leaves it: before the first rename, between the two, after the second.
    run("/bin/cp", ["-r", keys, step == 2 ? keys + ".old" : keys + ".new"])
    if step == 1 { run("/bin/mv", [keys, keys + ".old"]) }
    let again = try openJournal(directory)
    #expect(try again.secret(at: Position(1)) == .text(Secret([.text: "kept"])))
    #expect(!fileExists(keys + ".old") && !fileExists(keys + ".new"))
    again.drainAndStop()
  }
}

@Test func `a journal without its keys is refused`() throws {
  let directory = TemporaryDirectory()
  try openJournal(directory).drainAndStop()
  run("/bin/rm", ["-r", directory.path + "/keys"])
  #expect(throws: JournalError.missing(path: directory.path + "/keys")) {
    try openJournal(directory)
  }
}

@Test func `text moved to another record is not unsealed`() throws {
  let memory = try MemoryJournal()
  _ = try memory.journal.enqueue(.post(1, text: "one"))
  _ = try memory.journal.commitQueued()
  _ = try memory.journal.enqueue(.post(2, text: "two"))
  _ = try memory.journal.commitQueued()
  // The second block, claiming the first position: the text is bound to where it was.
  let reader = JournalReader(disk: memory.disk, keys: memory.keys)
  var moved = try #require(try reader.rawBlock(atOrBefore: Position(2))).bytes
  #expect(moved[2] == 2)
  moved[2] = 1
  memory.disk.damageBlock(0) { $0 = moved }
  #expect(try reader.record(at: Position(1)) != nil)
  #expect(throws: JournalError.self) { try reader.secret(at: Position(1)) }
}
