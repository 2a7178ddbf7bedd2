import Domain
import Testing

@testable import Journal

@Suite struct SecretCacheTests {
  private func secret(_ text: String) -> Secret { Secret([.text: text]) }

  @Test func `what was added is found, at its position alone`() {
    let cache = SecretCache()
    cache.add(secret("one"), at: Position(1), since: cache.epoch)
    #expect(cache.secret(at: Position(1)) == secret("one"))
    #expect(cache.secret(at: Position(2)) == nil)
  }

  @Test func `what was being unsealed while a key was destroyed does not get in`() {
    let cache = SecretCache()
    let before = cache.epoch
    cache.add(secret("kept"), at: Position(1), since: before)
    cache.removeAll()
    cache.add(secret("late"), at: Position(2), since: before)
    #expect(cache.secret(at: Position(1)) == nil)
    #expect(cache.secret(at: Position(2)) == nil)
  }

  @Test func `what is read often outlives what is not, in bounded room`() {
    let cache = SecretCache()
    let text = String(repeating: "x", count: SecretCache.generationBytesMax / 8)
    for number in 1...100 {
      cache.add(secret(text), at: Position(UInt64(number)), since: cache.epoch)
      #expect(cache.secret(at: Position(1)) != nil)
    }
    let found = (1...100).filter { cache.secret(at: Position(UInt64($0))) != nil }
    #expect(found.count <= 16)
    #expect(found.contains(100))
  }

  @Test func `erased text is gone although it was read before`() throws {
    let journal = try Journal(
      disk: MemoryDisk(), keys: MemoryKeyStore(), clock: FixedClock(), random: FixedRandom())
    let author = UserID(7)
    let facts = PostFacts(author: author, visibility: .public)
    let records = try journal.enqueue(
      JournalEntry(
        actor: author, entity: .post(PostID(9)), firstSequence: 1,
        drafts: [Draft(.post(.published(facts)), secret: secret("mine"))]))
    _ = try journal.commitQueued()
    let position = records[0].position
    guard case .text(let read) = try journal.secret(at: position) else {
      Issue.record("the text cannot be read")
      return
    }
    #expect(read == secret("mine"))
    try journal.destroyKey(of: author)
    guard case .erased = try journal.secret(at: position) else {
      Issue.record("the text can still be read")
      return
    }
  }
}

private struct FixedClock: Clock {
  var now: Instant { Instant(ms: 1_700_000_000_000) }
}

private struct FixedRandom: RandomSource {
  func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
  }
}
