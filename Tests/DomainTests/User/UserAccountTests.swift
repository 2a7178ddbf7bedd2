import Domain
import Testing

struct UserAccountTests {
  @Test func `signing up makes one event and answers the id`() throws {
    var user = Scenario<UserState>(.user(anna))
    let name = try #require(Username("Anna"))
    let secret = Secret([.passwordHash: "$argon2id$…", .name: "Anna A."])
    let result = try user.when(.signUp(username: name, secret: secret), by: anna)
    let event = UserEvent.signedUp(username: name, fields: [.passwordHash, .name])
    #expect(result.drafts == [Draft(.user(event), secret: secret)])
    #expect(result.outcome == .id(10))
    #expect(user.state.own.username?.text == "anna")
    #expect(user.state.own.created == user.now)
    #expect(user.state.credentialPosition == Position(1))
    #expect(user.state.own.texts.name == Position(1))
    #expect(user.state.own.texts.bio == .zero)
  }

  @Test func `who signs up without a password cannot log in`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.state.credentialPosition == nil)
    #expect(user.state.isSignedUp)
  }

  @Test func `nobody signs up twice`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    let name = try #require(Username("other"))
    #expect(user.refusal(of: .signUp(username: name, secret: nil)) == .conflict)
  }

  @Test func `before signing up there is nobody`() {
    let user = Scenario<UserState>(.user(anna))
    #expect(user.refusal(of: .mute(bert)) == .notFound)
  }

  @Test func `nobody acts for another`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: .mute(carl), by: bert) == .denied)
  }

  @Test func `a new password moves the credentials`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let events = try user.when(.changePassword(secret: Secret([.passwordHash: "new"])))
    #expect(events == [.passwordChanged])
    #expect(user.state.credentialPosition == Position(2))
  }

  @Test func `a change of password carries a hash and nothing else`() throws {
    let user = try Scenario<UserState>.signedUp(anna)
    #expect(user.refusal(of: .changePassword(secret: Secret([.name: "x"]))) == .invalid)
    let both = Secret([.name: "x", .passwordHash: "y"])
    #expect(user.refusal(of: .changePassword(secret: both)) == .invalid)
  }

  @Test func `a profile remembers where each text is newest`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let first = Secret([.name: "Anna", .bio: "physics"])
    try user.when(.changeProfile(isPrivate: nil, messages: nil, secret: first))
    try user.when(.changeProfile(isPrivate: nil, messages: nil, secret: Secret([.bio: ""])))
    #expect(user.state.own.texts.name == Position(2))
    #expect(user.state.own.texts.bio == Position(3))
  }

  @Test func `settings that stay as they are make no event`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let change = UserCommand.changeProfile(isPrivate: true, messages: .following, secret: nil)
    #expect(
      try user.when(change)
        == [.profileChanged(isPrivate: true, messages: .following, fields: [])])
    #expect(user.state.own.isPrivate)
    #expect(user.state.own.messages == .following)
    #expect(try user.when(change) == [])
    let half = UserCommand.changeProfile(isPrivate: false, messages: .following, secret: nil)
    #expect(
      try user.when(half) == [.profileChanged(isPrivate: false, messages: nil, fields: [])])
    #expect(!user.state.own.isPrivate)
    #expect(user.state.own.messages == .following)
  }

  @Test(arguments: [
    Secret([.name: String(repeating: "ä", count: 51)]),
    Secret([.bio: String(repeating: "b", count: 501)]),
    Secret([.email: "no address"]), Secret([.email: "@x"]), Secret([.email: "a@b@c"]),
    Secret([.text: "does not belong here"]), Secret([.passwordHash: "nor does this"]),
    Secret([.avatar: String(repeating: "a", count: 2_049)]),
  ])
  func `a profile keeps its bounds`(secret: Secret) throws {
    let user = try Scenario<UserState>.signedUp(anna)
    let change = UserCommand.changeProfile(isPrivate: nil, messages: nil, secret: secret)
    #expect(user.refusal(of: change) == .invalid)
  }

  @Test func `a name may have fifty characters of several code points`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let secret = Secret([.name: String(repeating: "👩🏽", count: 50)])
    let change = UserCommand.changeProfile(isPrivate: nil, messages: nil, secret: secret)
    #expect(try user.when(change).count == 1)
  }

  @Test func `a command that only answers makes an event for its key`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    #expect(try user.when(.answerRequest(.count(3))) == [.requestAnswered])
    #expect(user.state.sequence == 2)
  }
}

