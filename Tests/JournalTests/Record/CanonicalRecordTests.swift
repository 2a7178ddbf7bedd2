import Domain
import Testing

@testable import Journal

/// A record has one encoding: others that could be understood are refused.
struct CanonicalRecordTests {
  private func record(_ event: UserEvent) -> Record {
    Record(
      position: Position(1), time: Instant(ms: 5), actor: UserID(7), entity: .user(UserID(7)),
      sequence: 1, event: .user(event), hasSecret: false)
  }

  private func encoded(_ record: Record) -> [UInt8] {
    var encoder = CBOREncoder()
    RecordCodec.encode(
      record, baseTime: record.time, sealed: nil, requestDigest: nil, into: &encoder)
    return encoder.bytes
  }

  private func decoded(_ bytes: [UInt8]) throws(CBORError) -> Record {
    try RecordCodec.decode(bytes[...], position: Position(1), baseTime: Instant(ms: 5)).record
  }

  @Test func `a username is stored folded`() throws {
    let signUp = record(.signedUp(username: try #require(Username("gob")), fields: []))
    let bytes = encoded(signUp)
    #expect(try decoded(bytes) == signUp)
    let at = try #require(bytes.firstIndex(of: UInt8(ascii: "g")))
    var capital = bytes
    capital[at] = UInt8(ascii: "G")
    #expect(throws: CBORError.notCanonical) { try decoded(capital) }
  }

  @Test func `the actor's own entity is not spelled out`() throws {
    let bytes = encoded(record(.erased))
    #expect(try decoded(bytes) == record(.erased))
    let at = try #require(bytes.firstIndex(of: 0xF6))
    var spelled = bytes
    spelled[at] = 7
    #expect(throws: CBORError.notCanonical) { try decoded(spelled) }
    spelled[at] = 8
    #expect(try decoded(spelled).entity == .user(UserID(8)))
  }
}
