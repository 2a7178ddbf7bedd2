extension UserState {
  package func decide(
    _ command: UserCommand, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision {
    if own.isErased { throw .erasedUser }
    guard actor == id || command.isByOthers else {
      throw Rejection(.denied, "that is another person's to do")
    }
    if case .signUp(let username, let secret) = command {
      return try decideSignUp(username, secret)
    }
    guard isSignedUp else { throw .noSuchUser }
    switch command {
    case .signUp(let username, let secret):
      return try decideSignUp(username, secret)
    case .changePassword(let secret, let kept):
      return try decideChangePassword(secret, keeping: kept, now)
    case .changeProfile(let isPrivate, let messages, let secret):
      return try decideChangeProfile(isPrivate, messages, secret)
    case .issueToken(let token, let scope, let expires, let hash, let secret, let granted):
      try secret?.validateLabel()
      try checkToken(token, scope, expires, granted, now)
      let event = UserEvent.tokenIssued(token, scope: scope, expires: expires, hash: hash)
      return Decision([Draft(.user(event), secret: secret)], .id(token.raw))
    case .revokeToken(let token):
      guard own.tokens[token]?.isValid(at: now) ?? false else { throw .noSuchToken }
      return ok(.tokenRevoked(token))
    case .follow(let other, let targetIsPrivate):
      return try decideFollow(other, targetIsPrivate)
    case .unfollow(let other):
      return ok(ending(other))
    case .accept(let other):
      return try decideAnswer(other, .followAccepted(other))
    case .reject(let other):
      return try decideAnswer(other, .followRejected(other))
    case .block(let other):
      return try decideBlock(other)
    case .unblock(let other):
      return ok(isBlocking(other) ? .unblocked(other) : nil)
    case .mute(let other):
      return try decideMute(other)
    case .unmute(let other):
      return ok(isMuting(other) ? .unmuted(other) : nil)
    case .readInbox(let through):
      return ok(through > own.inboxReadThrough ? .inboxRead(through: through) : nil)
    case .readInboxItems(let positions):
      return try decideReadItems(positions)
    case .addMedia(let media, let kind, let secret):
      return try decideAddMedia(media, kind, secret)
    case .verify(let isVerified):
      return ok(isVerified == own.isVerified ? nil : .verified(isVerified))
    case .erase:
      return ok(.erased)
    case .list(let command):
      return try decideList(command)
    case .keep(let command):
      return try decideKeep(command)
    case .report(let command):
      return try decideReport(command)
    case .answerRequest(let outcome):
      return Decision([Draft(.user(.requestAnswered))], outcome)
    case .resting(let proof, let command):
      try check(proof, now)
      return try decide(command, by: actor, at: now)
    }
  }

  private func check(_ proof: Proof, _ now: Instant) throws(Rejection) {
    let holds =
      switch proof {
      case .password(let position): position == credentialPosition
      case .token(let token): own.tokens[token]?.isValid(at: now) ?? false
      }
    guard holds else {
      throw Rejection(.denied, "the password or token that this rests on has ended meanwhile")
    }
  }

  private func ok(_ event: UserEvent?) -> Decision {
    Decision(event.map { [Draft(.user($0))] } ?? [], .ok)
  }

  private func decideSignUp(
    _ username: Username, _ secret: Secret?
  ) throws(Rejection) -> Decision {
    guard !isSignedUp else { throw Rejection(.conflict, "this person is signed up already") }
    try secret?.validateProfile()
    let event = UserEvent.signedUp(username: username, fields: secret?.fieldSet ?? [])
    return Decision([Draft(.user(event), secret: secret)], .id(id.raw))
  }

  /// Whoever learnt the old password may have made tokens with it: they end in the same decision.
  /// The change comes last, so that the decision's position is where the new hash is.
  private func decideChangePassword(
    _ secret: Secret, keeping kept: TokenID?, _ now: Instant
  ) throws(Rejection) -> Decision {
    guard secret.fieldSet == .passwordHash else {
      throw Rejection(.invalid, "a change of password carries a password hash and nothing else")
    }
    let ended = own.tokens.entries.filter { $0.key != kept && $0.value.isValid(at: now) }
    let revocations = ended.map { Draft(.user(.tokenRevoked($0.key))) }
    return Decision(revocations + [Draft(.user(.passwordChanged), secret: secret)], .ok)
  }

  /// Text cannot be compared with what it replaces, which is sealed: text always makes an event.
  /// Opening a private account leaves requests pending; to ask again follows at once.
  private func decideChangeProfile(
    _ isPrivate: Bool?, _ messages: MessagePolicy?, _ secret: Secret?
  ) throws(Rejection) -> Decision {
    try secret?.validateProfile()
    let fields = secret?.fieldSet ?? []
    guard !fields.contains(.passwordHash) else {
      throw Rejection(.invalid, "a profile has no password")
    }
    let newPrivate = isPrivate == own.isPrivate ? nil : isPrivate
    let newMessages = messages == own.messages ? nil : messages
    if newPrivate == nil, newMessages == nil, fields.isEmpty { return Decision([], .ok) }
    let event = UserEvent.profileChanged(
      isPrivate: newPrivate, messages: newMessages, fields: fields)
    return Decision([Draft(.user(event), secret: fields.isEmpty ? nil : secret)], .ok)
  }

  private func checkToken(
    _ token: TokenID, _ scope: Scope, _ expires: Instant?, _ granted: Scope, _ now: Instant
  ) throws(Rejection) {
    switch scope {
    case .read, .write:
      break
    case .service, .moderator, .admin:
      guard granted == .admin else {
        throw Rejection(.denied, "only an admin makes service, moderator and admin tokens")
      }
    }
    if let expires, expires <= now {
      throw Rejection(.invalid, "a token must expire in the future")
    }
    guard own.tokens[token] == nil else {
      throw Rejection(.conflict, "there is a token with this id already")
    }
    let valid = own.tokens.entries.count { $0.value.isValid(at: now) }
    guard valid < Self.tokensMax else {
      throw Rejection(.denied, "at most \(Self.tokensMax) tokens; revoke one first")
    }
  }
}

extension UserCommand {
  /// Whether it is for others to ask.
  fileprivate var isByOthers: Bool {
    switch self {
    case .verify, .report(.close): true
    case .report(.make), .signUp, .changePassword, .changeProfile, .issueToken, .revokeToken,
      .follow, .unfollow, .accept, .reject, .block, .unblock, .mute, .unmute, .readInbox,
      .readInboxItems, .addMedia, .list, .keep, .erase, .answerRequest,
      .resting:
      false
    }
  }
}
