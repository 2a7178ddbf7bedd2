package import Domain

/// How often what may be done, and by whom without limit.
package struct RateLimits: Hashable, Sendable {
  /// Allowances of one rule that hold at once.
  package static let allowancesMax = 4

  /// By the rule's raw value; empty: no limit.
  private var allowances = [[Allowance]](repeating: [], count: LimitRule.allCases.count)
  /// Tokens of these scopes are not limited.
  package var exemptScopes: Set<Scope> = []
  /// Connections from there are not limited.
  package var exemptAddresses: Set<NetworkAddress> = []

  /// No limits at all.
  package static let off = RateLimits()

  package subscript(rule: LimitRule) -> [Allowance] {
    get { allowances[Int(rule.rawValue)] }
    set {
      precondition(newValue.count <= Self.allowancesMax, "a rule has few allowances")
      allowances[Int(rule.rawValue)] = newValue
    }
  }

  /// Whether a rule limits anything.
  package var isOn: Bool { allowances.contains { !$0.isEmpty } }

  /// What `roost serve` starts from.
  package static let standard: RateLimits = {
    var limits = RateLimits()
    limits[.reads] = [.per5Minutes(3_000)]
    limits[.posts] = [.perMinute(10), .perDay(300)]
    limits[.replies] = [.perHour(60)]
    limits[.likes] = [.perHour(1_000)]
    limits[.follows] = [.perDay(400)]
    // A lively talk is a message a second; a day of it is more than anybody types.
    limits[.messages] = [.perMinute(60), .perDay(3_000)]
    limits[.logins] = [.per15Minutes(10)]
    limits[.readsPerAddress] = [.per5Minutes(3_000)]
    limits[.loginsPerAddress] = [.per15Minutes(10)]
    limits[.signupsPerAddress] = [.perHour(5)]
    limits[.wrongPasswords] = [.per15Minutes(10), .perDay(100)]
    limits.exemptScopes = [.service, .admin]
    return limits
  }()
}

extension Allowance {
  fileprivate static func perMinute(_ count: Int64) -> Allowance { per(60_000, count) }
  fileprivate static func per5Minutes(_ count: Int64) -> Allowance { per(300_000, count) }
  fileprivate static func per15Minutes(_ count: Int64) -> Allowance { per(900_000, count) }
  fileprivate static func perHour(_ count: Int64) -> Allowance { per(3_600_000, count) }
  fileprivate static func perDay(_ count: Int64) -> Allowance { per(86_400_000, count) }

  private static func per(_ windowMs: Int64, _ count: Int64) -> Allowance {
    guard let allowance = Allowance(count: count, windowMs: windowMs) else {
      preconditionFailure("\(count) in \(windowMs) ms is no allowance")
    }
    return allowance
  }
}
