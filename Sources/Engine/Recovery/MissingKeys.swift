package import Domain
internal import Entities
internal import Journal

/// Why an engine does not start: people wrote text, and their keys are not there.
package struct MissingKeys: Error, Equatable, CustomStringConvertible {
  package let count: Int
  package let first: UserID
  /// The data directory; nil for a journal on another disk.
  package let directory: String?

  package var description: String {
    let keys = count == 1 ? "key of 1 person" : "keys of \(count) people"
    return "\(directory ?? "DIR")/keys does not hold the \(keys) who wrote text and are not "
      + "erased, the first is user:\(first): put back the keys that belong to this journal, or "
      + "restore a backup with roost restore --keys"
  }
}

/// Finds who has sealed text in a shard, on the shard's thread.
actor AuthorFinder {
  private let directory: Directory
  private let executor: any SerialExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(directory: Directory, executor: any SerialExecutor) {
    self.directory = directory
    self.executor = executor
  }

  func authors() async -> Set<UserID> {
    var authors: Set<UserID> = []
    // In an order that does not depend on the process: each is waited for.
    let users = directory.users.all().sorted { $0.key.stableHash < $1.key.stableHash }
    let posts = directory.posts.all().sorted { $0.key.stableHash < $1.key.stableHash }
    for user in users {
      let author = await user.read { $0.own.texts.areSomewhere ? $0.id : nil }.value
      if let author { authors.insert(author) }
    }
    for post in posts {
      let author = await post.read {
        $0.own.textPosition > .zero ? $0.own.facts?.author : nil
      }.value
      if let author { authors.insert(author) }
    }
    return authors
  }
}

extension TextPositions {
  /// Whether there is any text; a sign-up alone may be without.
  fileprivate var areSomewhere: Bool {
    [passwordHash, name, bio, avatar, email].contains { $0 > .zero }
  }
}
