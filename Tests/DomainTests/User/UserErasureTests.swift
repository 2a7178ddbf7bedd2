import Domain
import Testing

struct UserErasureTests {
  private func token(_ raw: UInt64, expires: Instant? = nil) -> UserCommand {
    .issueToken(
      TokenID(raw), scope: .write, expires: expires, hash: [UInt8](repeating: 1, count: 32),
      secret: nil, granted: .write)
  }

  @Test func `being erased is one event, and the last one`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    #expect(try user.when(.erase) == [.erased])
    #expect(user.state.own.isErased)
    let name = try #require(Username("other"))
    let commands: [UserCommand] = [
      .erase, .signUp(username: name, secret: nil), .mute(bert), .unmute(bert), .unfollow(bert),
      .changePassword(secret: Secret([.passwordHash: "new"])), token(1), .revokeToken(TokenID(1)),
      .readInbox(through: Position(1)), .answerRequest(.ok),
    ]
    for command in commands { #expect(user.refusal(of: command) == .gone) }
    #expect(user.refusal(of: .verify(true), by: bert) == .gone)
    #expect(user.refusal(of: .mute(carl), by: bert) == .gone)
  }

  @Test func `what could log in and where texts are is forgotten, relations stay`() throws {
    var user = Scenario<UserState>(.user(anna))
    let name = try #require(Username("anna"))
    let secret = Secret([.passwordHash: "hash", .name: "Anna", .email: "a@b.c"])
    try user.when(.signUp(username: name, secret: secret), by: anna)
    try user.when(token(1))
    try user.when(.follow(bert, targetIsPrivate: false))
    try user.when(.block(carl))
    try user.when(.addMedia(MediaID(3), .image, secret: Secret([.link: "https://a.example/1"])))
    try user.when(.verify(true), by: .system)
    try user.when(.erase)
    #expect(user.state.credentialPosition == nil)
    #expect(user.state.own.texts == TextPositions())
    #expect(user.state.own.tokens.isEmpty)
    #expect(user.state.own.media.isEmpty)
    #expect(!user.state.own.isVerified)
    #expect(user.state.own.username == name)
    #expect(user.state.isFollowing(bert))
    #expect(user.state.isBlocking(carl))
  }

  @Test(arguments: PostStatus.allCases)
  func `of an erased author's posts, those that others could see leave a place`(
    _ status: PostStatus
  ) {
    let now = Instant(ms: 5)
    let after = status.effective(expires: nil, at: now, authorIsErased: true)
    switch status {
    case .published, .expired, .erased: #expect(after == .erased)
    case .draft, .scheduled, .underReview, .removed, .deleted: #expect(after == .deleted)
    }
    #expect(status.effective(expires: nil, at: now, authorIsErased: false) == status)
    let expired = status.effective(expires: now, at: now, authorIsErased: false)
    #expect(expired == (status == .published ? .expired : status))
  }

  @Test func `what others do is folded after an erasure as before`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(.erase)
    user.given(.blocked(anna), of: bert)
    #expect(user.state.isBlocked(by: bert))
  }

  @Test func `what rests on a password or a token is denied once that has ended`() throws {
    var user = Scenario<UserState>(.user(anna))
    let name = try #require(Username("anna"))
    try user.when(.signUp(username: name, secret: Secret([.passwordHash: "old"])), by: anna)
    try user.when(token(1, expires: user.now.adding(ms: 10)))
    let old = try #require(user.state.credentialPosition)
    for proof in [Proof.password(old), .token(TokenID(1))] {
      var other = user
      #expect(try other.when(.resting(on: proof, .erase)) == [.erased])
      #expect(user.refusal(of: .resting(on: proof, .erase), by: bert) == .denied)
    }
    try user.when(.changePassword(secret: Secret([.passwordHash: "new"]), keeping: TokenID(1)))
    #expect(user.refusal(of: .resting(on: .password(old), .erase)) == .denied)
    var other = user
    #expect(try other.when(.resting(on: .token(TokenID(1)), token(2))).count == 1)
    var revoked = user
    try revoked.when(.revokeToken(TokenID(1)))
    #expect(revoked.refusal(of: .resting(on: .token(TokenID(1)), token(2))) == .denied)
    user.now = user.now.adding(ms: 10)
    #expect(user.refusal(of: .resting(on: .token(TokenID(1)), token(2))) == .denied)
    let new = try #require(user.state.credentialPosition)
    #expect(try user.when(.resting(on: .password(new), .erase)) == [.erased])
  }

  @Test func `nobody erases another`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: .erase, by: bert) == .denied)
  }

  @Test func `to be verified is what others say, and saying it again says nothing`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    #expect(try user.when(.verify(false), by: dora).events == [])
    #expect(try user.when(.verify(true), by: dora).events == [.user(.verified(true))])
    #expect(user.state.own.isVerified)
    #expect(try user.when(.verify(true), by: carl).events == [])
    #expect(try user.when(.verify(false), by: carl).events == [.user(.verified(false))])
    #expect(!user.state.own.isVerified)
  }

  @Test func `nobody is verified before signing up`() {
    let user = Scenario<UserState>(.user(anna))
    #expect(user.refusal(of: .verify(true), by: dora) == .notFound)
  }

  @Test func `a new password ends all tokens but that of who asks, and comes last`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    for raw: UInt64 in [1, 2, 3] { try user.when(token(raw)) }
    try user.when(token(4, expires: user.now.adding(ms: 10)))
    user.now = user.now.adding(ms: 10)
    let secret = Secret([.passwordHash: "new"])
    let events = try user.when(.changePassword(secret: secret, keeping: TokenID(2)))
    #expect(
      events == [.tokenRevoked(TokenID(1)), .tokenRevoked(TokenID(3)), .passwordChanged])
    #expect(user.state.own.tokens[TokenID(2)] != nil)
    #expect(user.state.credentialPosition == user.position)
  }
}
