import Domain

extension Invocation {
  /// Charges whoever makes this call: the account, or before log-in the address. Throws LIMIT with
  /// the time to wait; then it costs nothing.
  ///
  /// A call through AS is charged to the person it is made for, unless the service's own token is
  /// exempt.
  func charge(_ rateClass: CommandSpec.RateClass) throws(Rejection) {
    guard rateClass.isLimited, !isExempt else { return }
    let limiter = service.limiter
    if let identity, let rule = rateClass.accountRule {
      try limiter.charge(rule, to: identity.user, at: service.clock.now)
    } else if let rule = rateClass.addressRule {
      try limiter.charge(rule, to: connection.address, at: service.clock.now)
    }
  }

  /// Charges an attempt to log in to its address, whoever the connection is already. Throws LIMIT.
  func chargeLogIn() throws(Rejection) {
    guard !isExempt else { return }
    try service.limiter.charge(.loginsPerAddress, to: connection.address, at: service.clock.now)
  }

  /// Takes `chargeLogIn` back where the attempt came to nothing.
  func giveBackLogIn() {
    guard !isExempt else { return }
    service.limiter.giveBack(.loginsPerAddress, to: connection.address, at: service.clock.now)
  }

  /// By the token that the connection logged in with, also under AS, or by its address.
  private var isExempt: Bool {
    let limits = service.limiter.limits
    if let own = connection.identity, limits.exemptScopes.contains(own.scope) { return true }
    return limits.exemptAddresses.contains(connection.address)
  }
}
