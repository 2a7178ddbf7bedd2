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

  package func keys(after user: UserID?, max: Int) -> [(user: UserID, lookup: KeyLookup)] {
    let rest = keys.withLock { $0 }.filter { entry in user.map { entry.key > $0 } ?? true }
    return rest.sorted { $0.key < $1.key }.prefix(max).map { ($0.key, $0.value) }
  }

  package func check() {}

  package func close() {}
}
