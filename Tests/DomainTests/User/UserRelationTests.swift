import Domain
import Testing

struct UserRelationTests {
  static func follow(_ other: UserID, isPrivate: Bool = false) -> UserCommand {
    .follow(other, targetIsPrivate: isPrivate)
  }

  @Test func `to follow a public account follows at once and once`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let first = try user.when(Self.follow(bert), by: anna)
    #expect(first.events == [.user(.followed(bert))])
    #expect(first.outcome == .word("following"))
    let second = try user.when(Self.follow(bert, isPrivate: true), by: anna)
    #expect(second.events == [])
    #expect(second.outcome == .word("following"))
    #expect(user.state.isFollowing(bert))
    #expect(user.state.followingCount == 1)
  }

  @Test func `to follow a private account asks at once and once`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let first = try user.when(Self.follow(bert, isPrivate: true), by: anna)
    #expect(first.events == [.user(.followRequested(bert))])
    #expect(first.outcome == .word("requested"))
    let second = try user.when(Self.follow(bert, isPrivate: true), by: anna)
    #expect(second.events == [])
    #expect(second.outcome == .word("requested"))
    #expect(user.state.followState(towards: bert) == .requested)
    #expect(user.state.followingCount == 0)
  }

  @Test func `asking again after the account has opened follows`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert, isPrivate: true))
    #expect(try user.when(Self.follow(bert)) == [.followed(bert)])
    #expect(user.state.isFollowing(bert))
    #expect(try user.when(.unfollow(bert)) == [.unfollowed(bert)])
    #expect(user.state.followState(towards: bert) == .none)
  }

  @Test func `an acceptance makes the asker a follower, who may leave`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert, isPrivate: true))
    user.given(.followAccepted(anna), of: bert)
    #expect(user.state.isFollowing(bert))
    #expect(user.state.followingCount == 1)
    #expect(try user.when(Self.follow(bert, isPrivate: true)) == [])
    #expect(try user.when(.unfollow(bert)) == [.unfollowed(bert)])
    #expect(!user.state.isFollowing(bert))
    try user.when(Self.follow(bert, isPrivate: true))
    #expect(user.state.followState(towards: bert) == .requested)
  }

  @Test func `after a rejection one may ask again`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert, isPrivate: true))
    user.given(.followRejected(anna), of: bert)
    #expect(user.state.followState(towards: bert) == .none)
    #expect(try user.when(.unfollow(bert)) == [])
    #expect(try user.when(Self.follow(bert, isPrivate: true)) == [.followRequested(bert)])
    #expect(user.state.followState(towards: bert) == .requested)
  }

  @Test func `a request can be taken back`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert, isPrivate: true))
    #expect(try user.when(.unfollow(bert)) == [.followRequestWithdrawn(bert)])
    user.given(.followAccepted(anna), of: bert)
    #expect(user.state.followState(towards: bert) == .none)
    #expect(try user.when(.unfollow(bert)) == [])
  }

  @Test func `requests are answered once, and answering again is fine`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    user.given(.followRequested(anna), of: carl)
    user.given(.followRequested(anna), of: bert)
    #expect(user.state.pendingRequests == [carl, bert])
    #expect(try user.when(.accept(carl)) == [.followAccepted(carl)])
    #expect(try user.when(.accept(carl)) == [])
    #expect(try user.when(.reject(bert)) == [.followRejected(bert)])
    #expect(try user.when(.reject(bert)) == [])
    #expect(user.state.pendingRequests == [])
    user.given(.followRequested(anna), of: bert)
    #expect(user.state.pendingRequests == [bert])
  }

  @Test func `nobody answers who never asked or asks no more`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: .accept(bert)) == .notFound)
    #expect(user.refusal(of: .reject(bert)) == .notFound)
    user.given(.followRequested(anna), of: bert)
    user.given(.followRequestWithdrawn(anna), of: bert)
    #expect(user.refusal(of: .accept(bert)) == .notFound)
    user.given(.followRequested(anna), of: bert)
    user.given(.blocked(anna), of: bert)
    #expect(user.refusal(of: .accept(bert)) == .notFound)
  }

  @Test(arguments: [UserCommand.follow(anna, targetIsPrivate: false), .block(anna), .mute(anna)])
  func `nobody relates to themself`(command: UserCommand) throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: command) == .invalid)
  }

  @Test func `to block ends following, and once`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert))
    #expect(try user.when(.block(bert)) == [.unfollowed(bert), .blocked(bert)])
    #expect(try user.when(.block(bert)) == [])
    #expect(user.state.isBlocking(bert))
    #expect(!user.state.isFollowing(bert))
    #expect(user.refusal(of: Self.follow(bert)) == .denied)
    #expect(try user.when(.unblock(bert)) == [.unblocked(bert)])
    #expect(try user.when(.unblock(bert)) == [])
    #expect(!user.state.isBlocking(bert))
    #expect(!user.state.isFollowing(bert))
    #expect(try user.when(Self.follow(bert)) == [.followed(bert)])
  }

  @Test func `to block takes a request back and drops the other's`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert, isPrivate: true))
    user.given(.followRequested(anna), of: bert)
    #expect(try user.when(.block(bert)) == [.followRequestWithdrawn(bert), .blocked(bert)])
    #expect(user.state.pendingRequests == [])
    try user.when(.unblock(bert))
    #expect(user.state.pendingRequests == [])
  }

  @Test func `to block a stranger is one event`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    #expect(try user.when(.block(bert)) == [.blocked(bert)])
  }

  @Test func `who is blocked is told that there is nobody`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert))
    user.given(.blocked(anna), of: bert)
    #expect(user.state.isBlocked(by: bert))
    #expect(!user.state.isFollowing(bert))
    #expect(user.state.followingCount == 0)
    #expect(throws: Rejection.noSuchUser) {
      try user.state.decide(Self.follow(bert), by: anna, at: user.now)
    }
    #expect(try user.when(.unfollow(bert)) == [])
  }

  @Test func `an unblocking does not bring following back, a new following does`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.follow(bert))
    user.given(.blocked(anna), of: bert)
    user.given(.unblocked(anna), of: bert)
    #expect(!user.state.isFollowing(bert))
    #expect(try user.when(Self.follow(bert)) == [.followed(bert)])
    #expect(user.state.isFollowing(bert))
    #expect(user.state.followingCount == 1)
  }

  @Test func `mutes are silent and idempotent`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    #expect(try user.when(.mute(bert)) == [.muted(bert)])
    #expect(try user.when(.mute(bert)) == [])
    #expect(user.state.isMuting(bert))
    #expect(try user.when(.unmute(bert)) == [.unmuted(bert)])
    #expect(try user.when(.unmute(bert)) == [])
    #expect(!user.state.isMuting(bert))
  }

  @Test func `a person costs little at rest and little per following`() throws {
    #expect(MemoryLayout<UserState>.size <= 256)
    var user = UserState(key: .user(anna))
    for other in 1...1_000 as ClosedRange<UInt64> {
      user.own.follows[UserID(other << 22)] = Position(other)
    }
    #expect(user.own.follows.bytesReserved <= 1_000 * 14)
  }
}

