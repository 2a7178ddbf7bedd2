import Domain
import Entities
import Testing

struct DirectoryTests {
  private let alice = Username("alice")!

  @Test func `a name is reserved once, found once confirmed, and free again once released`() {
    let names = NameIndex()
    #expect(names.reserve(alice, for: UserID(1)))
    #expect(!names.reserve(alice, for: UserID(2)))
    #expect(names.id(of: alice) == nil && names.name(of: UserID(1)) == nil && names.count == 0)
    names.release(alice, of: UserID(2))
    #expect(!names.reserve(alice, for: UserID(2)))
    names.release(alice, of: UserID(1))
    #expect(names.reserve(alice, for: UserID(2)))
    names.confirm(alice, of: UserID(2), at: Position(7))
    #expect(names.id(of: alice) == UserID(2) && names.name(of: UserID(2)) == alice)
    #expect(names.newestSignUp == Position(7))
    names.release(alice, of: UserID(2))
    #expect(names.id(of: alice) == UserID(2))
    #expect(!names.reserve(alice, for: UserID(3)))
  }

  @Test func `the newest sign-up never goes back`() {
    let names = NameIndex()
    names.confirm(alice, of: UserID(1), at: Position(9))
    names.confirm(Username("bob")!, of: UserID(2), at: Position(8))
    #expect(names.newestSignUp == Position(9))
  }

  private func issued(_ number: UInt64, expires: Int64?, at ms: Int64) -> Record {
    let event = UserEvent.tokenIssued(
      TokenID(number), scope: .write, expires: expires.map { Instant(ms: $0) },
      hash: [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)])
    return Record(
      position: Position(number), time: Instant(ms: ms), actor: UserID(1), entity: .user(UserID(1)),
      sequence: number, event: .user(event), hasSecret: false)
  }

  @Test func `a token is valid from its issue to its end, to the millisecond`() {
    let tokens = TokenIndex()
    tokens.fold(issued(1, expires: 100, at: 0))
    tokens.fold(issued(2, expires: nil, at: 0))
    #expect(tokens.isValid(TokenID(1), at: Instant(ms: 99)))
    #expect(!tokens.isValid(TokenID(1), at: Instant(ms: 100)))
    #expect(tokens.holder(of: [1, 0], at: Instant(ms: 99))?.token == TokenID(1))
    #expect(tokens.holder(of: [1, 0], at: Instant(ms: 100)) == nil)
    #expect(!tokens.isValid(TokenID(3), at: Instant(ms: 0)))
    tokens.remove(TokenID(2))
    #expect(!tokens.isValid(TokenID(2), at: Instant(ms: 0)))
  }

  @Test func `expired tokens are forgotten`() {
    let tokens = TokenIndex()
    tokens.fold(issued(1, expires: nil, at: 0))
    for number in 2..<20_000 as Range<UInt64> {
      tokens.fold(issued(number, expires: Int64(number) + 1, at: Int64(number)))
    }
    #expect(tokens.count <= 1_024)
    #expect(tokens.isValid(TokenID(1), at: Instant(ms: 20_000)))
  }
}
