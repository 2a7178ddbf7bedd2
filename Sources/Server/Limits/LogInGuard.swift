import Domain
private import Synchronization

/// Keeps passwords from being guessed: wrong ones use up an allowance of their username, and while
/// that is empty no password is right.
///
/// It tells nobody which usernames exist: names that nobody has are counted too, and a locked name
/// answers as a wrong password does, after the same work. And it does not let strangers lock people
/// out: an address from which the person has logged in lately has an allowance of its own, and
/// tokens go on working.
package final class LogInGuard: Sendable {
  /// Usernames, and usernames at familiar addresses, that are counted at once.
  package static let claimsMax = 65_536

  /// Whose allowance an attempt uses.
  fileprivate enum Claim: Hashable, Sendable {
    case anywhere(Username)
    case familiar(FamiliarPlaces.Place)
  }

  /// One attempt. It is paid for before the password is looked at, so that attempts at the same
  /// time can't exceed the allowance together, and paid back if the password fits.
  package struct Attempt: Sendable {
    fileprivate var place: FamiliarPlaces.Place?
    fileprivate var claim: Claim?
    /// False while locked: then no password fits.
    package fileprivate(set) var isAllowed: Bool
  }

  private let claims: BucketKeeper<Claim>
  private let places = Mutex(FamiliarPlaces())
  private let isOn: Bool

  init(_ limits: RateLimits, claimsMax: Int = LogInGuard.claimsMax) {
    claims = BucketKeeper(limits, keysMax: claimsMax)
    isOn = !limits[.wrongPasswords].isEmpty
  }

  var counts: LimitCounts { claims.counts }

  /// Must be followed by `passed`, or by `withdraw`, or by neither if the password was wrong.
  ///
  /// - Parameter username: nil for what can't be a username; nobody guards that.
  func begin(as username: Username?, from address: NetworkAddress, at now: Instant) -> Attempt {
    guard isOn, let username else { return Attempt(isAllowed: true) }
    let place = FamiliarPlaces.Place(username: username, address: address)
    let isFamiliar = places.withLock { $0.contains(place, at: now) }
    let claim = isFamiliar ? Claim.familiar(place) : .anywhere(username)
    let waitMs = claims.take(.wrongPasswords, from: claim, at: now)
    return Attempt(place: place, claim: claim, isAllowed: waitMs == 0)
  }

  /// The password fits: the attempt costs nothing, and the address is familiar from now on.
  func passed(_ attempt: Attempt, at now: Instant) {
    precondition(attempt.isAllowed, "no password fits while its username is locked")
    withdraw(attempt, at: now)
    if let place = attempt.place { places.withLock { $0.note(place, at: now) } }
  }

  /// The password was not looked at.
  func withdraw(_ attempt: Attempt, at now: Instant) {
    guard attempt.isAllowed, let claim = attempt.claim else { return }
    claims.giveBack(.wrongPasswords, to: claim, at: now)
  }

  /// Whoever signs up is at a familiar place.
  func welcome(_ username: Username, from address: NetworkAddress, at now: Instant) {
    guard isOn else { return }
    places.withLock { $0.note(.init(username: username, address: address), at: now) }
  }
}
