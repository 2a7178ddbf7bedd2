/// What can be asked of a person's entity. The actor is that person, but where moderators and
/// admins act.
package enum UserCommand: Equatable, Sendable {
  /// Secret: those of password hash, email and name that were given. That the username is free is
  /// the directory's to know.
  case signUp(username: Username, secret: Secret?)
  /// Secret: password hash. That the old password fits is the caller's to check.
  /// Ends all their tokens but `keeping`, which is that of the connection that asks.
  case changePassword(secret: Secret, keeping: TokenID? = nil)
  /// Nil leaves a setting as it is. Secret: those of name, bio, avatar and email that change.
  case changeProfile(isPrivate: Bool?, messages: MessagePolicy?, secret: Secret?)
  /// `granted` is the scope of the session that asks. Secret: label.
  case issueToken(
    TokenID, scope: Scope, expires: Instant?, hash: [UInt8], secret: Secret?, granted: Scope)
  case revokeToken(TokenID)
  /// Answers `following` or `requested`.
  case follow(UserID, targetIsPrivate: Bool)
  case unfollow(UserID)
  case accept(UserID)
  case reject(UserID)
  case block(UserID)
  case unblock(UserID)
  case mute(UserID)
  case unmute(UserID)
  case readInbox(through: Position)
  /// One by one, all in one decision.
  case readInboxItems([Position])
  /// Secret: link, perhaps alt. Answers the id.
  case addMedia(MediaID, MediaKind, secret: Secret)
  /// By an admin: whether the account is who it says.
  case verify(Bool)
  /// The person wants to be forgotten. That the password fits is the caller's to check, and so is
  /// the destruction of the key once this is durable. Nothing is decided after it.
  case erase
  case list(ListCommand)
  case keep(KeepCommand)
  case report(ReportCommand)
  /// Gives a command with an idempotency key, but without any other event, a record to hang on;
  /// answers what that command answered.
  case answerRequest(Outcome)
  /// A command that rests on a log-in or a password, which the caller has checked: DENIED if that
  /// has ended since. Between the check and the decision others have their turn.
  indirect case resting(on: Proof, UserCommand)
}

/// What shows that somebody speaks for a person.
package enum Proof: Hashable, Sendable {
  /// The password that is written at this position.
  case password(Position)
  case token(TokenID)
}
