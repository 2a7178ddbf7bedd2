import Domain

/// With whose eyes a subscription looks.
struct Viewpoint: Hashable, Sendable {
  /// Nil for an anonymous connection.
  var user: UserID?
  /// Whether they look at single posts as a moderator.
  var isModerator = false

  init(user: UserID?, isModerator: Bool = false) {
    self.user = user
    self.isModerator = isModerator
  }

  init(_ identity: Identity?) {
    user = identity?.user
    isModerator = identity.map { $0.scope == .moderator || $0.scope == .admin } ?? false
  }
}