struct UserTokenTests {
  static func issue(
    _ id: UInt64, _ scope: Scope, expires: Instant? = nil, granted: Scope = .write
  ) -> UserCommand {
    .issueToken(
      TokenID(id), scope: scope, expires: expires, hash: [1, 2, 3],
      secret: Secret([.label: "laptop"]), granted: granted)
  }

  @Test func `a token is kept until it is revoked`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(Self.issue(7, .write))
    let token = try #require(user.state.own.tokens[TokenID(7)])
    #expect(token.scope == .write)
    #expect(token.hash == [1, 2, 3])
    #expect(token.labelPosition == Position(2))
    #expect(token.issued == user.now)
    #expect(try user.when(.revokeToken(TokenID(7))) == [.tokenRevoked(TokenID(7))])
    #expect(user.state.own.tokens.isEmpty)
    #expect(user.refusal(of: .revokeToken(TokenID(7))) == .notFound)
  }

  @Test(arguments: Scope.allCases, Scope.allCases)
  func `only an admin makes powerful tokens`(scope: Scope, granted: Scope) throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let command = Self.issue(7, scope, granted: granted)
    if scope == .read || scope == .write || granted == .admin {
      #expect(try user.when(command).count == 1)
    } else {
      #expect(user.refusal(of: command) == .denied)
    }
  }

  @Test func `a token dies at its time and makes room`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    let end = user.now.adding(ms: 1_000)
    #expect(user.refusal(of: Self.issue(1, .read, expires: user.now)) == .invalid)
    for id in 1...UInt64(UserState.tokensMax) {
      try user.when(Self.issue(id, .read, expires: end))
    }
    #expect(user.refusal(of: Self.issue(999, .read)) == .denied)
    user.now = end
    #expect(user.state.own.tokens[TokenID(1)]?.isValid(at: end.adding(ms: -1)) == true)
    #expect(user.state.own.tokens[TokenID(1)]?.isValid(at: end) == false)
    try user.when(Self.issue(999, .read))
    #expect(user.state.own.tokens.count == 1)
  }
}

struct UserInboxMarkTests {
  @Test func `reading all swallows what was read one by one`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(.readInboxItems([Position(40)]))
    try user.when(.readInboxItems([Position(20)]))
    #expect(try user.when(.readInboxItems([Position(20)])) == [])
    #expect(user.state.isInboxItemRead(Position(20)))
    #expect(!user.state.isInboxItemRead(Position(30)))
    #expect(try user.when(.readInbox(through: Position(30))) == [.inboxRead(through: Position(30))])
    #expect(user.state.isInboxItemRead(Position(30)))
    #expect(user.state.isInboxItemRead(Position(40)))
    #expect(!user.state.isInboxItemRead(Position(31)))
    #expect(user.state.own.inboxItemsRead == [40])
  }

  @Test func `a mark never goes back`() throws {
    var user = try Scenario<UserState>.signedUp(anna)
    try user.when(.readInbox(through: Position(30)))
    #expect(try user.when(.readInbox(through: Position(30))) == [])
    #expect(try user.when(.readInbox(through: Position(29))) == [])
    #expect(try user.when(.readInboxItems([Position(30)])) == [])
    #expect(user.state.own.inboxReadThrough == Position(30))
  }
}
