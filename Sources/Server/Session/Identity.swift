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

  package init(user: UserID, username: Username, scope: Scope, token: TokenID? = nil) {
    self.user = user
    self.username = username
    self.scope = scope
    self.token = token
  }

  /// False from the moment on at which the token of this identity ended.
  func isValid(in service: Service) -> Bool {
    token.map { service.engine.tokens.isValid($0, at: service.clock.now) } ?? true
  }

  package var mayWrite: Bool { scope != .read }
  package var isAdmin: Bool { scope == .admin }
  /// Whether `AS` is open to it.
  package var isService: Bool { scope == .service || scope == .admin }
}
