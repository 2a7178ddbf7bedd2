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

/// What a connection can rest on: valid tokens by the BLAKE2b-256 digest of their text, and which
/// passwords were replaced since this process started. Follows the committed events.
package final class TokenIndex: Sendable {
  private struct Tokens: Sendable {
    var holders: [[UInt8]: TokenHolder] = [:]
    var digests: [TokenID: [UInt8]] = [:]
    /// When a token was last logged in with, in this process.
    var lastUses: [TokenID: Instant] = [:]
    /// By person, where this process saw the newest end of a password: a change, or the erasure.
    var passwordEnds: [UserID: Position] = [:]
    /// With so many tokens the expired ones are swept out.
    var sweptAt = TokenIndex.sweptAtMin
  }

  private static let sweptAtMin = 1_024

  private let tokens = Mutex(Tokens())
  private let ends = Atomic<UInt64>(0)

  package init() {}

  /// Changes after each end of a token or a password: what was found to be good before, but for
  /// its time, is good while this stays. One atomic load.
  package var epoch: UInt64 { ends.load(ordering: .acquiring) }

  package func add(_ digest: [UInt8], _ holder: TokenHolder) {
    tokens.withLock { tokens in
      tokens.holders[digest] = holder
      tokens.digests[holder.token] = digest
    }
  }

  package func remove(_ token: TokenID) {
    tokens.withLock { Self.remove(token, from: &$0) }
    noteEnd()
  }

  /// After the end itself: whoever sees the old epoch may have seen what was before.
  private func noteEnd() { ends.wrappingAdd(1, ordering: .releasing) }

  /// When a valid token ends by the clock; nil for one without an end, and for no token.
  package func expiry(of token: TokenID?) -> Instant? {
    guard let token else { return nil }
    return tokens.withLock { tokens in
      tokens.digests[token].flatMap { tokens.holders[$0]?.expires }
    }
  }

  private static func remove(_ token: TokenID, from tokens: inout Tokens) {
    if let digest = tokens.digests.removeValue(forKey: token) { tokens.holders[digest] = nil }
    tokens.lastUses[token] = nil
  }

  /// All that were neither revoked nor swept out, in no order.
  package var all: [(digest: [UInt8], holder: TokenHolder)] {
    tokens.withLock { $0.holders.map { ($0.key, $0.value) } }
  }

  /// Somebody logged in with it.
  package func noteUse(of token: TokenID, at now: Instant) {
    tokens.withLock { tokens in
      if tokens.digests[token] != nil { tokens.lastUses[token] = now }
    }
  }

  /// Nil if it was not used since the process started.
  package func lastUse(of token: TokenID) -> Instant? { tokens.withLock { $0.lastUses[token] } }

  /// Whether a person's password, written at this position, has not been replaced.
  package func isNewest(_ password: Position, of user: UserID) -> Bool {
    tokens.withLock { password >= $0.passwordEnds[user] ?? .zero }
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
    } else if case .passwordChanged = event {
      tokens.withLock { $0.passwordEnds[user] = record.position }
      noteEnd()
    } else if case .erased = event {
      removeAll(of: user, at: record.position)
    }
  }

  /// Nothing that an erased person had leads anywhere any more.
  private func removeAll(of user: UserID, at position: Position) {
    tokens.withLock { tokens in
      tokens.passwordEnds[user] = position
      for holder in tokens.holders.values where holder.user == user {
        Self.remove(holder.token, from: &tokens)
      }
    }
    noteEnd()
  }

  /// Forgets what has expired; at a doubling, so that each token is looked at a few times in all.
  private func sweep(at now: Instant) {
    tokens.withLock { tokens in
      guard tokens.holders.count >= tokens.sweptAt else { return }
      for (digest, holder) in tokens.holders {
        guard let expires = holder.expires, expires <= now else { continue }
        tokens.holders[digest] = nil
        tokens.digests[holder.token] = nil
        tokens.lastUses[holder.token] = nil
      }
      tokens.sweptAt = max(Self.sweptAtMin, tokens.holders.count * 2)
    }
  }
}
