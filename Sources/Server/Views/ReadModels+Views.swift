import Domain
import Projections

extension ReadModels {
  /// Whether a person's public posts are for followers only; known on every shard.
  func isPrivate(_ user: UserID) -> Bool {
    people.index(of: user).map { people.isPrivate($0) } ?? false
  }
}
