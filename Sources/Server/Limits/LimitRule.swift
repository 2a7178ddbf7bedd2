/// What can be limited; a limits file has a line for each.
package enum LimitRule: UInt8, CaseIterable, Sendable {
  // Of an account.
  case reads, posts, replies, likes, follows, messages, logins
  // Of an address: reads before log-in, attempts to log in, and sign-ups.
  case readsPerAddress, loginsPerAddress, signupsPerAddress
  /// Passwords that do not fit, of one username: see `LogInGuard`.
  case wrongPasswords

  /// As a limits file writes it.
  package var name: String {
    switch self {
    case .reads: "reads"
    case .posts: "posts"
    case .replies: "replies"
    case .likes: "likes"
    case .follows: "follows"
    case .messages: "messages"
    case .logins: "logins"
    case .readsPerAddress: "reads-per-address"
    case .loginsPerAddress: "logins-per-address"
    case .signupsPerAddress: "signups-per-address"
    case .wrongPasswords: "wrong-passwords"
    }
  }
}

extension CommandSpec.RateClass {
  /// What calls of a connection that is logged in count towards.
  var accountRule: LimitRule? {
    switch self {
    case .read: .reads
    case .post: .posts
    case .reply: .replies
    case .like: .likes
    case .follow: .follows
    case .message: .messages
    case .login: .logins
    case .signup, .connection, .operate: nil
    }
  }

  /// What calls count towards where no account answers for them.
  var addressRule: LimitRule? {
    switch self {
    case .read: .readsPerAddress
    case .login: .loginsPerAddress
    case .signup: .signupsPerAddress
    // The first need a log-in, the others are free.
    case .post, .reply, .like, .follow, .message, .connection, .operate: nil
    }
  }

  var isLimited: Bool { accountRule != nil || addressRule != nil }
}
