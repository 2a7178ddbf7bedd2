/// What can be asked of a hashtag. That the actor is a moderator is the caller's to check.
package enum TagCommand: Equatable, Sendable {
  case review(trendingAllowed: Bool)
}

/// A hashtag: how much, by how many and when it is used.
///
/// Uses fall into hours by the time in the post's order key, so that a deletion takes back from the
/// very hour to which the publication added. Stories and what moderators hide do not count.
package struct TagState: Entity {
  package typealias Command = TagCommand

  /// Seven days; older uses count in the totals only.
  package static let hoursMax = 168

  package let tag: Tag
  package var own = Own()
  package var observed = Observed()

  package init(key: EntityKey) {
    guard case .tag(let tag) = key else { preconditionFailure("\(key) is not a hashtag") }
    self.tag = tag
  }

  package var sequence: UInt64 { own.sequence }

  /// Folded from the hashtag's own events.
  package struct Own: Equatable, Sendable {
    package var sequence: UInt64 = 0
    /// Nil until reviewed.
    package var trendingAllowed: Bool?

    package init() {}
  }

  /// Folded from the committed events of the posts that carry the hashtag, and of who follows it.
  package struct Observed: Equatable, Sendable {
    /// Posts that are not deleted.
    package var uses = 0
    /// By account, its posts that are not deleted; an account without any is absent.
    package var accounts: [UserID: UInt32] = [:]
    /// Ascending; hours without uses are absent.
    package var hours: ContiguousArray<TagHour> = []
    /// When the hashtag was first and last put to use; a deletion does not change that.
    package var firstUsed: Instant?
    package var lastUsed: Instant?
    /// Accounts that follow the hashtag.
    package var followers = 0

    package init() {}
  }

  /// Accounts with at least one post that is not deleted. O(1).
  package var accountCount: Int { observed.accounts.count }

  /// Uses in hours since 1970 from `from` to `through`, as far as they are kept.
  package func uses(from: Int64, through: Int64) -> Int {
    observed.hours.reduce(0) { $0 + ($1.hour >= from && $1.hour <= through ? $1.uses : 0) }
  }

  package func decide(
    _ command: TagCommand, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision {
    switch command {
    case .review(let trendingAllowed):
      if own.trendingAllowed == trendingAllowed { return Decision([], .ok) }
      return Decision([Draft(.tag(.reviewed(trendingAllowed: trendingAllowed)))], .ok)
    }
  }
}

/// The uses in one hour.
package struct TagHour: Equatable, Sendable {
  package static let lengthMs: Int64 = 3_600_000

  /// Hours since 1970-01-01 UTC.
  package let hour: Int64
  package var uses: Int

  package init(hour: Int64, uses: Int) {
    self.hour = hour
    self.uses = uses
  }
}
