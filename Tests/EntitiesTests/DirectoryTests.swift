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

  private func record(_ event: UserEvent, at position: UInt64, of user: UserID) -> Record {
    Record(
      position: Position(position), time: Instant(ms: 0), actor: user, entity: .user(user),
      sequence: position, event: .user(event), hasSecret: false)
  }

  @Test func `an erased person's name leads to them and stays taken`() {
    let names = NameIndex()
    names.adopt(alice, of: UserID(1))
    #expect(!names.isErased(UserID(1)) && names.erased == [])
    names.markErased(UserID(1))
    #expect(names.isErased(UserID(1)) && !names.isErased(UserID(2)))
    #expect(names.erased == [UserID(1)])
    #expect(names.id(of: alice) == UserID(1))
    #expect(!names.reserve(alice, for: UserID(2)))
  }

  @Test func `erasing a person ends their tokens and their password, and nobody else's`() {
    let tokens = TokenIndex()
    let now = Instant(ms: 1_000)
    for number: UInt64 in [1, 2, 3] {
      let holder = TokenHolder(
        user: UserID(number == 3 ? 2 : 1), token: TokenID(number), scope: .write, expires: nil)
      tokens.add([UInt8(number)], holder)
      tokens.noteUse(of: TokenID(number), at: now)
    }
    tokens.fold(record(.erased, at: 9, of: UserID(1)))
    for number: UInt64 in [1, 2, 3] {
      #expect(tokens.isValid(TokenID(number), at: now) == (number == 3))
      #expect(tokens.lastUse(of: TokenID(number)) == (number == 3 ? now : nil))
    }
    #expect(!tokens.isNewest(Position(8), of: UserID(1)))
    #expect(tokens.isNewest(Position(8), of: UserID(2)))
  }

  @Test func `a new password ends what rests on older ones`() {
    let tokens = TokenIndex()
    #expect(tokens.isNewest(Position(3), of: UserID(1)))
    tokens.fold(record(.passwordChanged, at: 5, of: UserID(1)))
    #expect(!tokens.isNewest(Position(4), of: UserID(1)))
    #expect(tokens.isNewest(Position(5), of: UserID(1)))
    #expect(tokens.isNewest(Position(4), of: UserID(2)))
  }

  @Test func `a token that is not known is not noted as used`() {
    let tokens = TokenIndex()
    tokens.noteUse(of: TokenID(1), at: Instant(ms: 5))
    #expect(tokens.lastUse(of: TokenID(1)) == nil)
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

  @Test func `the epoch tells every end of a token or a password, and nothing else`() {
    let tokens = TokenIndex()
    tokens.fold(issued(1, expires: 100, at: 0))
    tokens.fold(issued(2, expires: nil, at: 0))
    let first = tokens.epoch
    tokens.noteUse(of: TokenID(1), at: Instant(ms: 5))
    tokens.fold(issued(3, expires: nil, at: 6))
    #expect(tokens.epoch == first)
    #expect(tokens.expiry(of: TokenID(1)) == Instant(ms: 100))
    #expect(tokens.expiry(of: TokenID(2)) == nil && tokens.expiry(of: nil) == nil)
    var seen = [first]
    for event in [UserEvent.tokenRevoked(TokenID(1)), .passwordChanged, .erased] {
      tokens.fold(record(event, at: 7, of: UserID(1)))
      #expect(!seen.contains(tokens.epoch), "\(event)")
      seen.append(tokens.epoch)
    }
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
