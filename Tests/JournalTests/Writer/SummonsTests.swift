import Domain
import Synchronization
import Testing

@testable import Journal

/// Who calls the writer, and when.
struct SummonsTests {
  private final class Calls: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }
    func note() { number.withLock { $0 += 1 } }
  }

  @Test func `of what is queued in one turn the first calls, and of the next turn's again`() throws
  {
    let journal = try MemoryJournal().journal
    let calls = Calls()
    journal.onEnqueued {
      calls.note()
      return true
    }
    for id: UInt64 in 1...3 { _ = try journal.enqueue(.follow(bob, sequence: id)) }
    #expect(calls.count == 1)
    #expect(try journal.commitQueued() == 3)
    _ = try journal.enqueue(.follow(bob, sequence: 4))
    #expect(calls.count == 2)
  }

  /// Whether the writer was called since the last look; waits that long for it.
  private func isCalled(_ journal: Journal, withinMs ms: Int) -> Bool {
    let began = monotonicMs()
    journal.bell.wait(ms: ms)
    return monotonicMs() - began < ms
  }

  @Test func `the writer waits for the end of a turn, but not with a transaction's worth to do`()
    throws
  {
    let journal = try MemoryJournal().journal
    journal.onEnqueued { true }
    let worth = UInt64(Journal.announcedAtOnceMin)
    for id in 1..<worth { _ = try journal.enqueue(.follow(bob, sequence: id)) }
    #expect(!isCalled(journal, withinMs: 20))
    _ = try journal.enqueue(.follow(bob, sequence: worth))
    #expect(isCalled(journal, withinMs: 60_000))
    _ = try journal.enqueue(.follow(bob, sequence: worth + 1))
    #expect(!isCalled(journal, withinMs: 20))
    journal.wakeWriter()
    #expect(isCalled(journal, withinMs: 60_000))
  }

  @Test func `where nobody will call the writer, it is called at once`() throws {
    let journal = try MemoryJournal().journal
    journal.onEnqueued { false }
    journal.startWriter()
    defer { journal.drainAndStop() }
    _ = try journal.enqueue(.follow(bob))
    try eventually { journal.durable == Position(1) }
  }

  /// A closure that is kept in generic storage can be wrapped anew at every look, and each wrapping
  /// costs stack and memory from then on: that made every write slower than the one before.
  @Test func `to call costs as much after many writes as at first`() throws {
    let journal = try MemoryJournal().journal
    let depths = Mutex<[Int]>([])
    journal.onEnqueued {
      var here = 0
      let address = unsafe withUnsafeMutablePointer(to: &here) { Int(bitPattern: $0) }
      depths.withLock { $0.append(address) }
      return true
    }
    for id: UInt64 in 1...100 {
      _ = try journal.enqueue(.follow(bob, sequence: id))
      _ = try journal.commitQueued()
    }
    let found = depths.withLock { $0 }
    #expect(found.count == 100)
    #expect(Set(found).count == 1)
  }
}
