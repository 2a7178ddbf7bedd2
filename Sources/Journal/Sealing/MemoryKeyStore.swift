package import Domain
internal import Synchronization

/// Keys in memory: for simulation. Survives the simulated loss of power, as synced keys do.
package final class MemoryKeyStore: KeyStore {
  private let keys = Mutex<[UserID: KeyLookup]>([:])

  package init() {}

  package func key(of user: UserID) -> KeyLookup {
    keys.withLock { $0[user] ?? .absent }
  }

  package func add(_ new: [(user: UserID, key: [UInt8])]) {
    keys.withLock { keys in
      for (user, key) in new where keys[user] == nil { keys[user] = .key(key) }
    }
  }

  package func destroy(_ user: UserID) {
    keys.withLock { $0[user] = .destroyed }
  }

  package func forEach(
    _ body: (UserID, KeyLookup) throws(JournalError) -> Void
  ) throws(JournalError) {
    for (user, lookup) in keys.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      try body(user, lookup)
    }
  }

  package func check() {}

  package func close() {}
}
