import Domain
import Projections

extension ReadModels {
  /// Whether a person's public posts are for followers only; known on every shard.
  func isPrivate(_ user: UserID) -> Bool {
    people.index(of: user).map { people.isPrivate($0) } ?? false
  }

  /// The inbox item whose newest cause is the event at this position, if that event notified.
  func notification(of owner: UserID, causedAt position: Position) -> InboxEntry? {
    let newest = inboxPage(of: owner, asOf: position, limit: 1).first?.item
    return newest?.newestCause == position ? newest : nil
  }
}
