/// One contribution to a trend. 16 bytes.
struct TrendUse: Equatable, Sendable {
  /// A post by its id; someone's like or share by who it is (ids are below 2^63).
  let source: UInt64
  let account: PersonIndex
  /// Ten minutes since 1970.
  let bucket: UInt32

  var hour: UInt32 { bucket / UInt32(TrendWindow.bucketsPerHour) }

  static func like(by person: PersonIndex) -> UInt64 { 1 << 63 | UInt64(person.raw) }
  static func share(by person: PersonIndex) -> UInt64 { 3 << 62 | UInt64(person.raw) }
}

/// The contributions to one tag or post in the last week, oldest first.
struct Trend: Sendable {
  private(set) var uses: [TrendUse] = []
  /// Distinct accounts in each hour before the newest one; derived from the uses.
  private var usual: [(hour: UInt32, accounts: UInt32)] = []
  /// The hour of the newest use that ever was, retracted or not.
  private(set) var newestHour: UInt32?

  /// True if it is the first of its hour.
  mutating func add(_ use: TrendUse) -> Bool {
    let isFirst = newestHour != use.hour
    if isFirst {
      closeHour()
      newestHour = use.hour
    }
    uses.append(use)
    return isFirst
  }

  /// Exactly as if it had never been; a use that is not there or too old is fine.
  mutating func retract(_ source: UInt64) {
    guard let index = uses.lastIndex(where: { $0.source == source }) else { return }
    let hour = uses.remove(at: index).hour
    if let closed = usual.lastIndex(where: { $0.hour == hour }) {
      usual[closed].accounts = accounts(inHour: hour)
    }
  }

  mutating func retractAll() {
    uses = []
    usual = []
  }

  /// Exactly as if the account had never used it.
  mutating func retractAll(by account: PersonIndex) {
    guard uses.contains(where: { $0.account == account }) else { return }
    uses.removeAll { $0.account == account }
    for index in usual.indices { usual[index].accounts = accounts(inHour: usual[index].hour) }
  }

  /// Drops what is older than the hour; true if nothing is left.
  mutating func expire(before hour: UInt32) -> Bool {
    uses.removeFirst(index(ofBucket: hour * UInt32(TrendWindow.bucketsPerHour)))
    usual.removeAll { $0.hour < hour }
    return uses.isEmpty && newestHour ?? 0 < hour
  }

  /// How many uses there are in a range of buckets; at least as many as accounts. O(log uses).
  func useCount(in buckets: ClosedRange<UInt32>) -> Int { range(buckets).count }

  /// How many distinct accounts there are in a range of buckets. O(uses there).
  func accounts(in buckets: ClosedRange<UInt32>) -> UInt32 {
    let uses = uses[range(buckets)]
    if uses.count < 2 { return UInt32(uses.count) }
    var accounts = uses.map(\.account.raw)
    accounts.sort()
    var distinct: UInt32 = 1
    for index in 1..<accounts.count where accounts[index] != accounts[index - 1] { distinct += 1 }
    return distinct
  }

  /// The sum of the distinct accounts of each hour in a range of hours.
  func accountHours(in hours: Range<UInt32>) -> UInt64 {
    var sum: UInt64 = 0
    for entry in usual where hours.contains(entry.hour) { sum += UInt64(entry.accounts) }
    if let newest = newestHour, hours.contains(newest) { sum += UInt64(accounts(inHour: newest)) }
    return sum
  }

  private mutating func closeHour() {
    guard let newest = newestHour else { return }
    usual.append((newest, accounts(inHour: newest)))
  }

  private func accounts(inHour hour: UInt32) -> UInt32 {
    let first = hour * UInt32(TrendWindow.bucketsPerHour)
    return accounts(in: first...(first + UInt32(TrendWindow.bucketsPerHour) - 1))
  }

  private func range(_ buckets: ClosedRange<UInt32>) -> Range<Int> {
    index(ofBucket: buckets.lowerBound)..<index(ofBucket: buckets.upperBound + 1)
  }

  /// The number of uses before the bucket.
  private func index(ofBucket bucket: UInt32) -> Int {
    leadingCount(of: uses.count) { uses[$0].bucket < bucket }
  }
}
