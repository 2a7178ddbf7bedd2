/// A person: name, credentials, settings, tokens, and the relations they own.
///
/// Personal text is never here: states keep the position whose sealed text is the newest.
/// Followers are the follow graph's to know; here is only what the person's own decisions need.
package struct UserState: Entity {
  package typealias Command = UserCommand

  package static let followsMax = 100_000
  package static let blocksMax = 100_000
  package static let mutesMax = 100_000
  package static let tokensMax = 100
  /// Pictures and films ever added.
  package static let mediaMax = 100_000
  /// Inbox items read one by one since the inbox was last read as a whole.
  package static let inboxItemsReadMax = 100_000

  package let id: UserID
  package var own = Own()
  package var observed = Observed()

  package init(key: EntityKey) {
    guard case .user(let id) = key else { preconditionFailure("\(key) is not a user") }
    self.id = id
  }

  package var sequence: UInt64 { own.sequence }

  /// Folded from the person's own events.
  package struct Own: Equatable, Sendable {
    package var sequence: UInt64 = 0
    /// Nil before sign-up.
    package var username: Username?
    package var created = Instant(ms: 0)
    package var texts = TextPositions()
    package var isPrivate = false
    package var messages = MessagePolicy.everyone
    package var tokens = IDMap<TokenID, UserToken>()
    /// Claims to follow: by user, the position of the newest following. See `FollowRelation`.
    package var follows = PositionMap()
    /// Claims to follow: by user, the position of the newest request.
    package var requests = PositionMap()
    /// The person's verdicts on being followed, blocks included.
    package var verdicts = IDMap<UserID, FollowVerdict>()
    package var mutes = IDSet<UserID>()
    /// Inbox items made at or before this position are read.
    package var inboxReadThrough = Position.zero
    /// Inbox items after `inboxReadThrough` that were read one by one, ascending.
    package var inboxItemsRead: ContiguousArray<UInt64> = []
    package var media = IDMap<MediaID, UserMedium>()
    /// By an admin: whether the account is who it says.
    package var isVerified = false
    /// Whether the person asked to be forgotten.
    package var isErased = false
    /// What few people have.
    package var extras = Rare<UserExtras>()

    package init() {}
  }

  /// Folded from the committed events of others.
  package struct Observed: Equatable, Sendable {
    /// By user, the position of the newest request to follow that was not taken back.
    package var requests = PositionMap()
    /// The verdicts of others on being followed by this person, blocks included.
    package var verdicts = IDMap<UserID, FollowVerdict>()
    /// Published and neither deleted nor hidden by moderators, replies and stories not included.
    package var posts = 0
    package var replies = 0

    package init() {}
  }
}

/// Where the newest sealed text of each kind is; `Position.zero` where there is none.
package struct TextPositions: Equatable, Sendable {
  package var signUp = Position.zero
  package var passwordHash = Position.zero
  package var name = Position.zero
  package var bio = Position.zero
  package var avatar = Position.zero
  package var email = Position.zero

  package init() {}

  mutating func note(_ fields: Secret.Fields, at position: Position) {
    if fields.contains(.passwordHash) { passwordHash = position }
    if fields.contains(.name) { name = position }
    if fields.contains(.bio) { bio = position }
    if fields.contains(.avatar) { avatar = position }
    if fields.contains(.email) { email = position }
  }
}

/// An access token that was issued and not revoked.
package struct UserToken: Equatable, Sendable {
  package var scope: Scope
  /// Nil: never.
  package var expires: Instant?
  /// BLAKE2b-256 of the token's text.
  package var hash: [UInt8]
  package var issued: Instant
  /// `Position.zero` if it has no label.
  package var labelPosition: Position

  package init(
    scope: Scope, expires: Instant?, hash: [UInt8], issued: Instant, labelPosition: Position
  ) {
    self.scope = scope
    self.expires = expires
    self.hash = hash
    self.issued = issued
    self.labelPosition = labelPosition
  }

  /// From the moment `expires` on, the token is dead.
  package func isValid(at now: Instant) -> Bool { expires.map { now < $0 } ?? true }
}
