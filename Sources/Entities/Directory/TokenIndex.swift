package import Domain
private import Synchronization

/// What a token's digest leads to.
package struct TokenHolder: Hashable, Sendable {
  package var user: UserID
  package var token: TokenID
  package var scope: Scope
  package var expires: Instant?

  package init(user: UserID, token: TokenID, scope: Scope, expires: Instant?) {
    self.user = user
    self.token = token
    self.scope = scope
    self.expires = expires
  }
}

/// Valid tokens by the BLAKE2b-256 digest of their text; follows the committed events.
package final class TokenIndex: Sendable {
  private struct Tokens: Sendable {
    var holders: [[UInt8]: TokenHolder] = [:]
    var digests: [TokenID: [UInt8]] = [:]
    /// With so many tokens the expired ones are swept out.
    var sweptAt = TokenIndex.sweptAtMin
  }

  private static let sweptAtMin = 1_024

  private let tokens = Mutex(Tokens())

  package init() {}

  package func add(_ digest: [UInt8], _ holder: TokenHolder) {
    tokens.withLock { tokens in
      tokens.holders[digest] = holder
      tokens.digests[holder.token] = digest
    }
  }

  package func remove(_ token: TokenID) {
    tokens.withLock { tokens in
      if let digest = tokens.digests.removeValue(forKey: token) { tokens.holders[digest] = nil }
    }
  }

  /// Whether it was issued, and is neither revoked nor expired.
  package func isValid(_ token: TokenID, at now: Instant) -> Bool {
    tokens.withLock { tokens in
      guard let digest = tokens.digests[token], let holder = tokens.holders[digest] else {
        return false
      }
      return holder.expires.map { now < $0 } ?? true
    }
  }

  package var count: Int { tokens.withLock { $0.holders.count } }

  /// Who holds the token; nil if it is unknown, revoked or expired.
  package func holder(of digest: [UInt8], at now: Instant) -> TokenHolder? {
    guard let holder = tokens.withLock({ $0.holders[digest] }) else { return nil }
    if let expires = holder.expires, expires <= now { return nil }
    return holder
  }

  /// Follows a committed event.
  package func fold(_ record: Record) {
    guard case .user(let event) = record.event, case .user(let user) = record.entity else { return }
    if case .tokenIssued(let token, let scope, let expires, let hash) = event {
      add(hash, TokenHolder(user: user, token: token, scope: scope, expires: expires))
      sweep(at: record.time)
    } else if case .tokenRevoked(let token) = event {
      remove(token)
    }
  }

  /// Forgets what has expired; at a doubling, so that each token is looked at a few times in all.
  private func sweep(at now: Instant) {
    tokens.withLock { tokens in
      guard tokens.holders.count >= tokens.sweptAt else { return }
      for (digest, holder) in tokens.holders {
        guard let expires = holder.expires, expires <= now else { continue }
        tokens.holders[digest] = nil
        tokens.digests[holder.token] = nil
      }
      tokens.sweptAt = max(Self.sweptAtMin, tokens.holders.count * 2)
    }
  }
}
