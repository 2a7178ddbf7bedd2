import Domain
import Entities
import Synchronization
import Testing

/// What simulation found about time and identifiers, each by itself.
struct IdentifierTests {
  private final class HandClock: Clock {
    let ms = Atomic<Int64>(1_000)
    var now: Instant { Instant(ms: ms.load(ordering: .relaxed)) }
  }

  @Test func `a clock that is put back stands still until it has caught up`() {
    let base = HandClock()
    let clock = SteadyClock(base)
    #expect(clock.now == Instant(ms: 1_000))
    base.ms.store(400, ordering: .relaxed)
    #expect(clock.now == Instant(ms: 1_000))
    base.ms.store(1_500, ordering: .relaxed)
    #expect(clock.now == Instant(ms: 1_500))
    clock.advance(to: Instant(ms: 2_000))
    #expect(clock.now == Instant(ms: 2_000))
  }

  @Test func `of two machines neither makes ids that look older than the other's`() {
    let base = HandClock()
    let clock = SteadyClock(base)
    let first = IDGenerator(clock: clock, node: 0)
    let second = IDGenerator(clock: clock, node: 1)
    let earlier = first.next()
    base.ms.store(10, ordering: .relaxed)
    #expect(second.next() >> 22 >= earlier >> 22)
  }

  @Test func `an id that borrows from the time ahead takes the clock along`() {
    let clock = SteadyClock(HandClock())
    let ids = IDGenerator(clock: clock, node: 0)
    var newest: UInt64 = 0
    for _ in 0..<5_000 {
      newest = ids.next()
      #expect(clock.now.ms >= Int64(newest >> 22))
    }
    #expect(newest >> 22 == 1_001)
    ids.isAfter(9_000 << 22)
    #expect(clock.now.ms < 9_000)
    #expect(ids.next() >> 22 == 9_001 && clock.now.ms == 9_001)
  }

  @Test func `a name that is reserved is nobody's until the sign-up is committed`() throws {
    let names = NameIndex()
    let name = try #require(Username("anna"))
    #expect(names.reserve(name, for: UserID(5)))
    #expect(names.id(of: name) == nil)
    #expect(names.holder(of: name) == UserID(5))
    #expect(!names.reserve(name, for: UserID(6)))
    names.adopt(name, of: UserID(5))
    #expect(names.id(of: name) == UserID(5))
    names.release(name, of: UserID(5))
    #expect(names.id(of: name) == UserID(5))
  }
}