/// The same event stream of two people, cut and delivered in both orders around a race.
struct FollowRaceTests {
  static func record(_ position: UInt64, _ event: UserEvent, of owner: UserID) -> Record {
    Record(
      position: Position(position), time: Instant(ms: 0), actor: owner, entity: .user(owner),
      sequence: 1, event: .user(event), hasSecret: false)
  }

  static func state(_ records: [Record]) -> FollowState {
    var relation = FollowRelation()
    for record in records { relation.fold(record, from: anna, to: bert) }
    return relation.state
  }

  @Test(
    arguments: [
      ([(5, .followed(bert), anna), (7, .blocked(anna), bert)], .none),
      ([(5, .followed(bert), anna), (4, .blocked(anna), bert)], .none),
      (
        [(5, .followed(bert), anna), (4, .blocked(anna), bert), (6, .unblocked(anna), bert)], .none
      ),
      (
        [(5, .followed(bert), anna), (6, .blocked(anna), bert), (7, .unblocked(anna), bert)], .none
      ),
      (
        [(5, .followed(bert), anna), (3, .blocked(anna), bert), (4, .unblocked(anna), bert)],
        .following
      ),
      ([(5, .followRequested(bert), anna), (4, .followAccepted(anna), bert)], .requested),
      ([(5, .followRequested(bert), anna), (6, .followAccepted(anna), bert)], .following),
      ([(5, .followRequested(bert), anna), (6, .followRejected(anna), bert)], .none),
      ([(5, .followRequested(bert), anna), (4, .followRejected(anna), bert)], .requested),
      ([(5, .followRequested(bert), anna), (4, .blocked(anna), bert)], .none),
      ([(5, .followed(bert), anna), (6, .followRejected(anna), bert)], .following),
      ([(5, .followed(bert), anna), (6, .muted(anna), bert)], .following),
      ([(5, .followed(bert), anna), (6, .followed(anna), bert)], .following),
    ] as [([(UInt64, UserEvent, UserID)], FollowState)])
  func `own and other's events commute`(
    events: [(UInt64, UserEvent, UserID)], expected: FollowState
  ) {
    let records = events.map { Self.record($0.0, $0.1, of: $0.2) }
    #expect(Self.state(records) == expected)
    #expect(Self.state(Array(records.dropFirst()) + records.prefix(1)) == expected)
  }
}
