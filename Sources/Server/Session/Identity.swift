package import Domain
import Engine
import Entities

/// Who a connection speaks for.
package struct Identity: Hashable, Sendable {
  package var user: UserID
  package var username: Username
  package var scope: Scope
  /// Nil after SIGNUP and AUTH with a password.
  package var token: TokenID?
  /// After these, where that password is written; nil for a token, and for what AS lends.
  package var password: Position?

  package init(
    user: UserID, username: Username, scope: Scope, token: TokenID? = nil,
    password: Position? = nil
  ) {
    self.user = user
    self.username = username
    self.scope = scope
    self.token = token
    self.password = password
  }

  /// False from the moment on at which the token or the password of this identity ended.
  func isValid(in service: Service) -> Bool {
    hasValidToken(in: service)
      && password.map { service.engine.tokens.isNewest($0, of: user) } ?? true
  }

  /// Of what is pushed, a token's end alone is asked about: it can come by the clock. Whoever ends
  /// a password ends the connections that came with it.
  func hasValidToken(in service: Service) -> Bool {
    token.map { service.engine.tokens.isValid($0, at: service.clock.now) } ?? true
  }

  /// Nil for what AS lends.
  var proof: Proof? { token.map { .token($0) } ?? password.map { .password($0) } }

  package var mayWrite: Bool { scope != .read }
  package var isAdmin: Bool { scope == .admin }
  package var isModerator: Bool { scope == .moderator || scope == .admin }
  /// Whether `AS` is open to it.
  package var isService: Bool { scope == .service || scope == .admin }
}

/// That a token or a password was found to be good: worth remembering, since that holds until one
/// of any person's ends, which is rare, or its time is over.
struct Vouched: Sendable {
  private let user: UserID
  private let token: TokenID?
  private let password: Position?
  private let epoch: UInt64
  private let until: Instant?

  init(_ identity: Identity, epoch: UInt64, until: Instant?) {
    user = identity.user
    token = identity.token
    password = identity.password
    self.epoch = epoch
    self.until = until
  }

  func holds(for identity: Identity, at epoch: UInt64, _ clock: any Clock) -> Bool {
    self.epoch == epoch && user == identity.user && token == identity.token
      && password == identity.password && (until.map { clock.now < $0 } ?? true)
  }
}
