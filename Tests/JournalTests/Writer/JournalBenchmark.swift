import Domain
import Glibc
import Journal
import Testing

/// Small in the tests, so that it cannot rot; `ROOST_BENCH=1 swift test -c release --filter
/// benchmark` for figures.
private let isFull = unsafe getenv("ROOST_BENCH") != nil

private func seconds() -> Double {
  var now = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

private func measure(_ what: String, count: Int, _ body: () throws -> Void) throws {
  let start = seconds()
  try body()
  let time = seconds() - start
  let rate = Int(Double(count) / time)
  if isFull { print("\(what): \(count) in \(Int(time * 1_000)) ms, \(rate)/s") }
}

private struct Missing: Error {}

/// Likes by random people, as an import of a network's week has them.
private func like(_ number: Int, _ generator: inout SeededGenerator) -> JournalEntry {
  let base: UInt64 = 1_341_100_972_000 << 22
  let author = UserID(base + generator.next() % 300_000)
  return JournalEntry(
    actor: UserID(base + generator.next() % 300_000),
    entity: .post(PostID(base + generator.next() % 300_000)),
    firstSequence: UInt64(number), drafts: [Draft(.post(.liked(author: author)))])
}

@Test(arguments: [1, 100, 1_000])
func `benchmark of commits`(batch: Int) throws {
  let directory = TemporaryDirectory()
  let journal = try openJournal(directory)
  var generator = SeededGenerator(seed: 1)
  let batches = isFull ? (batch == 1 ? 4_000 : 500_000 / batch) : 5
  try measure("likes, durable, batches of \(batch)", count: batches * batch) {
    for _ in 0..<batches {
      for number in 0..<batch { _ = try journal.enqueue(like(number, &generator)) }
      guard try journal.commitQueued() == batch else { throw Missing() }
    }
  }
  let bytes = try readFile(directory.path + "/journal/data.mdb").count
  if isFull { print("  \(Double(bytes) / Double(batches * batch)) bytes per event") }
  journal.drainAndStop()
}

@Test(arguments: [100, 1_000])
func `benchmark of commits with text`(batch: Int) throws {
  let directory = TemporaryDirectory()
  let journal = try openJournal(directory)
  let text = String(repeating: "what a person says, ", count: 5)
  let batches = isFull ? 100_000 / batch : 3
  try measure("posts with 100 characters, durable, batches of \(batch)", count: batches * batch) {
    for index in 0..<batches {
      for number in 0..<batch {
        let id = UInt64(1_341_100_972_000 << 22 + index * batch + number)
        _ = try journal.enqueue(.post(id, by: UserID(UInt64(1_000 + number % 500)), text: text))
      }
      guard try journal.commitQueued() == batch else { throw Missing() }
    }
  }
  var generator = SeededGenerator(seed: 1)
  let reads = isFull ? 200_000 : 100
  try measure("reads of text", count: reads) {
    for _ in 0..<reads {
      let position = Position(1 + generator.next() % UInt64(batches * batch))
      guard try journal.secret(at: position) != .none else { throw Missing() }
    }
  }
  journal.drainAndStop()
}

@Test func `benchmark of reading on`() throws {
  let directory = TemporaryDirectory()
  let count = isFull ? 3_000_000 : 20_000
  var generator = SeededGenerator(seed: 1)
  var limits = JournalLimits()
  limits.tailEventsMax = 1
  let journal = try openJournal(directory, limits: limits)
  for number in 0..<count {
    _ = try journal.enqueue(like(number, &generator))
    if number % 10_000 == 9_999 { _ = try journal.commitQueued() }
  }
  _ = try journal.commitQueued()
  var cursor = journal.cursor(after: .zero)
  var authors: UInt64 = 0
  try measure("records decoded and folded from disk", count: count) {
    while true {
      let records = try cursor.next()
      if records.isEmpty { break }
      for record in records {
        if case .post(.liked(let author)) = record.event { authors &+= author.raw }
      }
    }
  }
  #expect(authors != 0 && cursor.position == journal.durable)
  try measure("verify", count: count) {
    guard try JournalVerifier(journal).verify().isEmpty else { throw Missing() }
  }
  journal.drainAndStop()
  try measure("open", count: count) { try openJournal(directory).drainAndStop() }
}

@Test func `a long journal is folded in bounded memory`() throws {
  let directory = TemporaryDirectory()
  var limits = JournalLimits()
  limits.tailEventsMax = 1_000
  let journal = try openJournal(directory, limits: limits)
  let text = String(repeating: "long ", count: 1_000)
  func fill(_ count: Int) throws {
    for number in 0..<count {
      _ = try journal.enqueue(.post(UInt64(number + 1), text: text))
      if number % 500 == 499 { _ = try journal.commitQueued() }
    }
    _ = try journal.commitQueued()
  }
  func fold() throws -> Int {
    var cursor = journal.cursor(after: .zero)
    var count = 0
    while true {
      let records = try cursor.next()
      if records.isEmpty { return count }
      count += records.count
    }
  }
  try fill(1_000)
  #expect(try fold() == 1_000)
  let before = try privateBytes()
  try fill(9_000)
  #expect(try fold() == 10_000)
  // 50 MB were written and read; other tests run beside this one.
  #expect(try privateBytes() - before < 40 << 20)
  journal.drainAndStop()
}

/// Anonymous memory of this process: the map of the file is not counted.
private func privateBytes() throws -> Int {
  let descriptor = unsafe open("/proc/self/status", O_RDONLY)
  defer { close(descriptor) }
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 8_192) { buffer, count in
    count = max(0, unsafe read(descriptor, buffer.baseAddress, 8_192))
  }
  let line = try #require(
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("RssAnon:")
    })
  return try #require(Int(line.filter(\.isNumber))) * 1_024
}
