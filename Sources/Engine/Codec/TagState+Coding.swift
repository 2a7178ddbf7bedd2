package import Domain
package import Journal
package import Projections

/// [sequence, trending allowed, uses, accounts, hours, first used, last used, followers]
extension TagState: StateCoding {
  package static var kind: EntityKind { .tag }
  package static var foldVersion: UInt32 { 2 }
  private static let fieldCount = 8

  package static var shape: EntryShape {
    .fields([
      "events": .number, "trending_allowed": .optional(.flag), "uses": .number,
      "accounts": .groups(["user": .user, "uses": .number]),
      "hours": .groups(["hour": .number, "uses": .number]), "first_used": .optional(.time),
      "last_used": .optional(.time), "followers": .number,
    ])
  }

  package func encode(into encoder: inout CBOREncoder) {
    encoder.array(Self.fieldCount)
    encoder.uint(own.sequence)
    encoder.optional(own.trendingAllowed) { $0.bool($1) }
    encoder.int(Int64(observed.uses))
    encoder.array(observed.accounts.count * 2)
    for (account, uses) in observed.accounts.sorted(by: { $0.key < $1.key }) {
      encoder.id(account)
      encoder.uint(UInt64(uses))
    }
    encoder.array(observed.hours.count * 2)
    for hour in observed.hours {
      encoder.int(hour.hour)
      encoder.int(Int64(hour.uses))
    }
    encoder.optional(observed.firstUsed) { $0.instant($1) }
    encoder.optional(observed.lastUsed) { $0.instant($1) }
    encoder.int(Int64(observed.followers))
  }

  package init(key: EntityKey, from decoder: inout CBORDecoder) throws(CBORError) {
    self.init(key: key)
    try decoder.array(of: Self.fieldCount)
    own.sequence = try decoder.uint()
    own.trendingAllowed = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.bool()
    }
    observed.uses = Int(try decoder.int())
    let accounts = try decoder.array()
    guard accounts % 2 == 0 else { throw .invalidValue }
    observed.accounts.reserveCapacity(accounts / 2)
    for _ in 0..<(accounts / 2) {
      let account: UserID = try decoder.id()
      guard let uses = UInt32(exactly: try decoder.uint()) else { throw .outOfRange }
      observed.accounts[account] = uses
    }
    let hours = try decoder.array()
    guard hours % 2 == 0 else { throw .invalidValue }
    for _ in 0..<(hours / 2) {
      observed.hours.append(TagHour(hour: try decoder.int(), uses: Int(try decoder.int())))
    }
    observed.firstUsed = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.instant()
    }
    observed.lastUsed = try decoder.optional { (decoder) throws(CBORError) in
      try decoder.instant()
    }
    observed.followers = Int(try decoder.int())
  }
}
