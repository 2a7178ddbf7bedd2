import Domain

/// All limits of a server, and what has been used of them. In memory only: a restart begins with
/// full allowances.
package final class RateLimiter: Sendable {
  /// Pairs of account and rule with a bucket.
  package static let accountKeysMax = 131_072
  /// Pairs of address and rule with a bucket.
  package static let addressKeysMax = 131_072

  package let limits: RateLimits
  package let logIns: LogInGuard
  private let accounts: BucketKeeper<UserID>
  private let addresses: BucketKeeper<NetworkAddress>
  /// The end of a refusal, by rule: written once, so that refusing is cheap.
  private let sentences: [String]

  package init(_ limits: RateLimits) {
    self.limits = limits
    logIns = LogInGuard(limits)
    accounts = BucketKeeper(limits, keysMax: Self.accountKeysMax)
    addresses = BucketKeeper(limits, keysMax: Self.addressKeysMax)
    sentences = LimitRule.allCases.map { rule in
      let allowances = limits[rule].map(\.description).joined(separator: " ")
      return " ms: the limit is \(rule.name) \(allowances)"
    }
  }

  /// Charges an account for one call. Throws LIMIT with the time to wait; then it costs nothing.
  func charge(_ rule: LimitRule, to account: UserID, at now: Instant) throws(Rejection) {
    guard !limits[rule].isEmpty else { return }
    try refuse(rule, for: accounts.take(rule, from: account, at: now))
  }

  /// Charges an address for one call. Throws LIMIT with the time to wait; then it costs nothing.
  func charge(_ rule: LimitRule, to address: NetworkAddress, at now: Instant) throws(Rejection) {
    guard !limits[rule].isEmpty else { return }
    try refuse(rule, for: addresses.take(rule, from: address, at: now))
  }

  /// Takes back what an address was charged for a call that nothing came of.
  func giveBack(_ rule: LimitRule, to address: NetworkAddress, at now: Instant) {
    addresses.giveBack(rule, to: address, at: now)
  }

  private func refuse(_ rule: LimitRule, for waitMs: Int64) throws(Rejection) {
    guard waitMs > 0 else { return }
    throw Rejection(.limit, "retry after " + String(waitMs) + sentences[Int(rule.rawValue)])
  }

  /// Of all callers together.
  var counts: LimitCounts {
    var sum = accounts.counts
    sum += addresses.counts
    sum += logIns.counts
    return sum
  }

  /// Lines for INFO.
  var info: [(String, String)] {
    let sum = counts
    var lines = [("limits", limits.isOn ? "on" : "off"), ("limits_checked", String(sum.checked))]
    for rule in LimitRule.allCases {
      let name = String(rule.name.map { $0 == "-" ? "_" : $0 })
      lines.append(("limits_refused_\(name)", String(sum.refused[Int(rule.rawValue)])))
    }
    lines += [
      ("limits_tracked_accounts", String(accounts.counts.tracked)),
      ("limits_tracked_addresses", String(addresses.counts.tracked)),
      ("limits_tracked_usernames", String(logIns.counts.tracked)),
      ("limits_evicted", String(sum.evicted)),
    ]
    return lines
  }
}
