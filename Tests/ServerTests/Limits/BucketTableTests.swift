import Domain
import Testing

@testable import Server

@Suite struct BucketTableTests {
  private static let start = Instant(ms: 1_700_000_000_000)

  private func table(_ keysMax: Int, _ file: String = "logins-per-address 3/1m") throws
    -> BucketTable<Int>
  {
    BucketTable(try RateLimits(file: file), keysMax: keysMax)
  }

  private func take(_ subject: Int, _ table: inout BucketTable<Int>, at ms: Int64 = 0) -> Int64 {
    table.take(.init(subject: subject, rule: .loginsPerAddress), at: Self.start.adding(ms: ms))
  }

  @Test(arguments: [1, 2, 8, 1_000])
  func `as many as the bound are kept, and one more makes room`(keysMax: Int) throws {
    var table = try table(keysMax)
    for subject in 0..<keysMax { #expect(take(subject, &table) == 0) }
    #expect(table.counts.tracked == keysMax && table.counts.evicted == 0)
    #expect(take(keysMax, &table) == 0)
    #expect(table.counts.tracked == keysMax - max(1, keysMax / 4) + 1)
    #expect(table.counts.evicted == UInt64(max(1, keysMax / 4)))
    for subject in 0..<(keysMax * 5) {
      _ = take(subject, &table)
      #expect(table.counts.tracked <= keysMax)
    }
  }

  @Test func `who is at their limit stays there, however many others come`() throws {
    var table = try table(64)
    for _ in 0..<3 { #expect(take(-1, &table) == 0) }
    for subject in 0..<10_000 {
      _ = take(subject, &table)
      #expect(take(-1, &table) == 20_000)
    }
    // Even others that are half spent do not displace it.
    for subject in 0..<1_000 { for _ in 0..<2 { _ = take(subject, &table) } }
    #expect(take(-1, &table) == 20_000)
    #expect(table.counts.tracked <= 64 && table.counts.evicted > 9_000)
  }

  @Test func `full buckets are forgotten first, and cost nobody anything`() throws {
    var table = try table(1_000)
    for subject in 0..<999 { _ = take(subject, &table) }
    for _ in 0..<3 { _ = take(-1, &table, at: 19_999) }
    #expect(table.counts.tracked == 1_000)
    _ = take(-2, &table, at: 20_000)
    #expect(table.counts.tracked == 2 && table.counts.evicted == 0)
    #expect(take(-1, &table, at: 20_000) == 19_999)
  }

  @Test func `a table shrinks when few are left, long before its bound`() throws {
    var table = try table(1_000_000)
    for subject in 0..<10_000 { _ = take(subject, &table) }
    let grown = table.counts.tracked
    for subject in 0..<20_000 { _ = take(subject, &table, at: 60_000 + Int64(subject) * 60_000) }
    #expect(grown == 10_000 && table.counts.tracked < 1_000 && table.counts.evicted == 0)
  }

  @Test func `several allowances are taken from together or not at all`() throws {
    var table = try table(10, "logins-per-address 2/1s 3/1m")
    #expect(take(1, &table) == 0 && take(1, &table) == 0)
    // The first is empty, so the second is not charged.
    for _ in 0..<10 { #expect(take(1, &table) == 500) }
    #expect(take(1, &table, at: 1_000) == 0)
    // Now the second is: it had three, and gained a twentieth a second.
    #expect(take(1, &table, at: 1_000) == 19_000)
    #expect(take(1, &table, at: 19_999) == 1)
    #expect(take(1, &table, at: 20_000) == 0)
    #expect(table.counts.checked == 16)
    #expect(table.counts.refused[Int(LimitRule.loginsPerAddress.rawValue)] == 12)
  }

  @Test func `what is given back can be taken again`() throws {
    var table = try table(10)
    let key = BucketTable<Int>.Key(subject: 1, rule: .loginsPerAddress)
    for _ in 0..<3 { #expect(take(1, &table) == 0) }
    table.giveBack(key, at: Self.start)
    #expect(take(1, &table) == 0 && take(1, &table) == 20_000)
    table.giveBack(.init(subject: 2, rule: .loginsPerAddress), at: Self.start)
    #expect(table.counts.tracked == 1)
  }

  @Test func `familiar places are bounded, and the ones seen last stay`() throws {
    var places = FamiliarPlaces(placesMax: 8)
    let address = try #require(NetworkAddress(host: "1.2.3.4"))
    func place(_ number: Int) throws -> FamiliarPlaces.Place {
      .init(username: try #require(Username("name\(number)")), address: address)
    }
    for number in 0..<8 {
      places.note(try place(number), at: Self.start.adding(ms: Int64(number)))
    }
    places.note(try place(0), at: Self.start.adding(ms: 8))
    #expect(places.count == 8)
    places.note(try place(8), at: Self.start.adding(ms: 9))
    #expect(places.count == 7)
    for (number, isThere) in [(0, true), (1, false), (2, false), (3, true), (8, true)] {
      #expect(places.contains(try place(number), at: Self.start.adding(ms: 9)) == isThere)
    }
    let end = Self.start.adding(ms: 9 + FamiliarPlaces.familiarMs)
    #expect(places.contains(try place(8), at: end.adding(ms: -1)))
    #expect(!places.contains(try place(8), at: end))
  }
}
