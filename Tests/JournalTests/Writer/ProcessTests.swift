import Domain
import Glibc
import Journal
import Synchronization
import Testing

/// Small, so that a few megabytes make the map grow several times.
private var growing: JournalLimits {
  var limits = JournalLimits()
  limits.initialMapBytes = 1 << 20
  limits.mapFreeBytesMin = 256 << 10
  limits.tailEventsMax = 64
  return limits
}

private func text(_ id: UInt64) -> String { "\(id) " + String(repeating: "x", count: 900) }

@Test(.enabled(if: ChildRole.current != nil))
func `the other process plays its role`() throws {
  let (role, path) = try #require(ChildRole.current)
  let journal = try Journal.open(
    directory: path, clock: ManualClock(ms: 1), random: SeededRandom(seed: 1), limits: growing)
  journal.startWriter()
  var id: UInt64 = 0
  while !fileExists(path + "/stop") {
    id += 1
    do {
      _ = try journal.enqueue(.post(id, text: text(id)))
    } catch {
      usleep(1_000)
    }
    if id % 100 == 0 { usleep(role == "slowly" ? 20_000 : 2_000) }
  }
  journal.drainAndStop()
}

@Test(.enabled(if: ChildRole.current == nil))
func `only one process writes, and the error says which`() throws {
  let directory = TemporaryDirectory()
  let child = try ChildProcess(role: "slowly", directory: directory)
  try eventually { fileExists(directory.path + "/journal/data.mdb") }
  let error = #expect(throws: JournalError.self) { try openJournal(directory) }
  guard case .locked(_, let pid?)? = error else {
    Issue.record("\(String(describing: error))")
    return
  }
  #expect(error?.description.contains("process \(pid) is already serving") == true)
  try writeFile(directory.path + "/stop", [])
  #expect(child.wait() == 0)
  try openJournal(directory).drainAndStop()
}

@Test(.enabled(if: ChildRole.current == nil))
func `a reader beside a writing process follows it through the growth of the map`() throws {
  let directory = TemporaryDirectory()
  let child = try ChildProcess(role: "fast", directory: directory)
  try eventually { fileExists(directory.path + "/keys") && fileExists(directory.path + "/journal") }
  let reader = try JournalReader(directory: directory.path, limits: growing)
  var cursor = reader.cursor(after: .zero)
  try eventually {
    for record in try cursor.next(max: 1_000) where record.position.raw % 50 == 0 {
      let reading = try reader.secret(at: record.position)
      #expect(reading == .text(Secret([.text: text(record.position.raw)])))
    }
    return cursor.position.raw > 6_000
  }
  try writeFile(directory.path + "/stop", [])
  #expect(child.wait() == 0)
  #expect(try JournalVerifier(reader).verify() == [])
  #expect(try readAll(cursor).last?.position == reader.head().position)
}

@Test(.enabled(if: ChildRole.current == nil))
func `a killed writer leaves a whole prefix, and its lock is free`() throws {
  for _ in 0..<3 {
    let directory = TemporaryDirectory()
    let child = try ChildProcess(role: "fast", directory: directory)
    try eventually { fileExists(directory.path + "/journal/data.mdb") }
    let reader = try JournalReader(directory: directory.path)
    var seen = Position.zero
    try eventually {
      seen = try reader.head().position
      return seen.raw > 300
    }
    child.kill()
    #expect(child.wait() == 128 + SIGKILL)
    #expect(try JournalVerifier(reader).verify() == [])
    reader.close()
    let journal = try openJournal(directory)
    #expect(journal.head.position >= seen)
    #expect(try readAll(journal.cursor(after: .zero)).count == Int(journal.head.position.raw))
    journal.drainAndStop()
  }
}

@Test(.enabled(if: ChildRole.current == nil))
func `a process opens a journal once`() throws {
  let directory = TemporaryDirectory()
  let journal = try openJournal(directory)
  #expect(throws: JournalError.self) { try openJournal(directory) }
  #expect(throws: JournalError.alreadyOpen(path: directory.path + "/journal")) {
    try JournalReader(directory: directory.path)
  }
  journal.drainAndStop()
  #expect(try JournalReader(directory: directory.path).head().position == .zero)
}

@Test(.enabled(if: ChildRole.current == nil))
func `readers on other threads live through the growth of the map`() throws {
  let directory = TemporaryDirectory()
  let journal = try openJournal(directory, limits: growing)
  journal.startWriter()
  let isDone = Atomic(false)
  let failures = Atomic(0)
  let reads = Atomic(0)
  let threads = (0..<3).map { index in
    TestThread {
      var cursor = journal.cursor(after: .zero)
      var position: UInt64 = UInt64(index)
      while !isDone.load(ordering: .relaxed) || cursor.position < journal.durable {
        do {
          _ = try cursor.next(max: 100)
          let durable = journal.durable.raw
          guard durable > 0 else { continue }
          position = (position &* 6_364_136_223_846_793_005 &+ 1) % durable
          let reading = try journal.secret(at: Position(position + 1))
          guard reading == .text(Secret([.text: text(position + 1)])) else { throw Wrong() }
          reads.wrappingAdd(1, ordering: .relaxed)
        } catch { failures.wrappingAdd(1, ordering: .relaxed) }
      }
    }
  }
  for id: UInt64 in 1...12_000 {
    _ = try journal.enqueue(.post(id, text: text(id)))
    if id % 200 == 0 { try eventually { journal.durable.raw == id } }
  }
  isDone.store(true, ordering: .relaxed)
  for thread in threads { thread.join() }
  #expect(failures.load(ordering: .relaxed) == 0)
  #expect(reads.load(ordering: .relaxed) > 100)
  #expect(try readFile(directory.path + "/journal/data.mdb").count > 8 << 20)
  journal.drainAndStop()
}

private struct Wrong: Error {}
