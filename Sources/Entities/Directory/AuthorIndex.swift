package import Domain
private import Synchronization

/// Everybody who has sealed text with their key. Follows the committed events.
///
/// 8 bytes a person, and a set of those who came lately.
package final class AuthorIndex: Sendable {
  private struct Authors: Sendable {
    /// Ascending.
    var settled: [UserID] = []
    var recent: Set<UserID> = []

    func contains(_ user: UserID) -> Bool {
      settled.sortedIndex(of: user) != nil || recent.contains(user)
    }

    mutating func settle() {
      settled = (settled + recent).sorted()
      recent = []
    }
  }

  /// So many may have come lately before they are sorted in; or an eighth of all, if that is more.
  private static let recentMin = 4_096

  private let authors = Mutex(Authors())

  package init() {}

  package func insert(_ user: UserID) {
    authors.withLock { authors in
      guard !authors.contains(user) else { return }
      authors.recent.insert(user)
      if authors.recent.count > max(Self.recentMin, authors.settled.count / 8) { authors.settle() }
    }
  }

  /// Takes in those whom a snapshot names, ascending, each once. Only where there is nobody yet.
  package func adopt(_ users: [UserID]) {
    authors.withLock { authors in
      precondition(authors.settled.isEmpty, "a snapshot is taken in first")
      authors.settled = users
    }
  }

  /// Follows a committed event.
  package func fold(_ record: Record) {
    if record.hasSecret { insert(record.actor) }
  }

  /// All, ascending.
  package var all: [UserID] {
    authors.withLock { authors in
      authors.settle()
      return authors.settled
    }
  }
}
