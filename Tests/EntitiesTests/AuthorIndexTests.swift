import Domain
import Entities
import Testing

struct AuthorIndexTests {
  @Test func `everybody who sealed something is there once, ascending`() {
    let authors = AuthorIndex()
    authors.adopt([UserID(10), UserID(20)])
    for raw in (1...20_000 as ClosedRange<UInt64>).reversed() { authors.insert(UserID(raw * 5)) }
    authors.insert(UserID(10))
    #expect(authors.all == (1...20_000).map { UserID($0 * 5) })
    #expect(authors.all.count == 20_000)
  }

  @Test func `only events with sealed text make authors`() {
    let authors = AuthorIndex()
    for (position, hasSecret) in [(UInt64(1), false), (2, true)] {
      authors.fold(
        Record(
          position: Position(position), time: Instant(ms: 0), actor: UserID(position),
          entity: .user(UserID(position)), sequence: 1, event: .user(.erased),
          hasSecret: hasSecret))
    }
    #expect(authors.all == [UserID(2)])
  }
}
