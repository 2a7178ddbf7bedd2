package import Domain

/// Where each person's key is. Kept apart from the journal, so that destroying a key erases the
/// text wherever its ciphertext went.
package protocol KeyStore: Sendable {
  func key(of user: UserID) throws(JournalError) -> KeyLookup
  /// Durable when it returns. Keeps keys that exist, and does not revive destroyed ones.
  func add(_ keys: [(user: UserID, key: [UInt8])]) throws(JournalError)
  /// The key is gone when it returns, durably; see each store for what that means.
  func destroy(_ user: UserID) throws(JournalError)
  /// Those of whom there is a key or was one, ascending, from after a user on; at most `max`.
  func keys(
    after user: UserID?, max: Int
  ) throws(JournalError) -> [(user: UserID, lookup: KeyLookup)]
  /// Every stored key fits its checksum.
  func check() throws(JournalError)
  func close()
}

extension KeyStore {
  /// Calls `body` with everybody of whom there is a key or was one, ascending. So many at a time:
  /// what `body` does holds up no writer and keeps no page of the store from being used again.
  package func forEach(
    pageMax: Int = 4_096, _ body: (UserID, KeyLookup) throws(JournalError) -> Void
  ) throws(JournalError) {
    var last: UserID?
    while true {
      let page = try keys(after: last, max: pageMax)
      for (user, lookup) in page { try body(user, lookup) }
      guard let newest = page.last, page.count == pageMax else { return }
      last = newest.user
    }
  }
}

package enum KeyLookup: Equatable, Sendable {
  case key([UInt8])
  case destroyed
  case absent
}
